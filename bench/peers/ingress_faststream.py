"""FastAPI on uvicorn with FastStream's broker, connected in the lifespan as its documentation shows for publishing.

Tuned: uvicorn's `standard` extra (uvloop, httptools), no access log, FastStream's own log off.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request
from faststream.rabbit import Channel, RabbitBroker
from signature import HEADER, signed

SECRET = os.environ["DOCSPACE_WEBHOOK_SECRET"].encode()

broker = RabbitBroker(os.environ["AMQP_URL"], default_channel=Channel(publisher_confirms=True), logger=None)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    async with broker:
        await broker.start()
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/docspace/webhook")
async def webhook(request: Request) -> dict[str, str]:
    body = await request.body()
    if not signed(body, request.headers.get(HEADER), SECRET):
        raise HTTPException(401)
    await broker.publish(body, "jobs", persist=True, mandatory=True)
    return {"status": "ok"}
