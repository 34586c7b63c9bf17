// Express with amqplib's confirm channel: one channel for all requests, each answered by its own confirm's callback.
// Tuned: NODE_ENV=production, the raw body, ETag and X-Powered-By off.
"use strict";
const crypto = require("node:crypto");
const amqp = require("amqplib");
const express = require("express");

const secret = process.env.DOCSPACE_WEBHOOK_SECRET;

function signed(body, signature) {
  const expected = "sha256=" + crypto.createHmac("sha256", secret).update(body).digest("hex").toUpperCase();
  const given = Buffer.from(String(signature).toUpperCase());
  return given.length === expected.length && crypto.timingSafeEqual(given, Buffer.from(expected.toUpperCase()));
}

async function main() {
  const connection = await amqp.connect(process.env.AMQP_URL);
  const channel = await connection.createConfirmChannel();
  const app = express();
  app.set("etag", false);
  app.disable("x-powered-by");
  app.post("/docspace/webhook", express.raw({ type: () => true, limit: "2mb" }), (req, res) => {
    if (!signed(req.body, req.get("x-docspace-signature-256"))) return res.status(401).end();
    channel.publish("", "jobs", req.body, { persistent: true, mandatory: true }, (error) =>
      error ? res.status(503).end() : res.json({ status: "ok" }),
    );
  });
  const server = app.listen(Number(process.env.PORT), "127.0.0.1");
  server.keepAliveTimeout = 75_000;
}

main();
