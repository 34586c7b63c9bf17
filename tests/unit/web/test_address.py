"""Which address is ours, and which zone and language are shown."""

from zoneinfo import ZoneInfo

import pytest

from console.web.address import OurAddress, our_address
from console.web.site import RefusedError
from console.web.translations import chosen
from console.web.zones import UTC, local_zone, zone_or

PUBLIC = "https://intake.example.com/"


def of_host(host: str, public_url: str | None = PUBLIC) -> OurAddress:
    return our_address({"Host": host}.get, public_url)


@pytest.mark.parametrize("host", ["127.0.0.1:8081", "localhost:8081", "LOCALHOST", "[::1]:8081"])
def test_this_machine_s_own_names_keep_somebody_signed_in_without_https(host: str) -> None:
    ours = of_host(host)
    assert ours == OurAddress(f"http://{host.lower()}", is_https=False, is_loopback=True)
    assert ours.keeps_cookies


@pytest.mark.parametrize("host", ["192.168.1.20:8081", "[fd00::1]:8081"])
def test_a_numeric_address_is_ours_and_keeps_nobody_signed_in(host: str) -> None:
    assert not of_host(host).keeps_cookies


def test_the_public_name_is_https_as_it_was_set() -> None:
    assert of_host("Intake.Example.com").is_https
    assert not of_host("intake.example.com", "http://intake.example.com").keeps_cookies


@pytest.mark.parametrize(
    "host", ["", "evil.example", "intake.example.com.", "localhost.evil.example", "[::1", "a b"]
)
def test_any_other_name_is_refused(host: str) -> None:
    with pytest.raises(RefusedError, match="WEB_PUBLIC_URL"):
        of_host(host)


def test_a_zone_that_there_is_not_is_the_default() -> None:
    assert zone_or("Europe/Berlin", UTC) == ZoneInfo("Europe/Berlin")
    for name in (None, "", "Nowhere/At_All", "../../etc/passwd"):
        assert zone_or(name, UTC) == UTC
    assert local_zone({"TZ": ":Asia/Kolkata"}) == ZoneInfo("Asia/Kolkata")


def test_the_language_is_the_person_s_then_the_browser_s_then_english() -> None:
    there = ("en", "de", "pt-br")
    assert chosen("de", "en", there) == "de"
    assert chosen(None, "fr;q=0.9, de-AT;q=0.8, en", there) == "de"
    assert chosen(None, "pt-BR", there) == "pt-br"
    assert chosen("xx", "", there) == "en"
