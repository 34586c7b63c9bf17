"""What a discarded letter still claims in the ledger: let go of, for a later event of the same upload."""

from collections.abc import Iterable, Mapping

from console.settings import given
from shared.amqp.operator.dead_letters import DeadLetter
from shared.errors import IntakeError
from shared.process.settings import Database, SettingsError, load
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
    if not given("DATABASE_URL", environ):
        return "DATABASE_URL does not say where the ledger is"
    try:
        settings = load(Database, environ)
        ledger = Ledger(settings.database_url.get_secret_value(), owner="console dead")
    except (SettingsError, ValueError) as error:
        return str(error)
    try:
        ledger.abandon(messages)
    except IntakeError as error:
        return str(error)
    finally:
        ledger.close()
    return None
