"""The ack window against a plain model: every finished delivery is acknowledged once, no other ever is."""

from hypothesis import given
from hypothesis import strategies as st

from shared.amqp.acks import HEAD_PATIENCE_S, Ack, AckWindow


def acknowledged(acks: list[Ack], outstanding: list[int]) -> set[int]:
    """The tags that a broker would take these acks to mean."""
    tags: set[int] = set()
    for ack in acks:
        tags |= {tag for tag in outstanding if tag == ack.tag or (ack.multiple and tag <= ack.tag)}
    return tags


def test_a_run_of_finished_deliveries_is_one_ack() -> None:
    window = AckWindow()
    for tag in (1, 2, 3, 4):
        window.add(tag)
    for tag in (3, 1, 2):
        window.finish(tag)
    assert window.take(0) == [Ack(3, multiple=True)]
    assert not window.waiting


def test_finished_ones_behind_a_slow_head_wait_a_moment_and_no_longer() -> None:
    window = AckWindow()
    for tag in (1, 2, 3):
        window.add(tag)
    window.finish(2)
    window.finish(3)
    assert window.take(0) == []
    assert window.waiting
    assert window.take(HEAD_PATIENCE_S) == [Ack(2, multiple=False), Ack(3, multiple=False)]
    window.finish(1)
    assert window.take(1) == [Ack(1, multiple=False)]
    assert len(window) == 0


@given(st.lists(st.tuples(st.sampled_from(["add", "finish", "take"]), st.integers(0, 40)), max_size=200))
def test_acks_mean_exactly_what_was_finished(steps: list[tuple[str, int]]) -> None:
    window, now, last = AckWindow(), 0.0, 0
    outstanding: list[int] = []
    finished: set[int] = set()
    done: set[int] = set()
    for step, number in steps:
        now += number / 1000
        if step == "add":
            last += 1
            window.add(last)
            outstanding.append(last)
        elif step == "finish" and outstanding:
            tag = outstanding[number % len(outstanding)]
            window.finish(tag)
            finished.add(tag)
        elif step == "take":
            newly = acknowledged(window.take(now), outstanding)
            assert newly <= finished
            assert not newly & done
            done |= newly
            outstanding = [tag for tag in outstanding if tag not in newly]
    window.take(now)
    newly = acknowledged(window.take(now + 2 * HEAD_PATIENCE_S), outstanding)
    assert len(window) == last - len(finished)
    assert newly <= finished
