"""Where actions are kept and done: the broker and the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from shared.process.settings import LedgerDatabase, Process, load
from shared.wire.stages import STAGES, Stage


class Settings(Process, LedgerDatabase):
    pass


@dataclass(frozen=True, slots=True)
class Site:
    amqp_urls: tuple[str, ...]
    database_url: str
    retry_delays_s: tuple[int, ...] = ()
    stages: tuple[Stage, ...] = STAGES

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """SettingsError names what is wrong."""
        return cls.from_settings(load(Settings, environ))

    @classmethod
    def from_settings(cls, found: Settings) -> Self:
        return cls(found.amqp_urls, found.database_url.get_secret_value(), found.retry_delays_s, found.stages)
