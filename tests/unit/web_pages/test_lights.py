"""The strip says warning for what the checks found, ok for what somebody saw, and ? for what nobody told."""

import pytest

from console.connect.worker_pages import WorkerPage
from console.doctor.line import Area, Line
from console.web.pages.shown.lights import Colour, Thing, lights

BROKER, SWEEP, WORKERS = Area("broker"), Area("sweep"), Area("workers")
WELL = (BROKER.ok("answers"), SWEEP.ok("the last window pass was 40 s ago"))


def colours(lines: tuple[Line, ...], *pages: WorkerPage) -> dict[Thing, Colour]:
    return {light.thing: light.colour for light in lights(lines, pages)}


def page(stage: str, *, ready: bool = True) -> WorkerPage:
    return WorkerPage(f"http://{stage}:9100", ready=ready, faults={}, stage=stage)


def test_where_nobody_told_anything_each_light_is_unknown():
    assert set(colours(()).values()) == {Colour.UNKNOWN}


def test_what_answers_is_ok_and_the_rest_stays_unknown():
    assert colours(WELL) == {
        Thing.WEBHOOK: Colour.OK,
        Thing.BROKER: Colour.OK,
        Thing.PORTAL: Colour.UNKNOWN,
        Thing.MAIL: Colour.UNKNOWN,
        Thing.RECONCILER: Colour.OK,
    }


def test_a_worker_that_is_ready_tells_of_the_portal_and_the_notifier_of_mail():
    told = colours(WELL, page("mover"), page("notifier"))
    assert (told[Thing.PORTAL], told[Thing.MAIL]) == (Colour.OK, Colour.OK)
    told = colours(WELL, page("mover", ready=False), page("notifier", ready=False))
    assert (told[Thing.PORTAL], told[Thing.MAIL]) == (Colour.UNKNOWN, Colour.UNKNOWN)


@pytest.mark.parametrize(
    ("line", "thing"),
    [
        (BROKER.failed("does not answer", "start it", cause="away"), Thing.BROKER),
        (SWEEP.warning("no reconciler ever ran here", "start it", cause="never"), Thing.RECONCILER),
        (SWEEP.warning("events are hidden now", "see", cause="hidden"), Thing.WEBHOOK),
        (WORKERS.warning("the mover waits for the portal", "see", cause="breaker-open"), Thing.PORTAL),
        (WORKERS.failed("is not ready: mail", "see", cause="not-ready-mail"), Thing.MAIL),
        (Area("webhook").failed("is disabled", "enable it", cause="disabled"), Thing.WEBHOOK),
    ],
)
def test_a_fault_is_a_warning_of_the_one_thing_that_it_is_about(line, thing):
    told = {each.thing: each for each in lights((*WELL, line), [page("mover"), page("notifier")])}
    assert told[thing].colour is Colour.WARNING
    assert told[thing].why == line.text
    assert [each.thing for each in told.values() if each.colour is Colour.WARNING] == [thing]


def test_dead_letters_are_no_fault_of_the_broker():
    dead = BROKER.warning("3 dead letters", "see", cause="dead-letters")
    assert colours((*WELL, dead))[Thing.BROKER] is Colour.OK


def test_what_could_not_be_looked_at_is_unknown_and_says_why():
    (light,) = [each for each in lights([SWEEP.unseen("the database is away")]) if each.thing is Thing.RECONCILER]
    assert (light.colour, light.why) == (Colour.UNKNOWN, "the database is away")
