"""Decides from the simulated portal's records whether every sample ended as it should. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demo.samples import INCOMING, Sample


@dataclass(frozen=True, slots=True)
class Ending:
    sample: Sample
    faults: tuple[str, ...]
    """What went wrong; empty if it ended as it should."""


def endings(uploads: Mapping[Sample, int], state: Mapping[str, Any]) -> list[Ending]:
    """The ending of each upload. `uploads` has the file ids; `state` is the answer of GET /simulator/state."""
    return [Ending(sample, tuple(_faults(sample, file_id, state))) for sample, file_id in uploads.items()]


def in_all(found: Sequence[Ending]) -> str:
    """One sentence about all of them."""
    well = sum(not ending.faults for ending in found)
    if well == len(found):
        return f"All {well} ended as they should."
    return f"{len(found) - well} of {len(found)} did not end as they should."


def _faults(sample: Sample, file_id: int, state: Mapping[str, Any]) -> list[str]:
    moves = [move for move in state["moves"] if move["file_id"] == file_id]
    ids = {file_id, *(move["new_file_id"] for move in moves)}
    folders = [file["folder_id"] for file in state["files"] if file["id"] in ids]
    mails = [mail for mail in state["mails"] if _is_about(mail, ids)]
    wanted_folder = INCOMING if sample.invoice else sample.folder
    wanted = 1 if sample.invoice else 0
    faults = []
    if len(moves) != wanted:
        faults.append(f"moved {len(moves)} times, not {wanted}")
    if folders != [wanted_folder]:
        faults.append(f"in folder {', '.join(map(str, folders)) or 'none'}, not {wanted_folder}")
    if len(mails) != wanted:
        faults.append(f"{len(mails)} mails, not {wanted}")
    return faults


def _is_about(mail: Mapping[str, Any], ids: set[int]) -> bool:
    return any(re.search(rf"fileid={file_id}\b", mail["text"]) for file_id in ids)
