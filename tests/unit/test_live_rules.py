"""The rules that a process runs with: which win, how it goes over to others, and what keeps the last ones."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.errors import TransientError
from shared.process.live_rules import LiveRules, RuledDatabase, rules_now
from shared.process.looking import looking
from shared.process.settings import load
from shared.rules.file import RulesError
from shared.rules.model import RuleSet
from shared.runtime.by_hand import ByHand
from shared.store.actions.pauses import PauseStore
from shared.store.rulebook.store import RulebookStore
from tests.support.waiting import wait_until

VARIABLES = {"CLIENT_ROOM_ID": "1", "INCOMING_FOLDER_ID": "2", "MANAGER_EMAIL": "m@example.com"}
AWAY = "postgresql://intake:secret@127.0.0.1:1/intake"


def text(*names: str) -> str:
    table = '[[rule]]\nname = "{}"\nrooms = [7]\ndestination = 8\nrecipients = ["a@example.com"]\n'
    return "# ours\n" + "\n".join(table.format(name) for name in names)


@dataclass
class Place:
    url: str
    folder: Path
    store: RulebookStore

    def settings(self, **more: str) -> RuledDatabase:
        return load(RuledDatabase, {"DATABASE_URL": self.url, **VARIABLES, **more})

    def live(self, **more: str) -> LiveRules[RuleSet]:
        return LiveRules(self.settings(**more), lambda rules: rules)

    def publish(self, *names: str) -> None:
        self.store.publish(text(*names), "anna", "", rules_hash="")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    url = f"sqlite:///{tmp_path}/ledger.db"
    store = RulebookStore(url)
    yield Place(url, tmp_path, store)
    store.close()


def names(rules: RuleSet | None) -> list[str]:
    return [rule.name for rule in rules.rules] if rules else []


def test_the_three_variables_count_until_rules_are_published(place: Place) -> None:
    live = place.live()
    assert names(live.now()) == ["default"]
    assert not (place.folder / "ledger.db").exists()
    place.publish("acme")
    live.look()
    assert names(live.now()) == names(live.rules) == names(rules_now(place.settings())) == ["acme"]
    assert live.check() is None


def test_published_rules_are_there_from_the_start_and_going_back_is_followed(place: Place) -> None:
    place.publish("acme")
    place.publish("acme", "globex")
    live = place.live()
    assert names(live.now()) == ["acme", "globex"]
    place.store.switch_to(1, "ben", "")
    live.look()
    assert names(live.now()) == ["acme"]


def test_a_rules_file_wins_over_what_is_published(place: Place) -> None:
    place.publish("published")
    file = place.folder / "rules.toml"
    file.write_text(text("of the file"))
    live = place.live(RULES_FILE=str(file))
    live.look()
    assert names(live.now()) == names(rules_now(place.settings(RULES_FILE=str(file)))) == ["of the file"]


def test_what_this_program_cannot_read_keeps_the_last_rules_and_is_a_fault(place: Place) -> None:
    place.publish("acme")
    live = place.live()
    of_tomorrow = '[[rule]]\nname = "new"\nmoons = ["*"]\nrooms = [7]\ndestination = 8\n'
    place.store.publish(of_tomorrow, "anna", "", rules_hash="")
    live.look()
    assert names(live.now()) == ["acme"]
    assert (live.check() or "").startswith("version 2 of the rules is live and cannot be used here: ")
    assert "moons" in (live.check() or "")
    with pytest.raises(RulesError, match="moons"):
        rules_now(place.settings())
    place.publish("globex")
    live.look()
    assert (names(live.now()), live.check()) == (["globex"], None)


def test_rules_that_a_process_can_make_nothing_of_keep_the_last_ones(place: Place) -> None:
    def make(rules: RuleSet) -> RuleSet:
        if rules.named("bad"):
            raise ValueError("no such channel")
        return rules

    live = LiveRules(place.settings(), make)
    place.publish("bad")
    live.look()
    assert names(live.now()) == ["default"]
    assert "no such channel" in (live.check() or "")


def test_published_rules_that_are_gone_do_not_bring_the_variables_back(place: Place) -> None:
    place.publish("acme")
    live = place.live()
    place.store.close()
    (place.folder / "ledger.db").unlink()
    live.look()
    assert names(live.now()) == ["acme"]
    assert live.check() == "the published rules are gone from the database: publish them again"


def test_a_database_that_goes_away_keeps_the_last_rules(place: Place) -> None:
    place.publish("acme")
    live = place.live()
    (place.folder / "ledger.db").write_bytes(b"this is no database" * 100)
    live.look()
    assert (names(live.now()), live.check()) == (["acme"], None)


def test_nothing_is_decided_before_the_database_was_there_to_tell(place: Place) -> None:
    live = place.live(DATABASE_URL=AWAY)
    with pytest.raises(TransientError, match="which rules are live is not known: ") as caught:
        live.now()
    assert caught.value.untried
    assert (live.rules, (live.check() or "").startswith("which rules are live is not known")) == (None, True)
    assert "secret" not in f"{caught.value}{live.check()}"
    with pytest.raises(TransientError):
        rules_now(place.settings(DATABASE_URL=AWAY))


def test_who_looks_meanwhile_sees_one_whole_set_and_never_a_part(place: Place) -> None:
    """Each set says in both rules which it is."""
    place.publish("1a", "1b")
    live = place.live()
    stop, seen = threading.Event(), set[tuple[str, ...]]()

    def watch() -> None:
        while not stop.is_set():
            seen.add(tuple(names(live.now())))

    watchers = [threading.Thread(target=watch) for _ in range(4)]
    for each in watchers:
        each.start()
    for number in range(2, 12):
        place.publish(f"{number}a", f"{number}b")
        live.look()
    stop.set()
    for each in watchers:
        each.join()
    assert ("1a", "1b") in seen
    assert all(first[:-1] == second[:-1] for first, second in seen)


def test_rules_and_a_pause_are_seen_with_one_look(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.runtime.by_hand.EVERY_S", 0.01)
    live, switch = place.live(), Switch()
    by_hand = ByHand(looking(place.url, "mover", live))
    by_hand.start(switch.paused.set, switch.resumed.set)
    assert switch.resumed.wait(20)
    place.publish("acme")
    wait_until(lambda: names(live.now()) == ["acme"], 20, "the published rules")
    pauses = PauseStore(place.url)
    pauses.pause("mover", "Anna", "a test", time.time() + 3600)
    wait_until(lambda: by_hand.open, 20, "the pause")
    place.publish("globex")
    wait_until(lambda: names(live.now()) == ["globex"], 20, "other rules while it is paused")
    pauses.resume("mover")
    wait_until(lambda: not by_hand.open, 20, "the end of the pause")
    pauses.close()


def test_a_look_that_fails_keeps_the_last_rules_and_fails_for_the_pause_too(place: Place) -> None:
    place.publish("acme")
    live = place.live()
    look = looking(AWAY, "mover", live)
    with capture_logs() as logged, pytest.raises(TransientError):
        look()
    assert [line["event"] for line in logged] == ["rules.unknown"]
    assert (names(live.now()), live.check()) == (["acme"], None)


class Switch:
    def __init__(self) -> None:
        self.paused, self.resumed = threading.Event(), threading.Event()
