"""Reads rules: a TOML file of `[[rule]]` tables, or the three variables that stand for one rule.

Every fault is reported, and all of them at once, each with the rule and the field that it is in.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.rules.faults import did_you_mean, faults
from shared.rules.model import Rule, RuleSet

VARIABLES = {"rooms": "CLIENT_ROOM_ID", "destination": "INCOMING_FOLDER_ID", "recipients": "MANAGER_EMAIL"}


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
    tables, problems = _tables(raw, source)
    rules: list[Rule] = []
    for number, table in enumerate(tables, start=1):
        if not isinstance(table, dict):
            problems.append(f"rule {number}: is not a table; write [[rule]] above its fields")
            continue
        try:
            rules.append(Rule.model_validate(table))
        except ValidationError as error:
            problems += [f"{_label(table, number)}: {fault}" for fault in faults(error)]
    problems += _together(tables, rules, whole=not problems)
    if problems:
        raise RulesError("\n".join(f"{source}: {problem}" for problem in problems))
    return RuleSet(rules=tuple(rules))


def single_rule(room_id: str, destination: str, recipient: str) -> RuleSet:
    """The rule "default" of three variables; RulesError names those that are wrong, one a line."""
    table = {"name": "default", "rooms": [room_id], "destination": destination, "recipients": [recipient]}
    try:
        return RuleSet(rules=(Rule.model_validate(table),))
    except ValidationError as error:
        lines = [f"{VARIABLES[fault.field]}: {fault.text}" for fault in faults(error)]
        raise RulesError("\n".join(lines)) from None


def _tables(raw: bytes, source: str) -> tuple[list[Any], list[str]]:
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
        f'"{key}": unknown key; the file holds [[rule]] tables{did_you_mean(key, ["rule"])}'
        for key in document
        if key != "rule"
    ]
    tables = document.get("rule", [])
    if isinstance(tables, dict):
        return [], [*problems, "write [[rule]] in double brackets, so that there may be several"]
    if not isinstance(tables, list) or not tables:
        return [], [*problems, "holds no rule; write one under [[rule]]"]
    return tables, problems


def _label(table: Mapping[str, Any], number: int) -> str:
    name = table.get("name")
    return f'rule "{name.strip()}"' if isinstance(name, str) and name.strip() else f"rule {number}"


def _together(tables: list[Any], rules: list[Rule], *, whole: bool) -> list[str]:
    """Faults that no single rule has. Only where every rule could be read is it known that none is enabled."""
    numbers: dict[str, list[str]] = {}
    for number, table in enumerate(tables, start=1):
        name = table.get("name") if isinstance(table, dict) else None
        if isinstance(name, str) and name.strip():
            numbers.setdefault(name.strip(), []).append(str(number))
    problems = [
        f'rule "{name}": name: the same for rules {" and ".join(taken)}'
        for name, taken in numbers.items()
        if len(taken) > 1
    ]
    if whole and not any(rule.enabled for rule in rules):
        problems.append("no rule is enabled")
    return problems
