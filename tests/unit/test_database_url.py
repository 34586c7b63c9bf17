"""What DATABASE_URL may be: one PostgreSQL, several hosts of one, or a file."""

import pytest

from shared.store.database import url_of


def connected_with(text: str) -> dict[str, object]:
    """What the driver is told."""
    url = url_of(text)
    _, told = url.get_dialect()().create_connect_args(url)
    return dict(told)


@pytest.mark.parametrize(
    ("text", "hosts", "ports"),
    [
        ("postgresql://u:secret@one:5433,two:5434/intake", "one,two", "5433,5434"),
        ("postgresql://u:secret@one,two/intake", "one,two", "5432,5432"),
        ("postgresql://u:secret@one,two:6432,three/intake", "one,two,three", "5432,6432,5432"),
        ("postgresql://u:secret@[::1]:5433,[fd00::2]/intake", "::1,fd00::2", "5433,5432"),
        ("postgresql://u:secret@/intake?host=one,two&port=5433,5434", "one,two", "5433,5434"),
        ("postgresql://u:secret@/intake?host=one:5433&host=two:5434", "one,two", "5433,5434"),
    ],
)
def test_several_hosts_are_given_to_the_driver_in_their_order(text, hosts, ports):
    told = connected_with(text)
    assert (told["host"], told["port"]) == (hosts, ports)
    assert (told["user"], told["password"], told["dbname"]) == ("u", "secret", "intake")


def test_what_else_the_url_asks_for_stays_beside_several_hosts():
    told = connected_with("postgresql://u@one,two/intake?sslmode=require")
    assert (told["host"], told["sslmode"]) == ("one,two", "require")


@pytest.mark.parametrize("password", ["a,b", "a%40,b", "a:b,c:d"])
def test_a_comma_in_a_password_makes_no_second_host(password):
    told = connected_with(f"postgresql://u:{password}@one:5433/intake")
    assert (told["host"], told["port"], told["password"]) == ("one", 5433, password.replace("%40", "@"))


@pytest.mark.parametrize(
    "text", ["postgresql://u:hunter2@one:x,two/intake", "postgresql://u:hunter2@one,,two/intake"]
)
def test_hosts_that_cannot_be_read_are_refused_without_showing_the_url(text):
    with pytest.raises(ValueError, match="the database URL cannot be read") as raised:
        url_of(text)
    assert "hunter2" not in str(raised.value)
