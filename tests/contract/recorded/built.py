"""All recorded situations: whoever takes them from here has them all, whichever tests are run."""

from tests.contract.recorded import files, hooks, keys_and_moods, moves, rooms
from tests.contract.recorded.situations import SITUATIONS

BUILDERS = (files, moves, rooms, keys_and_moods, hooks)

__all__ = ["BUILDERS", "SITUATIONS"]
