"""What a worker looks for every few seconds, on SQLite and PostgreSQL: a pause of its stage, and the live rules."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from shared.errors import OutdatedError, TransientError
from shared.store.actions.pauses import PauseStore
from shared.store.database import engine_for, url_of
from shared.store.look import Look
from shared.store.parts import PARTS
from shared.store.rulebook.store import RulebookStore
from shared.store.schema import Part, bring_up


@pytest.fixture
def look(database_url: str) -> Iterator[Look]:
    found = Look(database_url, "mover")
    yield found
    found.close()


@pytest.fixture
def pauses(database_url: str) -> Iterator[PauseStore]:
    found = PauseStore(database_url)
    yield found
    found.close()


@pytest.fixture
def rulebook(database_url: str) -> Iterator[RulebookStore]:
    found = RulebookStore(database_url)
    yield found
    found.close()


def test_a_pause_of_its_own_stage_is_seen_until_its_end(look: Look, pauses: PauseStore) -> None:
    assert look.look().pause is None
    pauses.pause("notifier", "Ben", "another stage", time.time() + 3600)
    pauses.pause("mover", "Anna", "over", time.time() - 1)
    assert look.look().pause is None
    pauses.pause("mover", "Anna", "a test", time.time() + 3600)
    pause = look.look().pause
    assert pause is not None
    assert (pause.stage, pause.who, pause.why) == ("mover", "Anna", "a test")
    pauses.resume("mover")
    assert look.look().pause is None


def test_the_last_switch_is_seen_and_no_table_of_rules_is_made(look: Look, rulebook: RulebookStore) -> None:
    assert look.look().switch == 0
    with look._database.engine.connect() as connection:
        assert not sa.inspect(connection).has_table("rulebook_switches")
    rulebook.publish("# one", "anna", "", rules_hash="")
    rulebook.publish("# two", "anna", "", rules_hash="")
    assert look.look().switch == 2
    rulebook.switch_to(1, "anna", "")
    assert look.look().switch == rulebook.switch() == 3


def test_a_look_is_one_statement(look: Look, pauses: PauseStore, rulebook: RulebookStore) -> None:
    pauses.pause("mover", "Anna", "a test", time.time() + 3600)
    rulebook.publish("# one", "anna", "", rules_hash="")
    look.look()
    said: list[str] = []
    sa.event.listen(look._database.engine, "before_cursor_execute", lambda *event: said.append(event[2]))
    seen = look.look()
    assert (seen.switch, seen.pause is not None) == (1, True)
    assert len(said) == 1, said


def test_rules_that_are_gone_are_asked_for_again_when_they_are_back(look: Look, rulebook: RulebookStore) -> None:
    rulebook.publish("# one", "anna", "", rules_hash="")
    assert look.look().switch == 1
    with rulebook._database.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE rulebook_switches RENAME TO away")
        with pytest.raises(TransientError):
            look.look()
        assert look.look().switch == 0
        connection.exec_driver_sql("ALTER TABLE away RENAME TO rulebook_switches")
    assert look.look().switch == 1


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_that_a_newer_program_changed_is_refused_by_who_comes_then(
    database_url: str, look: Look, part: Part
) -> None:
    look.look()
    engine = engine_for(url_of(database_url))
    bring_up(engine, replace(part, steps=(*part.steps, ())))
    look.look()  # it runs already, and goes on beside the newer one
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE pauses")
    engine.dispose()
    with pytest.raises(TransientError, match="pauses"):
        look.look()
    with pytest.raises(OutdatedError):  # after a fault it comes anew
        look.look()
    later = Look(database_url, "mover")
    for _ in range(2):
        with pytest.raises(OutdatedError, match=f"the tables of the {part.name} are newer .* upgrade the program"):
            later.look()
    later.close()
