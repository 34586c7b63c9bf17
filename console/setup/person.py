"""Asks a person on a terminal. Where there is none, a missing answer ends the command and names its option."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

import typer

from console.doctor.command import shown
from console.doctor.line import Line
from console.settings import FAILED, USAGE
from console.terminal.printing import agreed, asked, complain, say

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Person:
    on_terminal: bool
    says_yes: bool
    """To every confirmation; not to a question that has no answer yet."""
    by_stderr: bool
    """What is said to a person, where a program reads stdout."""

    def tell(self, text: str) -> None:
        say(text, err=self.by_stderr)

    def show(self, line: Line) -> None:
        say(*shown(line), err=self.by_stderr)

    def answer(
        self,
        question: str,
        option: str,
        read: Callable[[str], T],
        *,
        given: str | None = None,
        known: str | None = None,
        shown_as: str | None = None,
        hidden: bool = False,
    ) -> T:
        """`given` is not asked about; `known` is what Enter keeps. `read` raises ValueError for a bad answer.

        `shown_as` stands for a known answer that is no business of who looks over a shoulder.
        """
        if given is not None or not self.on_terminal:
            text = known if given is None else given
            if text is None:
                self.refuse(f"{question}? There is no terminal to ask on: say it with {option}")
            try:
                return read(text)
            except ValueError as error:
                self.refuse(f"{option}: {error}")
        keeps = f" [{known if shown_as is None else shown_as}]" if known is not None else ""
        while True:
            text = asked(f"{question}{keeps}", hidden=hidden, err=self.by_stderr)
            try:
                return read(text.strip() or known or "")
            except ValueError as error:
                self.tell(f"  {error}")

    def line(self, question: str) -> str:
        """Whatever was typed; on a terminal alone."""
        return asked(question, err=self.by_stderr).strip()

    def agrees(self, question: str, *, default: bool = True) -> bool:
        """Where there is no terminal only --yes agrees."""
        if self.says_yes or not self.on_terminal:
            return self.says_yes
        return agreed(question, default=default, err=self.by_stderr)

    def refuse(self, sentence: str) -> NoReturn:
        """It was asked for wrongly, or not in full."""
        complain(sentence)
        raise typer.Exit(USAGE)

    def give_up(self, sentence: str) -> NoReturn:
        """It cannot be done."""
        complain(sentence)
        raise typer.Exit(FAILED)
