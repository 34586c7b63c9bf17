"""Reads rules: a TOML file of the tables in TABLES, or the three variables of one rule.

Every fault is reported, and all of them at once, each with the table and the field that it is in.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.rules.endpoint import MOST, Endpoint
from shared.rules.faults import did_you_mean, faults
from shared.rules.model import Rule, RuleSet
from shared.rules.recipient import Recipient

TABLES = {"rule": "name", "recipient": "address", "endpoint": "name"}
"""The tables of a file, each with the field that names one."""
_NAMED = "[[rule]], [[recipient]] and [[endpoint]]"
VARIABLES = {"rooms": "CLIENT_ROOM_ID", "destination": "INCOMING_FOLDER_ID", "recipients": "MANAGER_EMAIL"}

Table = TypeVar("Table", bound=BaseModel)


class RulesError(ValueError):
    """One message of one or more lines, for the person who wrote the rules."""


def load_rules(path: Path) -> RuleSet:
    """The rules in the file; RulesError if it cannot be read or holds a fault."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RulesError(f"{path}: cannot be read: {error.strerror or error}") from error
    return parse_rules(raw, str(path))


def parse_rules(raw: bytes, source: str) -> RuleSet:
    """The rules in a file's bytes; `source` names the file in the RulesError."""
    document, problems = _document(raw, source)
    rules, faulty = _read("rule", document, Rule)
    if not rules and not faulty:
        faulty = [_none("rule")]
    whole = not problems and not faulty  # only then is it known that no rule is enabled
    problems += faulty + _twice("rule", document)
    if whole and not any(rule.enabled for rule in rules):
        problems.append("no rule is enabled")
    recipients, faulty = _read("recipient", document, Recipient)
    problems += faulty + _twice("recipient", document)
    endpoints, faulty = _read("endpoint", document, Endpoint)
    problems += faulty + _twice("endpoint", document) + _unknown_rules(endpoints, document)
    if len(endpoints) > MOST:
        problems.append(f"holds {len(endpoints)} endpoints; there may be {MOST}")
    if problems:
        raise RulesError("\n".join(f"{source}: {problem}" for problem in problems))
    return RuleSet(rules=tuple(rules), recipients=tuple(recipients), endpoints=tuple(endpoints))


def single_rule(room_id: str, destination: str, recipient: str) -> RuleSet:
    """The rule "default" of three variables; RulesError names those that are wrong, one a line."""
    table = {"name": "default", "rooms": [room_id], "destination": destination, "recipients": [recipient]}
    try:
        return RuleSet(rules=(Rule.model_validate(table),))
    except ValidationError as error:
        lines = [f"{VARIABLES[fault.field]}: {fault.text}" for fault in faults(error)]
        raise RulesError("\n".join(lines)) from None


def _document(raw: bytes, source: str) -> tuple[dict[str, Any], list[str]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RulesError(f"{source}: is not UTF-8: byte 0x{raw[error.start]:02x} in line {line}") from error
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise RulesError(f"{source}: is not TOML: {error}") from error
    problems = [
        f'"{key}": unknown key; the file holds {_NAMED} tables{did_you_mean(key, TABLES)}'
        for key in document
        if key not in TABLES
    ]
    return document, problems


def _read(kind: str, document: Mapping[str, Any], model: type[Table]) -> tuple[list[Table], list[str]]:
    """The tables of this kind that are good, and what is wrong with the others."""
    tables = document.get(kind, [])
    if isinstance(tables, dict):
        return [], [f"write [[{kind}]] in double brackets, so that there may be several"]
    if not isinstance(tables, list):
        return [], [_none(kind)]
    found: list[Table] = []
    problems: list[str] = []
    for number, table in enumerate(tables, start=1):
        if not isinstance(table, dict):
            problems.append(f"{kind} {number}: is not a table; write [[{kind}]] above its fields")
            continue
        try:
            found.append(model.model_validate(table))
        except ValidationError as error:
            label = _label(kind, table, number)
            problems += [f"{label}: {fault}" for fault in faults(error, model.model_fields)]
    return found, problems


def _none(kind: str) -> str:
    return f"holds no {kind}; write one under [[{kind}]]"


def _twice(kind: str, document: Mapping[str, Any]) -> list[str]:
    """Names that several tables have; of an address case does not count."""
    tables = document.get(kind)
    numbers: dict[str, list[str]] = {}
    for number, table in enumerate(tables if isinstance(tables, list) else [], start=1):
        if name := _called(kind, table):
            numbers.setdefault(name.casefold() if kind == "recipient" else name, []).append(str(number))
    return [
        f'{kind} "{name}": {TABLES[kind]}: the same for {kind}s {" and ".join(taken)}'
        for name, taken in numbers.items()
        if len(taken) > 1
    ]


def _unknown_rules(endpoints: Sequence[Endpoint], document: Mapping[str, Any]) -> list[str]:
    """A rule that is faulty is known all the same."""
    tables = document.get("rule")
    names = {_called("rule", table) for table in (tables if isinstance(tables, list) else [])}
    return [
        f'endpoint "{endpoint.name}": rules: no rule is called "{name}"{did_you_mean(name, names)}'
        for endpoint in endpoints
        for name in endpoint.rules
        if name not in names
    ]


def _called(kind: str, table: object) -> str:
    """What the table calls itself; empty where it does not."""
    name = table.get(TABLES[kind]) if isinstance(table, dict) else None
    return name.strip() if isinstance(name, str) else ""


def _label(kind: str, table: object, number: int) -> str:
    name = _called(kind, table)
    return f'{kind} "{name}"' if name else f"{kind} {number}"
