"""What `intake setup` asks, writes and leaves alone."""

import contextlib
import json
import os
import stat
import sys
from datetime import timedelta

from console.setup import dotenv
from console.setup.person import Person
from console.setup.webhook_step import register
from shared.docspace.client import Client
from shared.rules.file import load_rules, single_rule
from shared.store.sweeps.store import SweepStore
from simulator.portal import seed, uploads
from tests.integration.setup_command.desk import Desk
from tests.support.compose import ROOT
from tests.support.terminal import on_terminal, talk


def test_a_dry_run_changes_neither_files_nor_portal(desk: Desk) -> None:
    folders = len(desk.simulator.portal.tree.folders)
    done = desk.run("--dry-run", "--create-incoming", "--json", incoming="Accounting/New")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"], report["new_rule"]) == (0, True, "Acme Ltd")
    assert report["changes"]["DOCSPACE_API_KEY"] == "new"
    assert (list(desk.folder.iterdir()), len(desk.simulator.portal.tree.folders)) == ([], folders)


def test_a_key_from_a_file(desk: Desk) -> None:
    (desk.folder / "key").write_text("sk-simulator\n")
    assert desk.run("--dry-run", "--api-key-file", str(desk.folder / "key"), key=None).exit_code == 0


def test_a_key_for_files_alone_takes_ids_in_place_of_names(desk: Desk) -> None:
    names = desk.run(key=seed.LIMITED_KEY)
    assert (names.exit_code, "give it rooms:read, or say the room's id" in names.stderr) == (1, True)
    ids = {"room": str(seed.CLIENT_ROOM), "incoming": str(seed.INCOMING)}
    assert desk.run("--dry-run", key=seed.LIMITED_KEY, **ids).exit_code == 0


def test_a_key_that_may_not_see_webhooks_is_told_how_to_make_it_by_hand(desk: Desk, capsys) -> None:
    person = Person(on_terminal=False, says_yes=True, by_stderr=False)
    rules = single_rule("86190", "748239", "manager@example.com")
    with contextlib.closing(Client(desk.simulator.url, seed.LIMITED_KEY, pool_size=1)) as client:
        assert register(person, client, "https://hooks.example.com/docspace/webhook", "S", rules) is None
    told = capsys.readouterr().out
    assert "the address https://hooks.example.com/docspace/webhook, the DOCSPACE_WEBHOOK_SECRET of .env" in told
    assert "file.created and file.uploaded and folder.moved and folder.restored and room.restored" in told


def test_a_second_client_joins_the_first_and_a_person_s_own_rules_stay(desk: Desk) -> None:
    assert desk.run("--no-webhook").exit_code == 1, "there is no webhook, as the doctor says"
    mine = "\n# mine\n[[rule]]\nname='x'\nrooms=[1]\ndestination=2\nrecipients=['a@b.de']\nenabled=false\n"
    desk.rules_file.write_text(desk.rules_file.read_text() + mine)
    desk.run("--no-webhook", room="Globex", title="glob:*rechnung*")
    text = desk.rules_file.read_text()
    assert "\n# mine\n" in text
    rules = load_rules(desk.rules_file).rules
    assert [(rule.name, rule.enabled) for rule in rules] == [("Acme Ltd", True), ("x", False), ("Globex", True)]
    assert [str(title) for title in rules[2].titles] == ["glob:*rechnung*"]
    again = desk.run("--no-webhook", room="Globex", title="glob:*rechnung*")
    assert "says just this already" in again.stdout
    other = desk.run("--no-webhook", room="Globex", title="glob:*rechnung*", incoming="Accounting")
    assert "takes these titles from that room already" in other.stderr
    assert desk.rules_file.read_text() == text


