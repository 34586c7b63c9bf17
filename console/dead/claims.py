"""What a discarded letter still claims in the ledger: let go of, for a later event of the same upload."""

from collections.abc import Iterable, Mapping

from console.dead.database import database_url
from shared.amqp.operator.dead_letters import DeadLetter
from shared.errors import IntakeError
from shared.process.settings import SettingsError
from shared.store.ledger import Ledger
from shared.wire.stages import MOVER


def let_go(letters: Iterable[DeadLetter], environ: Mapping[str, str]) -> str | None:
    """Of the mover's letters; the others claim nothing. None, or in one sentence why it could not be done."""
    claimed = [letter.message_id for letter in letters if letter.stage == MOVER.name]
    if not claimed:
        return None
    why = _abandon(claimed, environ)
    return why and f"a later event of these uploads is still taken for the discarded one's, and skipped: {why}"


def _abandon(messages: list[str], environ: Mapping[str, str]) -> str | None:
    try:
        url = database_url(environ)
        if url is None:
            return "DATABASE_URL does not say where the ledger is"
        ledger = Ledger(url, owner="console dead")
    except (SettingsError, ValueError) as error:
        return str(error)
    try:
        ledger.abandon(messages)
    except IntakeError as error:
        return str(error)
    finally:
        ledger.close()
    return None
