"""The mail server: its name, and a connection that is secured and logged in. The mails are the notifier's."""
