"""The reference pages say what the code says."""

import pytest

from console.events.schema import sentences
from scripts.reference.pages import PARTS, ROOT, WHOLE, NoPlaceError, renewed
from scripts.reference.settings import settings
from shared.wire.events import EVENTS, Event


@pytest.mark.parametrize("page", PARTS)
def test_a_reference_page_is_as_the_code_says(page: str) -> None:
    text = (ROOT / page).read_text()
    assert text == renewed(text, PARTS[page]), "run `make docs`"


@pytest.mark.parametrize("page", WHOLE)
def test_a_file_that_is_generated_as_a_whole_is_as_the_code_says(page: str) -> None:
    assert (ROOT / page).read_text() == WHOLE[page](), "run `make docs`"


def test_what_is_written_by_hand_stays() -> None:
    page = "before\n<!-- x: written by make docs -->\nold\n<!-- end of x -->\nafter\n"
    new = "before\n<!-- x: written by make docs -->\n\nnew\n\n<!-- end of x -->\nafter\n"
    assert renewed(page, {"x": lambda: "new"}) == new
    assert renewed(new, {"x": lambda: "new"}) == new


def test_a_page_without_a_place_for_a_part_is_refused() -> None:
    with pytest.raises(NoPlaceError, match="x"):
        renewed("before\nafter\n", {"x": lambda: "new"})


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, read in settings().items() if not all(each.info.description for each in read)] == []


def test_a_setting_that_several_read_means_the_same_to_each() -> None:
    meanings = {name: {each.info.description for each in read} for name, read in settings().items()}
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("event", EVENTS)
def test_every_field_of_an_event_says_what_it_means(event: type[Event]) -> None:
    assert [field for field in event.__struct_fields__ if field not in sentences(event)] == []
