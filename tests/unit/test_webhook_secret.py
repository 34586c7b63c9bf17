"""A new webhook secret meets any password policy that a portal can have, and passes through a .env unharmed."""

import re

from console.webhook.secret import new_secret


def test_a_new_secret_has_each_kind_of_character_and_the_longest_length() -> None:
    for secret in {new_secret() for _ in range(200)}:
        assert len(secret) == 30
        for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E]"):
            assert re.search(kind, secret)


def test_no_secret_means_anything_to_a_shell_or_a_list() -> None:
    assert not re.search(r"""[\s,'"$#\\`!&|;=%]""", "".join(new_secret() for _ in range(200)))


def test_no_two_are_the_same() -> None:
    assert len({new_secret() for _ in range(1000)}) == 1000
