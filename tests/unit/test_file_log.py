"""Who uploaded a file's newest version, by the portal's own log of it."""

import json
from pathlib import Path

import msgspec
import pytest

from shared.docspace.file_log import COUNT, LOST, Act, file_log, uploader

RECORDED = Path(__file__).parents[1] / "recorded"
A, B, C = (Act("FileUploaded", "a"), Act("UserFileUpdated", "b"), Act("FileRenamed", "c"))


class Client:
    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def call(self, method: str, path: str, _kind: type, params: dict[str, int]) -> list[msgspec.Raw]:
        self.asked.append(f"{method} {path} {params}")
        return msgspec.json.decode(json.dumps(self.answer), type=list[msgspec.Raw])


def test_the_real_portals_log_tells_each_upload_with_its_person() -> None:
    rows = json.loads((RECORDED / "read-file-log.json").read_text())["answer"]["response"]
    client = Client(rows)
    acts = file_log(client, 16)  # type: ignore[arg-type]
    assert client.asked == ["GET files/file/16/log {'count': 100}"]
    assert [act.action for act in acts] == ["UserFileUpdated", "UserFileUpdated", "FileUploaded"]
    person = Act("UserFileUpdated", "50c6d2de-d81f-4d43-a40d-09006733969a", "Read-Us Example")
    assert uploader(acts, 3) == person


def test_of_third_party_storage_there_is_no_log_to_ask() -> None:
    client = Client([])
    assert file_log(client, "sbox-1") == ()  # type: ignore[arg-type]
    assert client.asked == []


@pytest.mark.parametrize(
    ("acts", "version", "expected"),
    [
        ([A], 1, A),
        ([C, A], 1, A),
        ([C, B, A], 2, B),
        ([B, C, B, A], 2, None),
        ([A, C, Act("FileUploaded", "z")], 1, A),
        ([B, A], 1, None),
        ([B, Act("FileUploaded", "b")], 1, B),
        ([A], 2, None),
        ([C], 1, None),
        ([], 1, None),
        ([Act("FileUploaded", LOST.upper())], 1, None),
        ([Act("FileUploaded", "")], 1, None),
        ([A] * COUNT, 1, None),
    ],
    ids=[
        "uploaded", "renamed since", "a second version", "an editor's saves", "the id was another file's before",
        "a save within a version", "saves of the uploader", "a version is missing", "no upload", "nothing",
        "a deleted user", "nobody", "too many rows to see the first",
    ],
)  # fmt: skip
def test_the_nth_upload_made_the_nth_version(acts: list[Act], version: int, expected: Act | None) -> None:
    assert uploader(acts, version) == expected
