"""The broker's users as RabbitMQ's own definitions, for `rabbitmqctl import_definitions` or the management API.

An import adds and changes these users and permissions and no others, so repeating it is safe. It names no virtual
host, whose description an import would overwrite: that must be there before. Only a new broker that imports when it
starts has none: it makes neither `guest` nor a virtual host then (rabbit.erl, maybe_insert_default_data).
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from shared.amqp.operator.roles import Role, key_pattern, pattern
from shared.runtime.settle import EXCHANGE

HASHING = "rabbit_password_hashing_sha256"
SALT_BYTES = 4


def definitions(
    roles: Iterable[Role], passwords: Mapping[str, str], vhost: str, *, makes_vhost: bool = False
) -> dict[str, Any]:
    """`passwords` are by role."""
    roles = list(roles)
    made: dict[str, Any] = {"vhosts": [{"name": vhost}]} if makes_vhost else {}
    return made | {
        "users": [_user(role, passwords[role.name]) for role in roles],
        "permissions": [
            {
                "user": role.user,
                "vhost": vhost,
                "configure": pattern(role.configure),
                "write": pattern(role.write),
                "read": pattern(role.read),
            }
            for role in roles
        ],
        "topic_permissions": [  # a user without any may use every key
            {
                "user": role.user,
                "vhost": vhost,
                "exchange": EXCHANGE,
                "write": key_pattern(role.publishes),
                "read": key_pattern(role.hears),
            }
            for role in roles
        ],
    }


def _user(role: Role, password: str) -> dict[str, Any]:
    return {
        "name": role.user,
        "password_hash": password_hash(password, secrets.token_bytes(SALT_BYTES)),
        "hashing_algorithm": HASHING,
        "tags": list(role.tags),
    }


def password_hash(password: str, salt: bytes) -> str:
    """As RabbitMQ's documentation "Credentials and Passwords" says: the salt, and SHA-256 of the salt and the
    password, in Base64.
    """
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
