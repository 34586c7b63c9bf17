"""Prints the demo's output: in colour on a terminal, as plain lines elsewhere."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.stack import Addresses
from demo.story import Step
from demo.verdict import Ending, in_all

STYLES = {
    "uploaded": "bold",
    "received": "dim",
    "detected": "cyan",
    "filed": "green",
    "announced": "bold green",
    "skipped": "dim",
    "locked": "yellow",
    "unlocked": "yellow",
}
TITLE_CHARS = 30
PLAIN_WIDTH = 160  # for a file or a pipe, which has no width


class Screen:
    def __init__(self) -> None:
        self._console = Console(soft_wrap=True, highlight=False)
        if not self._console.is_terminal:
            self._console.width = PLAIN_WIDTH

    def say(self, line: str) -> None:
        self._console.print(Text(line))

    def step(self, step: Step) -> None:
        line = Text()
        line.append(step.at, "dim")
        line.append(f"  {step.title.strip()[:TITLE_CHARS]:<{TITLE_CHARS}}  ")
        line.append(f"{step.what:<10}", STYLES.get(step.what, ""))
        line.append(f"  {step.detail}", "dim" if step.what in {"received", "skipped"} else "")
        self._console.print(line)

    def addresses(self, addresses: Addresses, invitation: str) -> None:
        self.say("")
        self.say(f"  the portal, to upload to, and the mailbox   {addresses.page}/")
        self.say(f"  the web console                             {addresses.web}/")
        self.say(f"  signs you in to it, once, for ten minutes   {invitation}")
        self.say(f"  RabbitMQ (guest, guest)                     {addresses.management}/")
        self.say(f"  the ingress                                 {addresses.ingress}/docspace/webhook")
        self.say(f"  logs                                        {addresses.logs}")
        self.say("")

    def endings(self, endings: Sequence[Ending]) -> None:
        table = Table("file", "shows", "ended as it should", box=None, pad_edge=False)
        for ending in endings:
            verdict = Text("; ".join(ending.faults), "bold red") if ending.faults else Text("yes", "green")
            table.add_row(Text(ending.sample.name.strip()), Text(ending.sample.shows), verdict)
        self.say("")
        self._console.print(table)
        self.say("")
        self.say(in_all(endings))
