"""What a process runs with, as anybody may read it: short hashes of its rules and of some settings. Pure.

`intake doctor` compares them with what is configured where it runs. No secret goes into a hash, because a short
secret could be guessed from it. Of a channel only the scheme does.
"""

import hashlib
import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from shared.rules.ids import id_text

if TYPE_CHECKING:
    from shared.rules.model import Rule, RuleSet
    from shared.rules.telling import Telling

HASH_CHARS = 12


@dataclass(frozen=True, slots=True)
class Configuration:
    """Hashes; empty if the process does not read that setting."""

    rules: str
    docspace_api_host: str = ""
    mail_from: str = ""


def configuration(rules: "RuleSet | None", docspace_api_host: str = "", mail_from: str = "") -> Configuration:
    """`rules`: None where they are not known yet."""
    return Configuration(
        hash_of(_said(rules)) if rules else "",
        hash_of(docspace_api_host) if docspace_api_host else "",
        hash_of(mail_from) if mail_from else "",
    )


def hash_of(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:HASH_CHARS]


def _said(rules: "RuleSet") -> list[object]:
    """Without recipients of their own, and without endpoints, the hash is that of older programs."""
    said: list[object] = [_told(rule) for rule in rules.enabled]
    recipients = [[each.address, *_telling(each.telling)] for each in rules.recipients]
    said += [{"recipients": recipients}] if recipients else []
    endpoints = [each.model_dump(mode="json") for each in rules.endpoints]
    return [*said, {"endpoints": endpoints}] if endpoints else said


def _told(rule: "Rule") -> list[object]:
    """Without what later releases brought the hash is that of older programs."""
    schemes = [url.get_secret_value().partition("://")[0].lower() for url in rule.notify]
    titles = [str(pattern) for pattern in rule.titles]
    told = [rule.name, rule.rooms, rule.triggers, titles, id_text(rule.destination), rule.recipients, schemes]
    return [*told, *map(str, rule.room_tests), *_telling(rule.telling)]


def _telling(telling: "Telling") -> list[str]:
    """What is said, such as `timezone Europe/Berlin`."""
    said = ((field.name, getattr(telling, field.name)) for field in fields(telling))
    return [f"{name} {value}" for name, value in said if value is not None]
