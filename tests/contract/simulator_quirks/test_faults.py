"""What a call meets while the simulator is told to fail."""

import pytest
import requests

from simulator.portal import seed
from tests.contract.simulator_quirks.portal import until


def test_a_rate_limit_says_when_to_come_back(portal):
    portal.faults(
        status=[{"method": "GET", "path_contains": "people", "code": 429, "times": 1, "ratelimit_reset": 7}]
    )
    answer = portal.call("GET", "people/@self")
    shown = {name: value for name, value in answer.headers.items() if name.lower().startswith("x-ratelimit")}
    assert answer.status_code == 429
    assert sorted(shown.values()) == ["0", "1500", "7"]
    assert "Retry-After" not in answer.headers
    assert portal.call("GET", "people/@self").status_code == 200


def test_a_portal_that_is_down_answers_503(portal):
    portal.faults(portal_down=True)
    assert portal.call("GET", "people/@self").status_code == 503
    portal.own("DELETE", "simulator/faults")
    assert portal.call("GET", "people/@self").status_code == 200


@pytest.mark.parametrize("moves", [True, False])
def test_a_lost_operation_is_never_returned(portal, moves):
    portal.faults(operation_lost=True, operation_lost_moves=moves)
    file_id = portal.upload()
    operation = portal.move(file_id).json()["response"][0]["id"]
    until(lambda: portal.state()["counts"]["operations"] == 0)
    assert portal.call("GET", "files/fileops", params={"id": operation}).json()["response"] == []
    assert portal.file(file_id)["folderId"] == (seed.INCOMING if moves else seed.CLIENT_ROOM)


@pytest.mark.parametrize(("fault", "error"), [({"silent_noop": True}, ""), ({"operation_error": "quota"}, "quota")])
def test_an_operation_can_end_without_having_moved(portal, fault, error):
    portal.faults(**fault)
    file_id = portal.upload()
    assert portal.finished(portal.move(file_id))["error"] == error
    assert portal.file(file_id)["folderId"] == seed.CLIENT_ROOM


@pytest.mark.parametrize(("fault", "moved"), [("drop_connection", 0), ("drop_answer", 1)])
def test_a_dropped_call_gets_no_answer(portal, fault, moved):
    file_id = portal.upload()
    portal.faults(**{fault: 1})
    with pytest.raises(requests.ConnectionError):
        portal.move(file_id)
    until(lambda: portal.state()["counts"]["operations"] == moved or portal.state()["moves"])
    assert portal.call("GET", "people/@self").status_code == 200


def test_unknown_faults_are_refused(portal):
    with requests.Session() as session:
        answer = session.put(f"{portal.url}/simulator/faults", json={"nonsense": 1}, timeout=10)
    assert answer.status_code == 400
    assert "nonsense" in answer.json()["error"]["message"]
