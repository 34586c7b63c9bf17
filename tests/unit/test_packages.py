"""What our images hold may be shipped with them, and the tools that say so ask about exactly that."""

import pytest

from scripts.reference.packages import licence, packages, unaccepted


@pytest.mark.parametrize("package", [name for name, _, _ in packages()])
def test_a_package_declares_a_licence_that_is_accepted(package: str) -> None:
    assert not unaccepted(licence(package)), licence(package)


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        ("GPL-3.0-only", {"GPL-3.0-only"}),
        ("MIT AND GPL-3.0-only", {"GPL-3.0-only"}),
        ("MIT OR GPL-3.0-only", set()),
        ("", {""}),
    ],
)
def test_a_licence_that_is_not_accepted_is_named(expression: str, refused: set[str]) -> None:
    assert unaccepted(expression) == refused


def test_the_images_hold_the_broker_client_and_not_the_test_runner() -> None:
    names = {name for name, _, _ in packages()}
    assert "pika" in names
    assert not names & {"pytest", "colorama"}
