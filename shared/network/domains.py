"""Domain names as DNS, SMTP and TLS carry them: in ASCII, after IDNA 2008 (RFC 5891). Pure."""


def ascii_domain(name: str) -> str:
    """`faß.de` is `xn--fa-hia.de`; case and width are folded first (UTS 46, non-transitional). ASCII stays as it
    is.

    ValueError for what IDNA 2008 has no name for, such as `☃.example`. Python's own codec is IDNA 2003: it would
    send mail for `faß.de` to `fass.de`, which is somebody else.
    """
    if name.isascii():
        return name
    import idna  # noqa: PLC0415 - its tables take a while, and few names need them

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError(f"the domain {name!r} is none that IDNA 2008 allows") from None
