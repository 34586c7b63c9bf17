"""Which commands there are. A command's module is loaded when the command is used: most need a second for that."""

import gc
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from shared.process.gc_tuning import OLDER, YOUNG

COMMANDS = {
    "setup": ("console.setup.command:command", "From a portal and an API key to a running intake."),
    "harden": (
        "console.harden.command:command",
        "Give each service a user and a password of its own, on broker and database.",
    ),
    "doctor": ("console.doctor.command:command", "Check everything between the portal and the mailbox."),
    "topology": (
        "console.topology.command:command",
        "Make what the workers need: exchanges, queues and bindings on the broker, tables in the database.",
    ),
    "broker": (
        "console.broker.command:app",
        "The broker's users: one for each role, with no more rights than it needs.",
    ),
    "database": (
        "console.database.command:app",
        "The database's roles: one for each process, with no more rights than it needs.",
    ),
    "explain": ("console.explain.command:command", "Say why an event is an invoice, or why not."),
    "problems": (
        "console.problems.command:app",
        "Say what needs a person, each thing once and by its cause, and what to do.",
    ),
    "notifications": (
        "console.notifications.command:app",
        "What waits to be told, when it goes and to whom; and a message that tries a channel out.",
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
    "events": ("console.events.command:app", "The events that the workers publish."),
    "dead": (
        "console.dead.command:app",
        "The messages that no worker could handle: look at them, have them tried again, or put them away.",
    ),
    "action": (
        "console.actions.command:app",
        "Do something to many uploads at once: counted first, on the audit, stopped and resumed.",
    ),
    "audit": (
        "console.actions.audit_command:command",
        "List what people did, the latest first: when, who and through what, what, to which, and what came of it.",
    ),
    "hooks": (
        "console.hooks.command:app",
        "The endpoints that are sent webhooks of ours: how each stands, and what it missed.",
    ),
    "webhook": ("console.webhook.command:app", "The portal's webhook that tells us of uploads."),
    "backup": ("console.backup.command:command", "Put all that the pipeline holds into one file."),
    "restore": ("console.restore.command:command", "Put back what a backup holds."),
    "web": ("console.web.command:app", "Serve the web console, until SIGTERM."),
    "portal": ("console.portal_check.command:app", "What a live portal alone can show."),
}
"""By name, in the order of the help: where it is, and the first sentence of its help, which a test compares."""


class Loading(Mapping[str, Any]):
    """The commands by their names; each is loaded when it is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, TyperCommand | TyperGroup] = {}

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        if name not in self._loaded:
            module, _, attribute = COMMANDS[name][0].partition(":")
            self._loaded[name] = _made(name, getattr(_loaded(module), attribute))
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Commands(TyperGroup):
    """The group of all commands. The help and completion show their names and purposes, and load none."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands: Any = Loading()

    def list_commands(self, _: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: Any, cmd_name: str) -> Any:
        """What stands for it in a list."""
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, self.commands[name] if name and listed else listed, rest


def _loaded(module: str) -> Any:
    loaded = import_module(module)
    if not gc.isenabled():  # `main` began without it
        gc.freeze()
        gc.set_threshold(YOUNG, OLDER, OLDER)
        gc.enable()
    return loaded


def _made(name: str, what: Any) -> TyperCommand | TyperGroup:
    if isinstance(what, typer.Typer):
        group = get_group(what)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(what)
    return cast("TyperCommand", get_command(alone))
