"""What a process counts before its `Metrics` are made, which then shows it: the log and the threads come first."""

from prometheus_client import CollectorRegistry

PROCESS = CollectorRegistry()
