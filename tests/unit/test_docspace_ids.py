"""When a portal's id is another file's by now: by two times of creation that are told to different precisions."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.docspace.field import moment
from shared.docspace.ids import differ

CREATED = datetime(2026, 11, 29, 20, 26, 35, 533444, UTC)


@pytest.mark.parametrize(
    ("told", "another"),
    [
        ("2026-11-29T20:26:35.533444Z", False),
        ("2026-11-29T20:26:35.533443Z", False),  # modifiedOn was seen a microsecond before createOn
        ("2026-11-29T20:26:35.500444Z", True),  # the purged file's, whose id the next upload has
        ("2026-11-29T20:26:36.2Z", True),
        ("2026-11-29T20:26:35Z", False),  # whole seconds, as some databases keep them
        ("2026-11-29T20:26:36Z", False),
        ("2026-11-29T20:26:34Z", True),
        ("2026-11-29T20:26:37Z", True),
    ],
)
def test_a_time_that_is_told_exactly_is_compared_exactly(told, another) -> None:
    assert differ(moment(told), CREATED) is another


def test_a_file_of_whole_seconds_is_the_same_within_one() -> None:
    exact = CREATED.replace(microsecond=0)
    assert not differ(moment("2026-11-29T20:26:35.9Z"), exact)
    assert differ(moment("2026-11-29T20:26:36.1Z"), exact)


@pytest.mark.parametrize(("told", "created"), [(None, CREATED), (CREATED, None), (None, None)])
def test_what_is_not_known_says_nothing(told, created) -> None:
    assert not differ(told, created)
    assert differ(CREATED, CREATED + timedelta(days=1))