def test_the_three_variables_of_a_hand_made_env_become_the_first_rule(desk: Desk) -> None:
    desk.env_file.write_text(
        "CLIENT_ROOM_ID=86250\nINCOMING_FOLDER_ID=748239\nMANAGER_EMAIL=old@example.com\nMINE=1\n"
    )
    refused = desk.run("--no-webhook")
    assert (refused.exit_code, "it would change CLIENT_ROOM_ID" in refused.stderr) == (2, True)
    desk.run("--no-webhook", "--yes")
    first, second = load_rules(desk.rules_file).rules
    assert (first.name, first.rooms, first.recipients) == ("default", ("86250",), ("old@example.com",))
    assert second.name == "Acme Ltd"
    written = dotenv.values(desk.env_file.read_text())
    assert (written["RULES_FILE"], written["MINE"]) == ("./rules.toml", "1")
    assert "CLIENT_ROOM_ID" not in written
    assert "#CLIENT_ROOM_ID=86250\n" in desk.env_file.read_text()


def test_an_env_file_is_for_its_owner_alone_and_rules_are_for_the_workers_too(desk: Desk) -> None:
    desk.env_file.write_text("MINE=1\n")
    desk.env_file.chmod(0o644)
    mask = os.umask(0o077)
    try:
        desk.run("--no-webhook")
    finally:
        os.umask(mask)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (desk.env_file, desk.rules_file)]
    assert modes == [0o600, 0o644]


def test_a_login_that_the_mail_server_wants_is_neither_shown_nor_lost(desk: Desk) -> None:
    login = f"smtp://clerk:hunter2%24@127.0.0.1:{desk.simulator.smtp_port}"
    done = desk.run("--no-webhook", "--no-mail-check", smtp_url=login)
    assert "hunter2" not in done.output
    assert dotenv.values(desk.env_file.read_text())["SMTP_URL"] == login


