"""A DocSpace portal for the demo and the tests: its REST API, its webhooks, and a mailbox that catches mail."""
