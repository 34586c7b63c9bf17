"""Containers that Compose left when it was killed between making one and giving it its name."""

from console.setup.stack import half_made


def test_a_container_that_still_bears_another_s_id_is_left_over() -> None:
    names = ["intake-mover-1", "0a1b2c3d4e5f_intake-mover-1", "intake-rabbitmq-1"]
    assert half_made(names) == ["0a1b2c3d4e5f_intake-mover-1"]


def test_a_project_may_begin_with_hexadecimal_digits() -> None:
    assert half_made(["0a1b2c3d4e5f-mover-1", "facade_mover_1"]) == []
