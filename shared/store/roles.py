"""What each role may do in the database, table by table. Pure. PostgreSQL alone has roles; SQLite has a file.

Nobody but the role that makes the topology owns a table, so nobody else may change, empty or drop one.
"""

from collections.abc import Mapping

OWNER = "topology"
CLASSIFIER, MOVER, NOTIFIER = "classifier", "mover", "notifier"
HISTORY = "history"
RECONCILER = "reconciler"
DISPATCHER = "dispatcher"
WEB, CONSOLE = "web", "console"
GRANTED = (CLASSIFIER, MOVER, NOTIFIER, DISPATCHER, HISTORY, RECONCILER, WEB, CONSOLE)
"""Those that have rights on tables of another. The ingress has no database."""
ROLES = (OWNER, *GRANTED)

Rights = tuple[str, ...]
"""As GRANT names them: `SELECT`, or `UPDATE (column, …)`."""


def only(*columns: str) -> str:
    """The right to change these columns of a row and no other; to lock a row takes no more."""
    return f"UPDATE ({', '.join(columns)})"


READ: Rights = ("SELECT",)
ADD: Rights = (*READ, "INSERT")
WRITE: Rights = (*ADD, "UPDATE")
ALL: Rights = (*WRITE, "DELETE")

_READERS = dict.fromkeys((RECONCILER, WEB, CONSOLE), READ)
_RULED = dict.fromkeys((CLASSIFIER, MOVER, NOTIFIER, DISPATCHER, RECONCILER), READ)
_PRUNED: Mapping[str, Rights] = {HISTORY: (*READ, "DELETE")}
"""The history forgets what is older than AUDIT_KEEP_DAYS."""
_ACTING = (WEB, CONSOLE)
"""Who does what a person asks for. Their rights on a table are those that such an action needs."""

TABLES: Mapping[str, Mapping[str, Rights]] = {
    # A dead letter that a person puts away lets go of its claims.
    "ledger": {
        MOVER: ALL,
        NOTIFIER: ALL,
        DISPATCHER: ALL,
        RECONCILER: READ,
        WEB: (*READ, only("message")),
        CONSOLE: ALL,
    },
    # "Send now" makes a window due.
    "outbox_windows": {
        NOTIFIER: ALL,
        **dict.fromkeys(_ACTING, (*READ, only("due_at", "published_at", "offered_until"))),
    },
    "outbox_channels": {NOTIFIER: WRITE, WEB: READ, CONSOLE: READ},
    "outbox_invoices": {NOTIFIER: ALL, WEB: READ, CONSOLE: READ},
    "outbox_items": {NOTIFIER: ALL, WEB: READ, CONSOLE: READ},
    "history_uploads": {HISTORY: ALL, **_READERS},
    "history_steps": {HISTORY: ALL, **_READERS},
    "history_position": {HISTORY: ALL, **_READERS},
    "hook_endpoints": {DISPATCHER: ALL, CONSOLE: ALL, **dict.fromkeys((RECONCILER, WEB), READ)},
    "hook_attempts": {DISPATCHER: ALL, CONSOLE: ALL, **dict.fromkeys((RECONCILER, WEB), READ)},
    "actions": {**_PRUNED, **dict.fromkeys(_ACTING, WRITE)},
    "action_items": {**_PRUNED, **dict.fromkeys(_ACTING, WRITE)},
    "letters_put_away": dict.fromkeys(_ACTING, (*ADD, only("taken_back_at", "taken_back_by"), "DELETE")),
    "pauses": {**_RULED, **dict.fromkeys(_ACTING, ALL)},
    # Nobody who acts takes a line out of the audit, or changes who did what.
    "audit": {**_PRUNED, **dict.fromkeys(_ACTING, (*ADD, only("result", "ended_at")))},
    "rulebook_texts": {**_RULED, **dict.fromkeys(_ACTING, ADD)},
    "rulebook_switches": {**_RULED, **dict.fromkeys(_ACTING, ADD)},
    "problems": {RECONCILER: ALL, **dict.fromkeys(_ACTING, (*READ, only("acknowledged_by", "acknowledged_at")))},
    "problem_told": {RECONCILER: (*ADD, "DELETE"), WEB: READ, CONSOLE: READ},
    "problem_channels": {RECONCILER: WRITE, WEB: READ, CONSOLE: READ},
    "problem_silences": {RECONCILER: READ, **dict.fromkeys(_ACTING, WRITE)},
    # The console compares with the portal by hand, and writes down at setup what lay there before.
    "sweep_baselines": {RECONCILER: WRITE, WEB: READ, CONSOLE: WRITE},
    "sweep_known": {RECONCILER: ADD, WEB: READ, CONSOLE: ADD},
    "sweep_due": {RECONCILER: ALL, WEB: READ, CONSOLE: WRITE},
    "sweep_notes": {RECONCILER: ALL, WEB: READ, CONSOLE: WRITE},
    # The console invites people; all else of them is the web console's.
    "people": {WEB: ALL, CONSOLE: (*ADD, only("role"))},
    "people_invites": {WEB: (*ADD, "DELETE"), CONSOLE: (*ADD, "DELETE")},
    "people_sessions": {WEB: (*ADD, only("seen_at"), "DELETE")},
    "people_attempts": {WEB: ALL},
    "schema_versions": dict.fromkeys((CLASSIFIER, MOVER, NOTIFIER, DISPATCHER, HISTORY, *_READERS), READ),
}
"""By table and role. A role that is not named may not even read the table."""


def user_of(role: str) -> str:
    """The role's name on the server, and that of its user on the broker; others may have a role `web` already."""
    return f"intake-{role}"
