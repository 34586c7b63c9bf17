"""The order of a setup: ask and check everything, show what changes, write, start, register, and see the doctor."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from console.doctor import command as doctor
from console.doctor.configured import here, seen_by_all
from console.doctor.line import Line
from console.portal_check import command as portal_check
from console.portal_check.command import Settings as PortalCheck
from console.settings import Pages
from console.setup import access_step, baseline_step, writing
from console.setup.address_step import webhook_url
from console.setup.given import Given, Known, known_now
from console.setup.mail_step import mail_settings
from console.setup.operator_step import operators
from console.setup.person import Person
from console.setup.portal_step import connect
from console.setup.rule_step import addition
from console.setup.stack import RESTART, UP, Stack, StackError
from console.setup.webhook_step import LOOK_EVERY_S, ingress_is_ready, register
from console.webhook.secret import new_secret
from console.webhook.view import record
from shared.docspace.client import Client
from shared.docspace.places import Places
from shared.process.settings import SECRETS, Rules, load
from shared.process.webhook_settings import Webhooks
from shared.rules.model import Rule

PORTAL_CHECK = "intake portal check"
SECRET = "DOCSPACE_WEBHOOK_SECRET"  # noqa: S105 - the variable's name


@dataclass(slots=True)
class Report:
    """What came of it, for a program. No secret is in it."""

    env_file: str
    rules_file: str
    ok: bool = False
    dry_run: bool = False
    changes: dict[str, str] = field(default_factory=dict)
    """By variable of `.env`: new, changed or dropped."""
    new_rule: str | None = None
    written: bool = False
    baseline: dict[str, int] | None = None
    """By room of a new rule, how many files lay there before it."""
    webhook: dict[str, Any] | None = None
    doctor: dict[str, Any] | None = None


def run(person: Person, given: Given, known: Known, report: Report) -> None:
    """Fills the report, as far as it comes. Ends the command where it cannot go on."""
    stack = Stack(given.env_file)
    if given.starts and not stack.is_there:
        person.refuse(f"--start needs Docker, and docker-compose.yml in {given.env_file.resolve().parent}")
    for fault in Webhooks.problems({SECRET.lower(): known.get(SECRET) or new_secret()}):
        person.refuse(fault)
    if not given.dry_run:
        writing.refuse_early(person, given, known)
    client, settings = connect(person, given, known)
    try:
        added = addition(person, given, known, client)
        recipients = added.recipients if added else [each for rule in _rules(known) for each in rule.recipients]
        settings |= mail_settings(person, given, known, next(iter(recipients), "invoices@localhost"))
        settings |= operators(person, given, known)
        settings["WEBHOOK_URL"] = webhook_url(person, given, known)
        settings[SECRET] = known.get(SECRET) or new_secret()

        settings |= access_step.setting(given, known)

        new = writing.variables(given, known, settings, with_file=bool(added or known.rules_text.strip()))
        report.changes = writing.changes(known, new)
        report.new_rule = added.name if added else None
        if writing.agreed(person, given, known, report.changes, added):
            access_step.make(given, settings)
            writing.write(given, known, new, added, Places(client))
            report.written = True
        if given.dry_run:
            report.ok = True
            return

        environ, made_at = _environ(given, known), client.clock() or datetime.now(UTC)
        if added is not None:
            report.baseline = baseline_step.write_down(person, client, stack, environ, made_at)
        rules_changed = added is not None and bool(known.env_text)
        _start(person, given, stack, rules_changed=rules_changed)
        if added is not None and report.baseline is None:
            baseline_step.write_down_in(stack, person, made_at)
        deadline = None if given.wait_s is None else time.monotonic() + given.wait_s
        registered = not given.registers or _registered(person, client, environ, report, deadline)
    finally:
        client.close()
    healthy = _see_the_doctor(person, stack, environ, report, deadline)
    live = not rules_changed or _is_live(person, stack, environ)
    report.ok = healthy and registered and live
    if report.ok:
        _offer_check(person, stack, environ, report.new_rule)


def _rules(known: Known) -> tuple[Rule, ...]:
    return known.rules.enabled if known.rules else ()


def _environ(given: Given, known: Known) -> dict[str, str]:
    """What a worker reads that is started with the files as they are now, from any folder."""
    now = known_now(given, {})
    hidden = {f"{name}_FILE" for name in SECRETS if name in now.written}
    environ = {name: value for name, value in known.environ.items() if name not in hidden} | dict(now.written)
    return environ | ({"RULES_FILE": str(now.rules_file.resolve())} if environ.get("RULES_FILE") else {})


def _start(person: Person, given: Given, stack: Stack, *, rules_changed: bool) -> None:
    wanted = given.starts
    if wanted is None and stack.is_there:
        runs = rules_changed and stack.is_running
        what = f"Restart what reads the rules now ({UP}; {RESTART})?" if runs else f"Start it all now ({UP})?"
        wanted = (runs or person.on_terminal) and person.agrees(f"\n{what}")
    if wanted:
        try:
            stack.start(rules_changed=rules_changed)
        except StackError as error:
            person.give_up(f"{error}; the files are written: mend it, then run this again")
        return
    person.tell(f"\nTo start it: {UP}" + (f"\nWhere it runs already, then: {RESTART}" if rules_changed else ""))


def _is_live(person: Person, stack: Stack, environ: Mapping[str, str]) -> bool:
    """Whether all that runs has the new rule. In the stack the doctor has looked."""
    if stack.is_there and stack.is_running:
        return True
    if seen_by_all(load(Pages, environ).health_urls, here(environ)):
        return True
    person.tell(
        "\nThe rule is written, and the workers are not seen to have it. Restart classifier, mover, notifier and "
        "reconciler: they read the rules when they start. Then run `intake doctor`, with HEALTH_URLS naming their "
        "health ports: it says which of them runs with other rules."
    )
    return False


def _registered(
    person: Person, client: Client, environ: Mapping[str, str], report: Report, deadline: float | None
) -> bool:
    url, secrets = environ["WEBHOOK_URL"], load(Webhooks, environ).secrets
    if not ingress_is_ready(person, url, secrets, deadline):
        person.tell("The webhook is not registered yet: start the ingress with this .env, then run this again.")
        return False
    done = register(person, client, url, secrets[-1].decode(), load(Rules, environ).rules())
    report.webhook = record(done, None) if done else None
    return done is not None


def _see_the_doctor(
    person: Person, stack: Stack, environ: Mapping[str, str], report: Report, deadline: float | None
) -> bool:
    """In the stack where it runs: broker and database are to be seen from there alone."""
    person.tell("")
    in_stack = stack.is_there and stack.is_running
    try:
        if person.by_stderr:
            report.doctor = stack.doctor_report() if in_stack else doctor.report(_lines(environ, deadline))
            return bool(report.doctor["ok"])
        if in_stack:
            return stack.doctor() == 0
    except StackError as error:
        person.give_up(str(error))
    found = _lines(environ, deadline)
    doctor.tell(found)
    return doctor.exit_code(found) == 0


def _offer_check(person: Person, stack: Stack, environ: Mapping[str, str], new_rule: str | None) -> None:
    """What comes of it changes nothing of the setup, which is done."""
    person.tell(f"\nWhether this portal answers as it should, with a small file of its own: {PORTAL_CHECK}")
    if not person.on_terminal or person.says_yes or not person.agrees("Try that now?"):
        return
    settings = load(PortalCheck, environ)
    rules = [rule for rule in settings.rules().rules if rule.rooms]
    rule = next((rule for rule in rules if rule.name == new_rule), next(iter(rules), None))
    if rule is None:
        return
    if stack.is_there and stack.is_running:
        stack.check_portal(str(rule.rooms[0]), str(rule.destination))
    else:
        portal_check.go(environ, settings, (rule.rooms[0], rule.destination))


def _lines(environ: Mapping[str, str], deadline: float | None) -> list[Line]:
    """What the doctor finds; again until the deadline while something fails, as workers that start do at first."""
    while True:
        found = doctor.examine(environ)
        if not doctor.exit_code(found) or deadline is None or time.monotonic() > deadline:
            return found
        time.sleep(LOOK_EVERY_S)
