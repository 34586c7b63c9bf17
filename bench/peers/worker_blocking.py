"""pika's BlockingConnection: its tutorials' loop, with a confirm for each publish and an ack for each message.

Tuned: prefetch 256, so that the broker never waits for us.
"""

import json
import os

import pika

ONE_IN = int(os.environ.get("BENCH_ONE_IN", "4"))
connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.confirm_delivery()
channel.basic_qos(prefetch_count=256)
for method, _props, body in channel.consume("jobs"):
    number = json.loads(body)["number"]
    if number % ONE_IN == 0:
        event = {"number": number, "title": "Invoice", "destination": 1, "recipients": ["a@example.com"]}
        channel.basic_publish(
            "", "next", json.dumps(event), pika.BasicProperties(delivery_mode=2), mandatory=True
        )  # returns once it is confirmed
    channel.basic_ack(method.delivery_tag)
