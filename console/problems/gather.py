"""Has the checks made that find what needs a person. Repeating it is safe, and changes nothing."""

from collections.abc import Callable, Collection, Mapping

from console.doctor.checks import CHECKS
from console.doctor.run import LIMIT_S, run
from console.problems.judge import judge
from console.problems.problem import Found, Unknown

QUIET = tuple(name for name in CHECKS if name not in {"ingress", "ledger"})
"""Those that send no event and write nothing."""
NEAR = tuple(name for name in QUIET if name != "portal")
"""Those that a process without the portal's key can make, within seconds."""
NOT_ASKED = (
    "not asked from here: the workers' pages and the reconciler say what they saw of it; intake doctor asks it"
)


def gather(
    environ: Mapping[str, str],
    names: Collection[str] = QUIET,
    limit_s: float = LIMIT_S,
    waiting: Callable[[list[str]], None] = lambda _: None,
) -> Found:
    """By these checks. A check that does not end within `limit_s` is what could not be looked at."""
    found = judge(line for area in run(environ, limit_s, waiting, names) for line in area)
    left_out = tuple(Unknown(name, NOT_ASKED) for name in QUIET if name not in names)
    return Found(found.problems, found.unknown + left_out)
