"""What the command line says, and what is known from before: an answer given there is not asked for again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from console.setup import dotenv, files
from shared.rules.file import load_rules, single_rule
from shared.rules.model import RuleSet

ONE_RULE = ("CLIENT_ROOM_ID", "INCOMING_FOLDER_ID", "MANAGER_EMAIL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options; None or empty: not said."""

    env_file: Path
    rules_file: Path | None
    portal: str | None
    api_key_file: Path | None
    room: str | None
    incoming: str | None
    create_incoming: bool
    recipients: tuple[str, ...]
    titles: tuple[str, ...]
    name: str | None
    add_rule: bool
    smtp_url: str | None
    mail_from: str | None
    operator: str | None
    checks_mail: bool
    webhook_url: str | None
    registers: bool
    starts: bool | None
    wait_s: float | None
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Known:
    """`.env` and the rules as they are, and the environment on top."""

    env_text: str
    written: Mapping[str, str]
    environ: Mapping[str, str]
    rules_file: Path
    rules_text: str
    rules: RuleSet | None

    def get(self, name: str) -> str | None:
        """The variable, or the content of the file that NAME_FILE names; what the shell says comes first."""
        for source in (self.environ, self.written):
            if value := source.get(name, "").strip():
                return value
            if path := source.get(f"{name}_FILE", "").strip():
                return Path(path).read_text(encoding="utf-8").strip()
        return None

    @property
    def ca_file(self) -> Path | None:
        """TLS_CA_FILE, for the checks; what is wrong with it the doctor says."""
        path = Path(self.get("TLS_CA_FILE") or "/nowhere")
        return path if path.is_file() else None


def known_now(given: Given, environ: Mapping[str, str]) -> Known:
    """OSError, ValueError or RulesError where a file cannot be read or means nothing."""
    text = files.text_of(given.env_file)
    written = dotenv.values(text)
    named = environ.get("RULES_FILE", "").strip() or written.get("RULES_FILE", "").strip() or "rules.toml"
    rules_file = given.rules_file or given.env_file.parent / named
    rules_text = files.text_of(rules_file)
    rules = load_rules(rules_file) if rules_text.strip() else _one_rule(written)
    return Known(text, written, environ, rules_file, rules_text, rules)


def _one_rule(written: Mapping[str, str]) -> RuleSet | None:
    room, folder, email = (written.get(name, "").strip() for name in ONE_RULE)
    return single_rule(room, folder, email) if room and folder and email else None
