"""`DATABASE_URL`, as SQLAlchemy and psycopg read it, and never quoted."""

from shared.network.tls import Files
from shared.network.urls import ESCAPING

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
VERIFYING = ("verify-ca", "verify-full")
ENCRYPTING = ("require", *VERIFYING)


def database_url(text: str, files: Files) -> str:
    """`sqlite:///path` or `postgresql://user:password@host/name` (`postgres://` too), made complete.

    If the server's certificate is to be verified and the URL does not say by what, it is by the authorities in
    `files`. If TLS is asked for and the URL names no certificate of ours, that in `files` is shown. ValueError,
    without a part of the URL in it, for what the two libraries could not use.
    """
    from shared.store.database import url_of  # noqa: PLC0415 - the ingress has no database

    scheme, _, rest = text.partition("://")
    match scheme.lower():
        case "postgres" | "postgresql":
            return _postgres(f"postgresql://{rest}", files)
        case "sqlite" if rest.startswith("/"):
            url_of(f"sqlite://{rest}")
            return f"sqlite://{rest}"
        case _:
            raise ValueError("must start with sqlite:/// or postgresql://")


def _postgres(text: str, files: Files) -> str:
    from psycopg import Error, conninfo  # noqa: PLC0415 - nor has who uses SQLite a PostgreSQL

    from shared.store.database import url_of  # noqa: PLC0415

    try:
        url = url_of(text)
    except ValueError:
        raise ValueError(f"cannot be read ({ESCAPING})") from None
    if "@" in (url.host or ""):
        raise ValueError(f"has more than one @ ({ESCAPING})")
    _, options = url.get_dialect()().create_connect_args(url)
    try:
        conninfo.make_conninfo("", **options)
    except Error:
        raise ValueError(
            "has an option that PostgreSQL's client does not know (it takes libpq's, such as ?sslmode=require)"
        ) from None
    mode = options.get("sslmode")
    if mode is not None and mode not in SSL_MODES:
        raise ValueError(f"sslmode is one of {', '.join(SSL_MODES)}")
    added: dict[str, str] = {}
    if files.authorities and mode in VERIFYING and "sslrootcert" not in options:
        added["sslrootcert"] = str(files.authorities)
    if files.certificate and mode in ENCRYPTING and "sslcert" not in options:
        added |= {"sslcert": str(files.certificate), "sslkey": str(files.key)}
    if not added:
        return text
    return url_of(text).set(drivername="postgresql").update_query_dict(added).render_as_string(hide_password=False)
