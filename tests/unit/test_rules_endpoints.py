"""Endpoints in a rules file: read, or refused with a sentence that shows no secret."""

from pathlib import Path

import pytest

from console.rules.masking import HIDDEN, masked
from console.terminal.endpoints import lines
from console.terminal.table import plain
from shared.process.configuration import configuration
from shared.rules.file import RulesError, parse_rules

RULE = """
[[rule]]
name = "acme"
rooms = [86190]
destination = 748239
recipients = ["manager@example.com"]
"""
GOOD = {
    "name": '"erp"',
    "url": '"https://erp.example.com/hooks/t0ken"',
    "events": '["invoice.filed"]',
    "secret_file": '"/run/secrets/erp"',
}


def text(**fields: str) -> str:
    return RULE + "[[endpoint]]\n" + "".join(f"{name} = {value}\n" for name, value in (GOOD | fields).items())


def fault(rules: str) -> str:
    with pytest.raises(RulesError) as raised:
        parse_rules(rules.encode(), "f")
    return str(raised.value)


def test_an_endpoint_is_read_with_its_host_in_ascii() -> None:
    rules = parse_rules(text(url='"https://hooks.faß.example:8443/a?b=c"', rooms="[7]").encode(), "f")
    [endpoint] = rules.endpoints
    assert endpoint.url == "https://hooks.xn--fa-hia.example:8443/a?b=c"
    assert endpoint.shown == "https://hooks.xn--fa-hia.example:8443"
    assert (endpoint.secret_file, endpoint.rooms) == (Path("/run/secrets/erp"), ("7",))
    assert (endpoint.allow_http, endpoint.allow_private) == (False, False)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": '"ERP one"'}, "name: is at most 40 letters a-z"),
        ({"name": f'"{"a" * 41}"'}, "name: is at most 40 letters a-z"),
        ({"url": '"http://erp.example.com/"'}, "url: is not encrypted"),
        ({"url": '"https://me:secret@erp.example.com/"'}, "url: must hold no user name"),
        ({"url": '"ftp://erp.example.com/"'}, "url: must start with http:// or https://"),
        ({"url": '"https://erp.example.com/ä"'}, "url: holds other than ASCII"),
        ({"events": '["invoice.file"]'}, 'did you mean "invoice.filed"?'),
        ({"events": "[]"}, "events: must hold at least one value"),
        ({"secret_file": '"whsec_c2VjcmV0"'}, "secret_file: holds the secret itself"),
        ({"secret_file": '""'}, "secret_file: must be the path of a file"),
        ({"rules": '["akme"]'}, 'rules: no rule is called "akme"; did you mean "acme"?'),
        ({"secret": '"x"'}, "secret: unknown key"),
        ({"allow_http": '"yes"'}, "allow_http: must be true or false"),
    ],
)
def test_a_fault_of_an_endpoint_is_told_without_a_secret(fields: dict[str, str], said: str) -> None:
    told = fault(text(**fields))
    assert said in told
    assert "c2VjcmV0" not in told
    assert "me:secret" not in told


def test_two_endpoints_of_one_name_are_refused() -> None:
    again = text() + text().removeprefix(RULE)
    assert 'endpoint "erp": name: the same for endpoints 1 and 2' in fault(again)


def test_more_than_twenty_endpoints_are_refused() -> None:
    many = RULE + "".join(text(name=f'"e{number}"').removeprefix(RULE) for number in range(21))
    assert "holds 21 endpoints; there may be 20" in fault(many)


def test_an_endpoint_is_shown_without_its_path() -> None:
    rules = parse_rules(text(rules='["acme"]').encode(), "f")
    assert list(lines(rules)) == ["erp: invoice.filed to https://erp.example.com, of acme"]
    assert "t0ken" not in plain(rules)
    assert "t0ken" not in masked(text())
    assert masked(text(url=r'"https\u003a//erp.example.com/t0ken"')) == HIDDEN


def test_rules_without_endpoints_have_the_hash_that_older_programs_tell() -> None:
    assert configuration(parse_rules(RULE.encode(), "f")).rules == "7aa1ea8f1043"
    assert configuration(parse_rules(text().encode(), "f")).rules != "7aa1ea8f1043"
