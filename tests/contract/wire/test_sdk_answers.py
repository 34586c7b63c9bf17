"""Whatever the sdk's own models allow a portal to answer is read, and yields what was put in."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.wire.routes import ROUTES, Answered, Route
from tests.contract.wire.sdk_models import answers


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_what_the_sdk_allows_yields_what_was_put_in(route: Route) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def reads(data: st.DataObject) -> None:
        envelope = data.draw(answers(route.model, -1))
        if route.kind == "operation" and not envelope["response"]:
            return  # of a move that names no operation another test tells
        assert route.ask(Answered(route.name, envelope)) == route.read(envelope["response"])

    reads()
