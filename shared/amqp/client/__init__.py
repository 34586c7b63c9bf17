"""The only modules that touch pika's inside."""
