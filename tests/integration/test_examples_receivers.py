"""The receivers in examples/ take what the reference library of Standard Webhooks takes, and nothing else."""

import base64
import itertools
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
import requests
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook, WebhookVerificationError

from console.events.schema import document
from demo.ports import free_port
from tests.support.examples import EXAMPLES, Example, commands
from tests.support.waiting import wait_until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""As the READMEs have it."""
OTHER = "whsec_" + base64.b64encode(b"another secret, of 32 bytes here").decode()
STRANGER = "whsec_" + base64.b64encode(b"nobody's secret, 32 bytes of it.").decode()
BODY = (EXAMPLES / "n8n/sample.json").read_text()
RECEIVERS = ("python-receiver", "node-receiver", "php-receiver")
CHANGED = BODY.replace("4", "5")


@dataclass(frozen=True)
class Sent:
    body: str = BODY
    signed: str = BODY
    id: str = "msg_1"
    secret: str = SECRET
    age_s: float = 0
    signature: Callable[[str], str] = field(default=lambda signature: signature)

    def headers(self) -> dict[str, str]:
        at = datetime.fromtimestamp(time.time() - self.age_s, UTC)
        signature = self.signature(Webhook(self.secret).sign(self.id or "msg_1", at, self.signed))
        told = {"webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
        return told | ({"webhook-id": self.id} if self.id else {})


SENT = {
    "genuine": Sent(),
    "by the other secret, while it is changed": Sent(id="msg_2", secret=OTHER),
    "by one secret among others": Sent(id="msg_3", signature=lambda mine: f"v1,{'A' * 43}= v2,x {mine}"),
    "four minutes late": Sent(id="msg_4", age_s=240),
    "by a stranger": Sent(id="msg_5", secret=STRANGER),
    "changed on its way": Sent(id="msg_6", body=CHANGED),
    "six minutes late": Sent(id="msg_7", age_s=360),
    "six minutes early": Sent(id="msg_8", age_s=-360),
    "without an id": Sent(id=""),
    "by another scheme": Sent(id="msg_9", signature=lambda mine: mine.replace("v1,", "v1a,")),
    "without the scheme's name in front": Sent(id="msg_10", signature=lambda mine: f"v0,{mine[3:]}"),
}


def library_takes(sent: Sent, headers: dict[str, str]) -> bool:
    for secret in (SECRET, OTHER):
        try:
            Webhook(secret).verify(sent.body, headers)
        except WebhookVerificationError:
            continue
        return True
    return False


@dataclass(frozen=True)
class Running:
    example: Example
    url: str

    def status(self, sent: Sent, headers: dict[str, str] | None = None) -> int:
        sent_headers = sent.headers() if headers is None else headers
        return requests.post(self.url, data=sent.body.encode(), headers=sent_headers, timeout=10).status_code


@pytest.fixture(scope="module", params=RECEIVERS)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    port = free_port()
    given = {SECRET: f"{OTHER} {SECRET}"} | ({"8080": str(port)} if request.param == "php-receiver" else {})
    example = Example(request.param, tmp_path_factory.mktemp(request.param), given)
    url = f"http://127.0.0.1:{port}/"
    example.start(PORT=str(port))
    try:
        wait_until(lambda: example.said("") and answers(url), 30, f"{request.param} to listen", every_s=0.05)
        yield Running(example, url)
    finally:
        example.kill()


def answers(url: str) -> bool:
    try:
        return requests.post(url, data=b"", timeout=5).status_code == 401
    except requests.ConnectionError:
        return False


def test_a_receiver_takes_what_the_reference_library_takes_and_nothing_else(running: Running) -> None:
    before = len(running.example.done())
    taken = {}
    for what, sent in SENT.items():
        headers = sent.headers()
        taken[what] = library_takes(sent, headers)
        assert running.status(sent, headers) == (204 if taken[what] else 401), what
    assert list(taken.values()) == [True] * 4 + [False] * 7
    assert len(running.example.done()) - before == 4


def test_a_webhook_that_comes_again_is_done_once(running: Running) -> None:
    before = running.example.done()
    sent = replace(SENT["genuine"], id="msg_again")
    assert running.status(sent) == 204
    (number,) = set(running.example.done()) - set(before)
    assert running.status(sent) == 204
    assert number in running.example.done(), "it was made again"
    assert json.loads(running.example.done()[number]) == json.loads(BODY)
    assert not list(running.example.folder.glob("done/*.part"))


def test_a_body_that_is_too_long_is_refused_and_the_receiver_goes_on(running: Running) -> None:
    long = "x" * 100_001
    assert running.status(Sent(id="msg_long", body=long, signed=long)) == 413
    assert running.status(SENT["genuine"]) == 204


def test_the_commands_of_the_n8n_example_are_taken_by_a_receiver(running: Running) -> None:
    script = commands("n8n").replace("http://127.0.0.1:8080/", running.url).replace("ID=msg_1", "ID=msg_of_n8n")
    before = len(running.example.done())
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=EXAMPLES / "n8n", check=True, timeout=30)
    assert len(running.example.done()) == before + 1


WORKFLOW = json.loads((EXAMPLES / "n8n/workflow.json").read_text())
NODE = {
    "type": "object",
    "required": ["id", "name", "type", "typeVersion", "position", "parameters"],
    "properties": {
        "type": {"pattern": r"^n8n-nodes-base\.[a-zA-Z]+$"},
        "typeVersion": {"type": "number"},
        "position": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "parameters": {"type": "object"},
    },
}
RUN_VERIFY = """
const [workflow, headers, body] = JSON.parse(require('fs').readFileSync(0));
const code = workflow.nodes.find((node) => node.name === 'Verify').parameters.jsCode;
const run = new (async () => {}).constructor('$input', '$env', 'require', code);
run.call(
  { helpers: { getBinaryDataBuffer: async () => Buffer.from(body) } },
  { first: () => ({ json: { headers } }) }, process.env, require,
).then((items) => console.log(JSON.stringify(items)), (error) => { console.log(error.message); process.exit(1); });
"""


def test_the_workflow_of_n8n_is_one_chain_of_its_nodes() -> None:
    assert set(WORKFLOW) >= {"name", "nodes", "connections", "settings"}
    for node in WORKFLOW["nodes"]:
        Draft202012Validator(NODE).validate(node)
    names = [node["name"] for node in WORKFLOW["nodes"]]
    assert len(set(names)) == len({node["id"] for node in WORKFLOW["nodes"]}) == len(names)
    follows = {name: told["main"][0][0]["node"] for name, told in WORKFLOW["connections"].items()}
    assert follows == dict(itertools.pairwise(names))


@pytest.mark.parametrize("what", SENT)
def test_the_workflows_code_takes_what_the_reference_library_takes(what: str) -> None:
    sent = SENT[what]
    headers = sent.headers()
    done = subprocess.run(
        ["node", "-e", RUN_VERIFY],
        input=json.dumps([WORKFLOW, headers, sent.body]),
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "INTAKE_WEBHOOK_SECRETS": f"{OTHER} {SECRET}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is library_takes(sent, headers), done.stdout
    if done.returncode == 0:
        (item,) = json.loads(done.stdout)
        assert item["json"] == {"id": sent.id, **json.loads(sent.body)}


def test_the_sample_of_the_n8n_example_is_an_event_of_the_contract() -> None:
    sample = json.loads(BODY)
    (schema,) = (each for each in document()["$defs"].values() if each["x-routing-key"] == sample["type"])
    Draft202012Validator(schema).validate(sample["data"])
