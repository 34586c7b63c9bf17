"""The ingress: does it answer the portal's HEAD, and does it take what is signed with our secrets?"""

from collections.abc import Iterator, Sequence

from console.connect.http import NoAnswerError
from console.connect.ingress import OK, OTHER_PORT, UNAUTHORIZED, UNAVAILABLE, another_program, head, signed_post
from console.doctor.line import Area, Line

AREA = Area("ingress")


def check(url: str, secrets: Sequence[bytes], own: str | None = None) -> Iterator[Line]:
    """One event that the classifier skips is sent for each secret.

    `own` is the ingress's address beside us: where `url`, the portal's way to it, does not answer us, it tells
    whether the ingress or the way is at fault.
    """
    try:
        status = head(url)
        if status != OK and url == own:
            yield AREA.failed(
                another_program(url, status), f"stop that program, or {OTHER_PORT}", cause="another-program"
            )
            return
        if status != OK:
            yield AREA.failed(
                f"{url} answers {status} to HEAD, which must be {OK}",
                "the portal follows no redirect: pass this very address on to the ingress, unchanged",
                cause="no-head",
            )
            return
        yield AREA.ok(f"{url} answers HEAD")
        for number, secret in enumerate(secrets, start=1):
            which = "our secret" if len(secrets) == 1 else f"secret {number} of {len(secrets)}"
            yield _signed(signed_post(url, secret), which)
    except NoAnswerError as error:
        yield _silent(url, str(error), own)


def _silent(url: str, why: str, own: str | None) -> Line:
    text = f"{url} does not answer: {why}"
    if own and own != url and _answers(own):
        return AREA.failed(
            f"{text}; the ingress itself does, at {own}",
            "see to the way in between (name, certificate, reverse proxy), or try the address from outside: some "
            "networks do not let their own machines in by it",
            cause="way",
        )
    return AREA.failed(
        text, "start the ingress; WEBHOOK_URL (or INGRESS_HOST and INGRESS_PORT) says where it is", cause="silent"
    )


def _answers(url: str) -> bool:
    try:
        return head(url) == OK
    except NoAnswerError:
        return False


def _signed(status: int, which: str) -> Line:
    if status == OK:
        return AREA.ok(f"takes what is signed with {which}")
    if status == UNAUTHORIZED:
        mend = "restart the ingress with the DOCSPACE_WEBHOOK_SECRET of .env"
        return AREA.failed(
            f"refuses what is signed with {which} (401): it runs with another", mend, cause="other-secret"
        )
    if status == UNAVAILABLE:
        return AREA.failed(
            "takes no events (503)",
            "start the broker; its spool is full or cannot be written",
            cause="takes-nothing",
        )
    return AREA.failed(f"answers {status} to a signed event", "see the ingress's log", cause="answers-otherwise")
