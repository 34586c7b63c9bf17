"""Which commands there are. A command's module is loaded when the command is used: most need a second for that."""

import gc
from functools import cached_property
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

COMMANDS = {
    "setup": ("console.setup.command:command", "From a portal and an API key to a running intake."),
    "doctor": ("console.doctor.command:command", "Check everything between the portal and the mailbox."),
    "explain": ("console.explain.command:command", "Say why an event is an invoice, or why not."),
    "problems": (
        "console.problems.command:command",
        "Say what needs a person, each thing once and by its cause, and what to do.",
    ),
    "reconcile": (
        "console.reconcile.command:command",
        "Find the invoices that no webhook brought, and send them into the pipeline.",
    ),
    "status": ("console.status.command:command", "Show how the pipeline stands."),
    "tail": ("console.tail.command:command", "Show every event as it happens."),
    "history": ("console.history.keep:history", "Keep the history of every upload, until SIGTERM."),
    "find": ("console.history.ask:find", "Find uploads by words, by the day they came in, or by an id."),
    "timeline": (
        "console.history.ask:timeline",
        "Print every step of an upload: when, at which worker, which attempt, what came of it and why.",
    ),
    "list": ("console.history.ask:list_", "List uploads, the latest first."),
    "retry": (
        "console.retry.command:command",
        "Try uploads again now: those that need a person, and those that wait for their next try.",
    ),
    "rules": ("console.rules.command:app", "The rules that tell invoices from other files."),
    "events": ("console.events:app", "The events that the workers publish."),
    "dead": (
        "console.dead.command:app",
        "The messages that no worker could handle: look at them, have them tried again, or put them away.",
    ),
    "webhook": ("console.webhook.command:app", "The portal's webhook that tells us of uploads."),
    "portal": ("console.portal_check.command:app", "What a live portal alone can show."),
}
"""By name, in the order of the help: where it is, and the first sentence of its help, which a test compares."""


class Later(TyperCommand):
    """Stands in the list of commands, and is replaced by the command itself once that is used."""

    def __init__(self, name: str, place: str, purpose: str) -> None:
        super().__init__(name, help=purpose)
        self._place = place

    @cached_property
    def command(self) -> TyperCommand | TyperGroup:
        module, _, name = self._place.partition(":")
        return _made(str(self.name), getattr(_loaded(module), name))

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        return self.command.make_context(*arguments, **named)


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: Later(name, place, purpose) for name, (place, purpose) in COMMANDS.items()}


def _loaded(module: str) -> Any:
    """What its import makes stays, so that the collector need not look at it: a fifth of the time goes there."""
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()


def _made(name: str, what: Any) -> TyperCommand | TyperGroup:
    if isinstance(what, typer.Typer):
        group = get_group(what)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(what)
    return cast("TyperCommand", get_command(alone))
