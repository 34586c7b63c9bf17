"""Flask on gunicorn's gthread worker; the event is a Celery task, sent with a publisher confirm.

Tuned: as many threads as connections, and as many pooled broker connections, so that no thread waits for another's.
"""

import os

from celery import Celery
from flask import Flask, Response, abort, request
from kombu import Exchange, Queue
from signature import HEADER, signed

SECRET = os.environ["DOCSPACE_WEBHOOK_SECRET"].encode()

celery = Celery("bench", broker=os.environ["AMQP_URL"])
celery.conf.update(
    broker_transport_options={"confirm_publish": True},
    broker_pool_limit=64,
    task_queues=[
        Queue(
            "jobs",
            Exchange("bench", type="topic"),
            routing_key="jobs",
            queue_arguments={"x-queue-type": "quorum"},
        )
    ],
    task_ignore_result=True,
)
app = Flask(__name__)


@app.post("/docspace/webhook")
def webhook() -> Response | dict[str, str]:
    body = request.get_data()
    if not signed(body, request.headers.get(HEADER), SECRET):
        abort(401)
    celery.send_task("webhook", args=[body.decode()], queue="jobs")
    return {"status": "ok"}
