"""Which files dead letters are about."""

import json

from console.reconcile.dead_files import Subject, files_of
from shared.amqp.operator.dead_letters import DeadLetter
from tests.unit.reconcile.desk import CREATED


def test_dead_letters_of_every_stage_name_their_file() -> None:
    bodies = [
        {"file_id": 7, "title": "x"},
        {"file_id": 8, "created_at": "2026-07-02T11:30:00.000000Z", "created_on": "2026-07-02T11:30:01Z"},
        {"event": {}, "payload": {"id": "sbox-1"}},
        {"payload": {"id": 9, "createOn": "2026-07-02T11:30:00Z"}},
        {"payload": {"id": 10, "createOn": 5}},
        {"payload": {}},
        ["no"],
    ]
    letters = [
        DeadLetter(stage="mover", message_id="m", properties={}, headers={}, body=json.dumps(body).encode())
        for body in bodies
    ]
    told = {Subject("7"), Subject("8", CREATED), Subject("sbox-1"), Subject("9", CREATED), Subject("10")}
    assert files_of(letters) == told
