"""Reads the portal's address for requests."""

from shared.network.urls import web_address

EXAMPLE = "https://yourportal.onlyoffice.com"


def portal_url(text: str) -> str:
    """`https://portal.example`, without a slash at its end; ValueError, without what is wrong with it in it."""
    from requests import Request, RequestException  # noqa: PLC0415 - the ingress talks to no portal

    try:
        address = web_address(text).rstrip("/")
        Request("GET", address).prepare()
    except (ValueError, RequestException) as error:
        why = "" if isinstance(error, RequestException) else f": it {error}"
        raise ValueError(f"is not a portal's address such as {EXAMPLE}{why}") from None
    if "?" in address:
        raise ValueError(f"is not a portal's address such as {EXAMPLE}: it has a question mark")
    return address