def test_an_ingress_that_is_not_there_yet_is_said_and_the_same_command_goes_on(desk: Desk) -> None:
    done = desk.run("--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["written"], report["webhook"]) == (1, True, None)
    assert "start the ingress with this .env, then run this again" in done.stderr
    assert desk.simulator.webhooks.by_id == {}
    secret = dotenv.values(desk.env_file.read_text())["DOCSPACE_WEBHOOK_SECRET"]
    desk.run("--json")
    assert dotenv.values(desk.env_file.read_text())["DOCSPACE_WEBHOOK_SECRET"] == secret


def test_a_person_is_asked_for_everything_once_and_secrets_are_not_on_the_screen(desk: Desk) -> None:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    with on_terminal((sys.executable, "-m", "console", "setup"), desk.folder, environ) as terminal:
        talk(
            terminal,
            ("The portal's address: ", f"{desk.simulator.url}/rooms/shared/86190/filter"),
            ("files the invoices): ", "sk-simulator"),
            ("answers, and takes the API key", None),
            ("The client's room", "acme"),
            ("start: ", "1"),
            ("The room that invoices are filed in", None),
            ("part of a name: ", "nothing of that name"),
            ('with "nothing of that name" in the name', None),
            ("start: ", ""),
            ("  1  Accounting", "1"),
            ('The folder in "Accounting"', "1"),
            ("What are the invoices called? The room is empty", None),
            ("Numbers, or words", "9"),
            ("9 is none of the numbers 1 to 8", None),
            ("Numbers, or words", "2, regex:^re-\\d+"),
            ("Take these?", "y"),
            ("Who is told", "manager@example.com"),
            ("files may be moved in", None),
            ("The mail server", desk.answers["--smtp-url"]),
            ("Its user name", "clerk"),
            ("Its password: ", "hunt$r/2"),
            ("does not offer what SMTP_URL asks for", None),
            ("Use it all the same?", "y"),
            ("The sender of the mails [invoices@example.com]: ", ""),
            ("Who is told when something is wrong: e-mail addresses, comma-separated [Enter: nobody]: ", ""),
            ("public address", desk.answers["--webhook-url"].removeprefix("http://")),
            ("Write this?", "y"),
            ("press Enter to look again (s: skip the webhook)", ""),
            ("press Enter to look again (s: skip the webhook)", "s"),
            ("mend: intake webhook register https://127.0.0.1:", None),
        )
        assert terminal.ends() == 1
        assert all(secret not in terminal.screen for secret in ("sk-simulator", "hunt$r", "hunt%24r"))
    written = dotenv.values(desk.env_file.read_text())
    host = desk.answers["--smtp-url"].removeprefix("smtp://")
    assert written["SMTP_URL"] == f"smtp://clerk:hunt%24r%2F2@{host}"
    assert (written["DOCSPACE_API_HOST"], written["DOCSPACE_API_KEY"]) == (desk.simulator.url, "sk-simulator")
    (rule,) = load_rules(desk.rules_file).rules
    assert (rule.rooms, rule.destination) == ((str(seed.CLIENT_ROOM),), seed.INCOMING)
    assert [str(title) for title in rule.titles] == ["glob:*invoice*", "regex:^re-\\d+"]


def test_what_lies_in_the_room_of_a_new_rule_is_written_down_with_the_rule(desk: Desk) -> None:
    with contextlib.closing(SweepStore(f"sqlite:///{desk.folder}/ledger.db")) as store:
        file = uploads.simple(
            desk.simulator.portal, seed.CLIENT, seed.CLIENT_SUBFOLDER, "Invoice old.pdf", b"older"
        )
        file.modified -= timedelta(minutes=1)
        done = desk.run("--no-webhook", "--no-start", "--yes", "--json", "--wait", "0")
        assert json.loads(done.stdout)["baseline"] == {str(seed.CLIENT_ROOM): 1}
        room = str(seed.CLIENT_ROOM)
        assert list(store.known(room, [str(file.id)]).values()) == [frozenset({"invoice"})]
        assert store.baselines()[room, "invoice"].done
        again = desk.run("--no-webhook", "--no-start", "--yes", "--json", "--wait", "0")
        assert json.loads(again.stdout)["baseline"] is None


def test_an_added_rule_is_not_done_before_the_workers_are_seen_to_have_it(desk: Desk) -> None:
    flags = ("--no-webhook", "--no-start", "--yes", "--wait", "0")
    said = "the workers are not seen to have it. Restart classifier, mover, notifier and reconciler"
    assert said not in desk.run(*flags).output  # nobody can run with rules from before the first
    added = desk.run("--add-rule", "--title", "rechnung", *flags)
    assert len(load_rules(desk.rules_file).rules) == 2
    assert (added.exit_code, said in added.output) == (1, True)


def test_host_and_port_are_enough_and_a_test_mail_says_what_the_server_answered(desk: Desk) -> None:
    server = desk.answers.pop("--smtp-url").removeprefix("smtp://")
    options = [part for answer in desk.answers.items() for part in answer]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    command = (sys.executable, "-m", "console", "setup", *options, "--no-webhook", "--no-start")
    with on_terminal(command, desk.folder, environ | {"DOCSPACE_API_KEY": "sk-simulator"}) as terminal:
        talk(
            terminal,
            ("Enter keeps the one that is set]: ", ""),
            ("Numbers, or words", ""),
            ("Take these?", ""),
            ("The mail server: host:port", server),
            (f"taken for smtp://{server}, without encryption", None),
            ("Its user name", ""),
            ("The sender of the mails", "invoices@example.com"),
            ("Send a test mail now? [y/N]: ", "y"),
            ("To whom [manager@example.com]: ", "me@example.com"),
            ("the mail server accepted it for me@example.com", None),
            ("Who is told when something is wrong", ""),
            ("Write this?", "y"),
        )
        terminal.ends()
    assert dotenv.values(desk.env_file.read_text())["SMTP_URL"] == f"smtp://{server}"
    (mail,) = desk.simulator.mailbox.all()
    assert mail.letter.subject == "[TEST] Acme Ltd: Invoice 4711.pdf"


def test_who_has_no_mail_server_yet_says_so_and_the_rest_is_set_up(desk: Desk) -> None:
    done = desk.run("--no-webhook", smtp_url="none")
    assert "what is filed waits for SMTP_URL" in done.output
    written = dotenv.values(desk.env_file.read_text())
    assert "SMTP_URL" not in written
    assert written["MAIL_FROM"] == "invoices@example.com"
