"""What whoever binds a queue may rely on, in Markdown. The page and the AsyncAPI document say it in these words."""

PROMISE = """\
The workers publish JSON to the topic exchange `docspace`. The routing key says which event it is. Bind a queue of
your own; nobody else's messages are taken.

**Delivery.** Every event is published at least once: a worker acknowledges a message only after the broker has
confirmed what followed from it, on disk. A crash in between publishes it twice with the same `message_id`, so
remember the ids of what you have done. From the moment when your durable queue is bound, it gets every event; the
broker keeps them while you are away. Events of one upload have one `correlation_id`. Their order is not promised:
a try that failed may be overtaken.

**What is said is so.** `invoice.filed` comes after the file was seen in its folder, `invoice.announced` after
everybody's mail server or channel has accepted the message.

**Versions.** A newer release may add fields to an event, which then has a higher `x-version`. It never takes a
field away, changes its type, its default or whether it is always there. What has to change so gets a routing key
of its own.
Ignore what you do not know: fields, headers, and routing keys if you bind with `#`.

**Fields.** One that is not always there is left out if its value is not known, or is the usual one. An id is a
number, or a string in third-party storage.

**Not yours.** Channels that are marked `x-internal` are the product's own queues. Take nothing from them and
publish nothing to them or to the exchanges. The delay queues are those of the usual `RETRY_DELAYS_S`."""
