"""aio-pika without a framework: a callback for each message, a confirm for each publish, an ack for each message.

Tuned: uvloop, and prefetch 256, since the callbacks run beside each other up to that number.
"""

import asyncio
import json
import os

import aio_pika
import uvloop

ONE_IN = int(os.environ.get("BENCH_ONE_IN", "4"))


async def main() -> None:
    connection = await aio_pika.connect_robust(os.environ["AMQP_URL"])
    channel = await connection.channel(publisher_confirms=True)
    await channel.set_qos(prefetch_count=256)
    queue = await channel.get_queue("jobs")

    async def handle(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        number = json.loads(message.body)["number"]
        if number % ONE_IN == 0:
            event = {"number": number, "title": "Invoice", "destination": 1, "recipients": ["a@example.com"]}
            await channel.default_exchange.publish(
                aio_pika.Message(json.dumps(event).encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT), "next"
            )
        await message.ack()

    await queue.consume(handle)
    await asyncio.Future()


uvloop.run(main())
