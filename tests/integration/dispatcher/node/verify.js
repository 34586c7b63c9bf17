// Of each webhook on stdin, [{secret, headers, body}] with the body in base64: the event, or the name of the error.
const { Webhook } = require('standardwebhooks');

const judged = JSON.parse(require('fs').readFileSync(0)).map(({ secret, headers, body }) => {
  try {
    return { event: new Webhook(secret).verify(Buffer.from(body, 'base64'), headers) };
  } catch (error) {
    return { error: error.name };
  }
});
console.log(JSON.stringify(judged));
