"""What every worker shares: wire contract, broker link, ledger, DocSpace client, settings and logs."""
