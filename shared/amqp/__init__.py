"""AMQP: the one place that imports pika."""
