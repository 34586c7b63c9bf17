"""People, invitations, sessions and failed attempts on SQLite and PostgreSQL."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from shared.store.database import url_of
from shared.store.people.attempts import FREE, LONGEST_S, Attempts
from shared.store.people.membership import Membership
from shared.store.people.people import INVITED_S, BadNameError
from shared.store.people.person import Role
from shared.store.people.sessions import IDLE_S
from shared.store.people.sessions import LONGEST_S as LONGEST_SESSION_S
from shared.store.people.tables import ATTEMPTS, INVITES, SESSIONS

NOW = 1_790_000_000.0


@pytest.fixture
def membership(database_url: str) -> Iterator[Membership]:
    with contextlib.closing(Membership(database_url)) as found:
        yield found


def begin(membership: Membership, name: str = "ada", now: float = NOW) -> str:
    return membership.sessions.begin(name, now, address="127.0.0.1", agent="Firefox")


def test_a_name_is_one_person_in_any_case(membership: Membership) -> None:
    membership.people.put("Ada", Role.VIEWER, NOW)
    membership.people.put("ADA", Role.ADMIN, NOW)
    found = [(each.person.name, each.person.role) for each in membership.people.everybody()]
    assert found == [("Ada", Role.ADMIN)]
    assert membership.people.find("aDa")


@pytest.mark.parametrize("name", ["", " \n", "a/b", "x" * 65])
def test_what_is_no_name_is_refused(membership: Membership, name: str) -> None:
    with pytest.raises(BadNameError):
        membership.people.put(name, Role.VIEWER, NOW)


def test_an_invitation_is_accepted_once_by_however_many_at_once(membership: Membership) -> None:
    token = membership.people.invite("ada", Role.ADMIN, NOW, by="test")
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda n: membership.people.accept(token, NOW + 1, f"hash {n}"), range(16)))
    assert told.count(True) == 1
    assert membership.people.password("ada") == f"hash {told.index(True)}"


def test_looking_at_an_invitation_does_not_use_it_up(membership: Membership) -> None:
    token = membership.people.invite("ada", Role.ADMIN, NOW, by="test")
    for _ in range(3):
        invite = membership.people.invited(token, NOW + INVITED_S - 1)
        assert invite
        assert invite.person.name == "ada"
    assert membership.people.accept(token, NOW + INVITED_S - 1, "hash")


def test_an_invitation_is_over_after_ten_minutes(membership: Membership) -> None:
    token = membership.people.invite("ada", Role.ADMIN, NOW, by="test")
    assert INVITED_S == 600
    assert membership.people.invited(token, NOW + INVITED_S) is None
    assert not membership.people.accept(token, NOW + INVITED_S, "hash")
    assert membership.people.password("ada") is None


def test_a_new_password_ends_the_older_sessions(membership: Membership) -> None:
    membership.people.put("ada", Role.ADMIN, NOW)
    session = begin(membership)
    membership.people.accept(membership.people.invite("ada", Role.ADMIN, NOW, by="test"), NOW, "hash")
    assert membership.sessions.find(session, NOW) is None


def test_a_link_that_only_signs_in_sets_no_password_and_ends_no_session(membership: Membership) -> None:
    membership.people.put("ada", Role.ADMIN, NOW)
    session = begin(membership)
    token = membership.people.invite("ada", Role.ADMIN, NOW, by="test", sets_password=False)
    assert membership.people.accept(token, NOW, None)
    assert membership.people.password("ada") is None
    assert membership.sessions.find(session, NOW)


def test_a_session_ends_after_twelve_hours_without_a_request(membership: Membership) -> None:
    membership.people.put("ada", Role.ADMIN, NOW)
    session = begin(membership)
    assert IDLE_S == 12 * 3600
    assert membership.sessions.find(session, NOW + IDLE_S - 1)  # and is seen
    assert membership.sessions.find(session, NOW + 2 * IDLE_S - 2)
    assert membership.sessions.find(session, NOW + 3 * IDLE_S) is None


def test_a_session_ends_after_fourteen_days_whatever_is_done(membership: Membership) -> None:
    membership.people.put("ada", Role.ADMIN, NOW)
    session = begin(membership)
    assert LONGEST_SESSION_S == 14 * 86_400
    at = NOW
    while (at := at + IDLE_S - 60) < NOW + LONGEST_SESSION_S:
        assert membership.sessions.find(session, at), at
    assert membership.sessions.find(session, at) is None


def test_sessions_are_listed_and_ended_one_by_one_or_all(membership: Membership) -> None:
    for name in ("ada", "bob"):
        membership.people.put(name, Role.VIEWER, NOW)
    one, other, bobs = begin(membership), begin(membership, now=NOW + 5), begin(membership, "bob")
    listed = membership.sessions.of("ada", NOW + 5)
    assert [each.seen_at for each in listed] == [NOW + 5, NOW]
    membership.sessions.end("bob", listed[0].id)  # it is not bob's
    assert membership.sessions.find(other, NOW)
    membership.sessions.end("ada", listed[0].id)
    assert membership.sessions.find(other, NOW) is None
    assert membership.sessions.find(one, NOW)
    membership.sessions.end("ada")
    assert membership.sessions.of("ada", NOW) == []
    assert membership.sessions.find(bobs, NOW)


def test_a_changed_role_and_a_removed_person_show_in_open_sessions(membership: Membership) -> None:
    membership.people.put("ada", Role.ADMIN, NOW)
    session = begin(membership)
    membership.people.put("ada", Role.VIEWER, NOW)
    found = membership.sessions.find(session, NOW)
    assert found
    assert found.person.role is Role.VIEWER
    membership.people.remove("Ada")
    assert membership.sessions.find(session, NOW) is None
    assert membership.people.everybody() == []


def test_no_token_stands_in_the_database(membership: Membership, database_url: str) -> None:
    invite, session = membership.people.invite("ada", Role.ADMIN, NOW, by="test"), begin(membership)
    engine = sa.create_engine(url_of(database_url))
    with engine.connect() as connection:
        rows = [*connection.execute(sa.select(INVITES)), *connection.execute(sa.select(SESSIONS))]
    engine.dispose()
    assert len(rows) == 2
    assert invite not in str(rows)
    assert session not in str(rows)


def test_failures_of_a_name_wait_longer_each_time_up_to_a_minute(membership: Membership) -> None:
    at, waits = NOW, []
    for n in range(20):
        address = f"10.0.0.{n}"  # another one each time: the name alone slows it
        assert membership.attempts.begin("ada", address, at) == 0
        wait = membership.attempts.begin("ada", f"10.0.1.{n}", at)
        waits.append(round(wait))
        at += wait
        if not wait:  # that was an attempt too
            waits.append(0)
    assert waits[:FREE] == [0] * FREE
    grown = [wait for wait in waits if wait]
    assert grown[:6] == [1, 2, 4, 8, 16, 32]
    assert max(grown) == LONGEST_S["name"]


def test_an_address_waits_up_to_a_quarter_of_an_hour_whatever_names_it_tries(membership: Membership) -> None:
    at, wait = NOW, 0.0
    for n in range(40):
        wait = membership.attempts.begin(f"name {n}", "10.0.0.1", at)
        at += wait
    assert round(max(wait, membership.attempts.begin("another", "10.0.0.1", at))) == LONGEST_S["address"]
    assert membership.attempts.begin("another again", "10.0.0.2", at) == 0


def test_many_attempts_at_once_are_counted_before_any_is_looked_at(membership: Membership) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda n: membership.attempts.begin("ada", f"10.0.0.{n}", NOW), range(40)))
    assert waits.count(0) == FREE + 1


def test_success_forgets_the_failures(membership: Membership) -> None:
    for _ in range(FREE + 1):
        membership.attempts.begin("ada", "10.0.0.1", NOW)
    assert membership.attempts.begin("ada", "10.0.0.1", NOW) > 0
    membership.attempts.succeeded("ada", "10.0.0.1")
    assert membership.attempts.begin("ada", "10.0.0.1", NOW) == 0


def test_failures_fill_a_bounded_table_and_are_forgotten_after_a_day(database_url: str) -> None:
    with contextlib.closing(Membership(database_url)) as membership:
        attempts = Attempts(membership._database, most_rows=10)
        for n in range(30):
            attempts.begin(f"name {n}", f"10.0.0.{n}", NOW + n)
        assert count(membership) == 10
        attempts.begin("ada", "10.0.0.1", NOW + 2 * 86_400)
        assert count(membership) == 2


def count(membership: Membership) -> int:
    with membership._database.connection() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(ATTEMPTS)).scalar_one()
