"""Where somebody sits who sets the product up: a folder, a portal, and an answer to each question."""

from pathlib import Path

from typer.testing import CliRunner

from console.__main__ import app
from demo.ports import free_port
from simulator.portal import seed
from simulator.portal.model import Role
from simulator.server import Simulator

OURS = ("DOCSPACE_API_HOST", "DOCSPACE_API_KEY", "DOCSPACE_WEBHOOK_SECRET", "RULES_FILE", "WEBHOOK_URL", "SMTP_URL")


class Desk:
    """A folder, a portal, and the options of somebody who says all that a setup asks for."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.folder = folder
        self.env_file = folder / ".env"
        self.rules_file = folder / "rules.toml"
        self.simulator = simulator
        self.answers = {
            "--portal": simulator.url,
            "--room": "Acme Ltd",
            "--incoming": "Accounting/Incoming",
            "--recipient": "manager@example.com",
            "--smtp-url": f"smtp://127.0.0.1:{simulator.smtp_port}",
            "--webhook-url": f"http://127.0.0.1:{free_port()}/",
        }

    def run(self, *flags: str, key: str | None = "sk-simulator", **changed: str | None):
        said = self.answers | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
        options = [part for name, value in said.items() if value is not None for part in (name, value)]
        environ = dict.fromkeys(OURS) | {
            "DOCSPACE_API_KEY": key,
            "DATABASE_URL": f"sqlite:///{self.folder}/ledger.db",
        }
        command = ["setup", "--env-file", str(self.env_file), *options, *flags]
        return CliRunner().invoke(app, command, env=environ)

    def role(self, room: int, role: Role | None) -> None:
        roles = self.simulator.portal.tree.folder(room).roles
        if role is None:
            roles.pop(seed.SERVICE.id, None)
        else:
            roles[seed.SERVICE.id] = role
