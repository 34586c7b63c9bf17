"""The simulator as a server: its mailbox, its pages, its reset, many callers at once, and its end."""

import smtplib
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.simulator_quirks.portal import until


def send(simulator):
    with smtplib.SMTP("127.0.0.1", simulator.smtp_port, timeout=10) as smtp:
        smtp.sendmail("from@x.example", ["to@x.example"], "Subject: Hello\nMessage-ID: <1@x>\n\nText")


def test_a_mail_is_kept_and_can_be_cleared(simulator, portal):
    send(simulator)
    mail = portal.state()["mails"][0]
    assert (mail["message_id"], mail["to"], mail["subject"], mail["text"].strip()) == (
        "<1@x>", ["to@x.example"], "Hello", "Text",
    )  # fmt: skip
    portal.own("DELETE", "simulator/mails")
    assert portal.state()["mails"] == []


def test_recipients_can_be_refused_a_number_of_times(simulator, portal):
    portal.faults(smtp={"code": 451, "times": 1})
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(simulator)
    send(simulator)
    assert portal.state()["counts"]["mails"] == 1


def test_a_mail_server_that_is_down_closes_the_connection(simulator, portal):
    portal.faults(smtp_down=True)
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        send(simulator)


def test_a_mail_server_that_goes_down_takes_no_mail_on_a_connection_from_before(simulator, portal):
    with smtplib.SMTP("127.0.0.1", simulator.smtp_port, timeout=10) as smtp:
        smtp.ehlo()
        portal.faults(smtp_down=True)
        with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
            smtp.sendmail("from@example.com", "to@example.com", "Subject: lost\r\n\r\n")
    assert portal.state()["counts"]["mails"] == 0


def test_the_link_of_a_file_opens_a_page_that_escapes_its_title(portal):
    file_id = portal.upload(name="a&lt;b'>.pdf")
    with requests.Session() as session:
        answer = session.get(portal.file(file_id)["webUrl"], timeout=10)
    assert answer.status_code == 200
    assert "a&amp;lt;b&#x27;_.pdf" in answer.text


def test_a_reset_brings_back_the_seed(portal):
    portal.upload()
    portal.own("POST", "simulator/reset")
    state = portal.state()
    assert (state["files"], state["moves"], len(state["webhooks"])) == ([], [], 1)


def test_uploads_from_many_threads_get_an_id_each(portal, receiver):
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda n: portal.upload(name=f"Invoice {n}.pdf"), range(40)))
    assert len(ids) == 40
    until(lambda: len(receiver.posts) == 40)


def test_stopping_frees_the_port():
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url=""))
    simulator.start()
    port = int(simulator.url.rpartition(":")[2])
    simulator.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
