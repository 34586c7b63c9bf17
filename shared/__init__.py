"""What every worker shares: wire contract, broker link, ledger, DocSpace client, settings and logs."""

VERSION = "0.2.0"
"""Of the whole product: CHANGELOG.md says what is in it."""
