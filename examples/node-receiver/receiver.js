// Receives signed webhooks (https://www.standardwebhooks.com) and makes a file of each, once.
// WEBHOOK_SECRETS holds one secret or, while you change it, several with spaces between them. PORT is 8080 by default.
const { createHash, createHmac, timingSafeEqual } = require("node:crypto");
const { existsSync, mkdirSync, renameSync, writeFileSync } = require("node:fs");
const { createServer } = require("node:http");

const { WEBHOOK_SECRETS, PORT = "8080" } = process.env;
const SECRETS = WEBHOOK_SECRETS.split(/\s+/).filter(Boolean).map((each) => Buffer.from(each.replace(/^whsec_/, ""), "base64"));
const TOLERANCE_S = 300;
const MOST_BYTES = 100_000;

// Signed with one of the secrets within the last five minutes, by a clock that may be five minutes fast.
function isGenuine(id, timestamp, signatures, body) {
  if (!id || !/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_S) return false;
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const wanted = SECRETS.map((secret) => Buffer.from(`v1,${createHmac("sha256", secret).update(signed).digest("base64")}`));
  const given = signatures.split(" ").map((each) => Buffer.from(each));
  return given.some((one) => wanted.some((other) => one.length === other.length && timingSafeEqual(one, other)));
}

// Your part. Here each event becomes a file, complete or not there at all.
function handle(id, event) {
  const name = `done/${createHash("sha256").update(id).digest("hex")}`;
  if (existsSync(`${name}.json`)) return; // an event may come twice, with the same id
  writeFileSync(`${name}.part`, JSON.stringify(event));
  renameSync(`${name}.part`, `${name}.json`);
  console.log(`${event.type} ${id}`);
}

async function answer(request) {
  if (request.method !== "POST") return 405;
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    pieces.push(piece);
    length += piece.length;
    if (length > MOST_BYTES) return 413;
  }
  const body = Buffer.concat(pieces);
  const { "webhook-id": id = "", "webhook-timestamp": timestamp = "", "webhook-signature": signatures = "" } = request.headers;
  if (!isGenuine(id, timestamp, signatures, body)) return 401;
  handle(id, JSON.parse(body));
  return 204; // only now is it no longer sent again
}

mkdirSync("done", { recursive: true });
const server = createServer((request, response) => {
  answer(request).catch((error) => (console.log(error.message), 500)).then((status) => {
    response.writeHead(status, { Connection: "close" }).end();
  });
});
server.requestTimeout = 15_000;
server.listen(Number(PORT), "127.0.0.1", () => console.log("listening"));
