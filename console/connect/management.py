"""What only RabbitMQ's management API tells or does: rates, who consumes, users and their rights."""

import base64
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from console.connect.http import Answer, NoAnswerError, call
from shared.text.reading import loads

TIMEOUT_S = 2.0
"""It answers from memory; a person waits."""
PORT, TLS_PORT = 15672, 15671
OK, DONE, UNAUTHORIZED, NOT_FOUND = 200, (200, 201, 204), 401, 404
NAMELESS = "a client without a name"


class NotToldError(Exception):
    """`str()` says why not."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Of one queue, averaged by the broker over some seconds."""

    in_per_s: float
    out_per_s: float
    in_hand: int
    consumers: tuple[str, ...]
    """By the names of their connections."""


class Management:
    """Of the broker at the first of `amqp_urls`, with the same user.

    Where no address is set, it is the plugin's own port of the same host: the password goes to no other host, and
    to no other port than that of the broker that it is for.
    """

    def __init__(self, amqp_urls: Sequence[str], address: str | None) -> None:
        """`address` where it is not the port of the plugin on the broker's host."""
        broker = urlsplit(amqp_urls[0])
        self.address = (address or _beside(broker) or "").rstrip("/")
        self.vhost = quote(unquote(broker.path[1:]) or "/", safe="")
        user, password = unquote(broker.username or "guest"), unquote(broker.password or "guest")
        self._login = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def traffic(self, cluster: str | None) -> dict[str, Traffic]:
        """By queue; NotToldError where it does not answer, keeps no rates, or is of another cluster than `cluster`.

        `cluster` is the name that the broker itself tells over AMQP.
        """
        overview = self._overview(cluster)
        if overview.get("disable_stats") or overview.get("rates_mode") == "none":
            raise NotToldError(f"the broker keeps no rates, says {self.address}")
        queues = self._get(f"queues/{self.vhost}")
        names = {
            one.get("name"): _part(one, "client_properties").get("connection_name") or NAMELESS
            for one in map(_object, self._get("connections"))
        }
        consumers = defaultdict(list)
        for one in map(_object, self._get(f"consumers/{self.vhost}")):
            connection = _part(one, "channel_details").get("connection_name")
            consumers[_part(one, "queue").get("name")].append(names.get(connection, NAMELESS))
        return {queue["name"]: _traffic(queue, consumers[queue["name"]]) for queue in queues}

    def connections(self, cluster: str | None) -> list[str]:
        """Of everybody in this virtual host, by the names that they gave themselves. NotToldError as above."""
        self._overview(cluster)
        found = map(_object, self._get(f"vhosts/{self.vhost}/connections"))
        return [_part(one, "client_properties").get("connection_name") or NAMELESS for one in found]

    def _overview(self, cluster: str | None) -> Mapping[str, Any]:
        self._known()
        overview: Mapping[str, Any] = _object(self._get("overview?columns=cluster_name,rates_mode,disable_stats"))
        other = overview.get("cluster_name")
        if cluster and other and other != cluster:
            raise NotToldError(
                f'{self.address} is the management API of another broker, "{other}"; '
                f'AMQP_URL leads to "{cluster}": MANAGEMENT_URL says where its own is'
            )
        return overview

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What it answers, True if it did it and answers nothing, None if a GET finds nothing.

        `path` comes after `/api/`. NotToldError says why it was not done; repeating is as safe as the method.
        """
        self._known()
        answer = self._call(method, path, None if body is None else json.dumps(body).encode())
        if method == "GET" and answer.status == NOT_FOUND:
            return None
        if answer.status not in DONE:
            raise NotToldError(f"the management API at {self.address} does not do it: {_reason(answer)}")
        return loads(answer.body) if answer.body else True

    def _known(self) -> None:
        if not self.address:
            raise NotToldError(
                "the broker's port in AMQP_URL is not the usual one, so where its management API is, is not known: "
                "MANAGEMENT_URL says it"
            )

    def _call(self, method: str, path: str, body: bytes | None = None) -> Answer:
        headers = {"Authorization": self._login, "Content-Type": "application/json"}
        try:
            return call(method, f"{self.address}/api/{path}", body, headers, timeout_s=TIMEOUT_S)
        except NoAnswerError as error:
            raise NotToldError(
                f"the management API at {self.address} does not answer ({error}); MANAGEMENT_URL says where it is"
            ) from error

    def _get(self, path: str) -> Any:
        answer = self._call("GET", path)
        if answer.status == UNAUTHORIZED:
            raise NotToldError(f"the management API at {self.address} refuses the user of AMQP_URL")
        try:
            if answer.status == OK:
                return loads(answer.body)
        except ValueError:
            pass
        raise NotToldError(f"{self.address} answers {answer.status}, which is no management API's")


def _reason(answer: Answer) -> str:
    """In the broker's words: `Not administrator user`, `Login failed`, …"""
    try:
        told = _object(loads(answer.body))
    except ValueError:
        told = {}
    return str(told.get("reason") or told.get("error") or f"it answers {answer.status}")


def _object(found: object) -> Mapping[str, Any]:
    """The API writes an empty object as `[]`: of a consumer that has just come it knows no channel yet."""
    return found if isinstance(found, dict) else {}


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within it; empty where it is left out."""
    return _object(record.get(name))


def _traffic(queue: Mapping[str, Any], consumers: Sequence[str]) -> Traffic:
    """Where nothing came or went for some minutes the broker leaves the rates out."""
    stats = _part(queue, "message_stats")
    return Traffic(
        in_per_s=float(_part(stats, "publish_details").get("rate", 0)),
        out_per_s=float(_part(stats, "ack_details").get("rate", 0)),
        in_hand=int(queue.get("messages_unacknowledged", 0)),
        consumers=tuple(sorted(consumers)),
    )


def _beside(broker: SplitResult) -> str | None:
    """None where the broker's port says nothing of the plugin's."""
    scheme, port, usual = ("https", TLS_PORT, 5671) if broker.scheme == "amqps" else ("http", PORT, 5672)
    return f"{scheme}://{_host(broker.hostname)}:{port}" if (broker.port or usual) == usual else None


def _host(name: str | None) -> str:
    return f"[{name}]" if name and ":" in name else name or "127.0.0.1"
