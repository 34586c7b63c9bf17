"""What a process runs with, as anybody may read it: short hashes of its rules and of some settings. Pure.

`intake doctor` compares them with what is configured where it runs. No secret goes into a hash, because a short
secret could be guessed from it. Of a channel only the scheme does.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.rules.ids import id_text

if TYPE_CHECKING:
    from shared.rules.model import Rule, RuleSet

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
        hash_of([_told(rule) for rule in rules.enabled]) if rules else "",
        hash_of(docspace_api_host) if docspace_api_host else "",
        hash_of(mail_from) if mail_from else "",
    )


def hash_of(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:HASH_CHARS]


def _told(rule: "Rule") -> list[object]:
    schemes = [url.get_secret_value().partition("://")[0].lower() for url in rule.notify]
    titles = [str(pattern) for pattern in rule.titles]
    told = [rule.name, rule.rooms, rule.triggers, titles, id_text(rule.destination), rule.recipients, schemes]
    spoken = [f"{name} {value}" for name in ("language", "timezone") if (value := getattr(rule, name))]
    return [
        *told,
        *map(str, rule.room_tests),
        *spoken,
    ]  # of a rule without these the hash is that of older programs
