"""A field of another type than the portal's costs itself: what it decides is not said, and all the rest is read."""

import itertools

import pytest

from shared.docspace.errors import TryLaterError
from shared.docspace.model import NEEDED
from tests.contract.wire.changes import NO_ID, check
from tests.contract.wire.routes import ROUTES, Answered, Route
from tests.contract.wire.sdk_models import sample

ALONE = [route for route in ROUTES if route.place([{}]) == {} or route.name.endswith("/path")]
"""Whose entry is the whole answer, or whose list is worth nothing without one: the room may be the one."""


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.name} {route.kind}")
def test_a_field_of_any_other_type_costs_at_most_itself(route: Route) -> None:
    check(route, sample(route.item))


@pytest.mark.parametrize("route", ALONE, ids=lambda route: f"{route.name} {route.kind}")
def test_what_is_needed_and_missing_is_named_with_the_route(route: Route) -> None:
    for field, value in itertools.product(NEEDED[route.kind], [*NO_ID, "absent"]):
        entry = sample(route.item) | {field: value}
        if value == "absent":
            del entry[field]
        with pytest.raises(TryLaterError) as caught:
            route.ask(Answered(route.name, {"response": route.place([entry])}))
        assert f"answer to {route.name} " in str(caught.value)
        assert f"`{field}`" in str(caught.value) or f".{field}`" in str(caught.value)
        assert caught.value.maybe_done


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.name} {route.kind}")
def test_an_answer_without_its_response_is_an_error_that_names_the_route(route: Route) -> None:
    for envelope in ({}, {"status": 0}, {"response": None}, {"response": "x"}, {"response": 7}):
        with pytest.raises(TryLaterError, match=f"answer to {route.name} "):
            route.ask(Answered(route.name, envelope))
