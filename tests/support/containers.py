"""What the container engine needs help with."""

import time

from docker.errors import APIError
from docker.models.containers import Container

TRIES = 10


def pause(container: Container) -> None:
    """Freeze it. On a busy machine the engine says "unable to freeze" now and then, and can the next moment."""
    for left in reversed(range(TRIES)):
        try:
            container.pause()
        except APIError:
            if not left:
                raise
            time.sleep(0.2)
        else:
            return
