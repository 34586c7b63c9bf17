"""Domain names as DNS, SMTP and TLS carry them: in ASCII, after IDNA 2008 (RFC 5891). Pure."""


def ascii_domain(name: str) -> str:
    """The domain in ASCII: `xn--fa-hia.de` for `faß.de`. A domain in ASCII is returned as it is.

    Case and width are folded first (UTS 46, non-transitional). Raises ValueError for a name that IDNA 2008 does not
    allow, such as `☃.example`. Python's own codec knows IDNA 2003 only: it would send mail for `faß.de` to
    `fass.de`, which belongs to somebody else.
    """
    if name.isascii():
        return name
    import idna  # noqa: PLC0415 - its tables take a while, and few names need them

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError(f"the domain {name!r} is none that IDNA 2008 allows") from None
