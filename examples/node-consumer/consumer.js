// Takes every event of its queue, once, for as long as it runs. It may be away for days; the broker keeps them.
// AMQP_URL and QUEUE come from the environment; EVENTS, with commas, says what the queue is bound to.
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import amqp from "amqplib";

const EXCHANGE = "docspace";
const { AMQP_URL, QUEUE, EVENTS = "invoice.filed" } = process.env;
// A quorum queue of RabbitMQ 4 drops what came back 20 times, unless it is told otherwise.
const ARGUMENTS = { "x-queue-type": "quorum", "x-delivery-limit": 1_000_000 };
const UUID = /^[0-9a-f-]{36}$/;

// Your part. Here each event becomes a file, complete or not there at all.
function handle(messageId, event) {
  writeFileSync(`done/${messageId}.part`, JSON.stringify(event));
  renameSync(`done/${messageId}.part`, `done/${messageId}.json`);
}

function take(channel, message) {
  const { messageId } = message.properties;
  if (!UUID.test(messageId)) throw new Error(`no id of ours: ${messageId}`);
  if (!existsSync(`done/${messageId}.json`)) { // an event may come twice, with the same id
    handle(messageId, JSON.parse(message.content));
    console.log(`${message.fields.routingKey} ${messageId}`);
  }
  channel.ack(message); // only now does the broker forget it
}

async function consume() {
  const connection = await amqp.connect(AMQP_URL);
  const lost = new Promise((_, reject) => {
    connection.on("error", reject);
    connection.on("close", () => reject(new Error("the connection is closed")));
  });
  lost.catch(() => {}); // it may be lost before anybody waits for it
  const channel = await connection.createChannel();
  channel.on("error", () => connection.close().catch(() => {}));
  await channel.assertQueue(QUEUE, { durable: true, arguments: ARGUMENTS });
  for (const event of EVENTS.split(",")) await channel.bindQueue(QUEUE, EXCHANGE, event);
  await channel.prefetch(10);
  await channel.consume(QUEUE, (message) => (message ? take(channel, message) : connection.close().catch(() => {})));
  console.log(`listening on ${QUEUE}`);
  await lost;
}

mkdirSync("done", { recursive: true });
for (;;) {
  try {
    await consume();
  } catch (error) {
    console.log(`again in a second: ${error.message}`);
    await sleep(1000);
  }
}
