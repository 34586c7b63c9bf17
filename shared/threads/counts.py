"""What a process counts before its metrics are made: it logs and starts threads first. `Metrics` shows it."""

from prometheus_client import CollectorRegistry

PROCESS = CollectorRegistry()
