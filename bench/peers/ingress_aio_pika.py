"""FastAPI on uvicorn with aio-pika: one connection and one channel for all requests, a confirm awaited by each.

Tuned: uvicorn's `standard` extra (uvloop, httptools), no access log; the raw body, as a signature needs it.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from fastapi import FastAPI, HTTPException, Request
from signature import HEADER, signed

SECRET = os.environ["DOCSPACE_WEBHOOK_SECRET"].encode()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    connection = await aio_pika.connect_robust(os.environ["AMQP_URL"])
    channel = await connection.channel(publisher_confirms=True)
    app.state.exchange = channel.default_exchange
    yield
    await connection.close()


app = FastAPI(lifespan=lifespan)


@app.post("/docspace/webhook")
async def webhook(request: Request) -> dict[str, str]:
    body = await request.body()
    if not signed(body, request.headers.get(HEADER), SECRET):
        raise HTTPException(401)
    message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await app.state.exchange.publish(message, "jobs", mandatory=True)
    return {"status": "ok"}
