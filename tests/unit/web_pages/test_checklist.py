"""The checklist names what is to be done next, and takes nothing for done that was not seen."""

from console.web.pages.shown.checklist import Item, checklist


def test_the_next_thing_to_do_is_the_first_that_is_not_done():
    made = checklist(dict.fromkeys(Item, (True, "")) | {Item.EVENT: (False, "no event came")})
    assert made.next is not None
    assert (made.next.item, made.next.why) == (Item.EVENT, "no event came")
    assert not made.complete
    assert made.done == len(Item) - 1


def test_what_could_not_be_looked_at_is_not_done():
    made = checklist(dict.fromkeys(Item, (True, "")) | {Item.WORKERS: (None, "no health port is known")})
    assert not made.complete
    assert checklist({}).done == 0


def test_all_done_is_complete_and_nothing_is_next():
    made = checklist(dict.fromkeys(Item, (True, "")))
    assert made.complete
    assert made.next is None
