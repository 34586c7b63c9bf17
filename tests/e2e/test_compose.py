"""docker-compose.yml, run for real: which stack a configuration gives, and that the stack files invoices."""

import itertools
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import make_url

from console.harden import access
from demo.portal import SimulatedPortal
from demo.samples import ROOM, Sample
from demo.verdict import endings
from shared.process.settings import LedgerDatabase, load
from tests.support.compose import Compose, clean_copy
from tests.support.pipeline import WORKERS
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(600)]

PORTAL = {
    "DOCSPACE_API_HOST": "https://portal.example",
    "DOCSPACE_API_KEY": "sk-1",
    "DOCSPACE_WEBHOOK_SECRET": "Secret-1",
}
ONE_RULE = {"CLIENT_ROOM_ID": "1", "INCOMING_FOLDER_ID": "2", "MANAGER_EMAIL": "m@example.com"}
RULES_FILE = {"RULES_FILE": "./rules.example.toml"}
ALWAYS = {"settings", "topology", "rabbitmq", "postgres", "history", "reconciler", *WORKERS}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clean_copy(tmp_path_factory.mktemp("clone"))


def configured(tree: Path, settings: dict[str, str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Compose(tree, settings).run("config", "--format", "json"))
    return read


def test_without_a_portal_the_simulator_is_there(tree: Path) -> None:
    services = configured(tree, {})["services"]
    assert set(services) == {*ALWAYS, "simulator"}
    assert services["mover"]["environment"]["DOCSPACE_API_HOST"] == "http://simulator:8080"
    assert services["notifier"]["environment"]["SMTP_URL"] == "smtp://simulator:1025"


@pytest.mark.parametrize("rule", [ONE_RULE, RULES_FILE, ONE_RULE | RULES_FILE], ids=["one", "file", "both"])
def test_with_a_portal_there_is_no_simulator(tree: Path, rule: dict[str, str]) -> None:
    services = configured(tree, PORTAL | rule)["services"]
    assert set(services) == ALWAYS
    assert services["mover"]["environment"]["DOCSPACE_API_HOST"] == "https://portal.example"
    assert services["notifier"]["environment"]["SMTP_URL"] == "smtp://host.docker.internal:25"


def test_a_portal_in_a_dotenv_file_counts_the_same(tmp_path: Path) -> None:
    clean_copy(tmp_path)
    lines = [f"{name}={value}" for name, value in (PORTAL | ONE_RULE).items()]
    (tmp_path / ".env").write_text("\n".join(lines))
    assert "simulator" not in configured(tmp_path, {})["services"]


def test_the_rules_file_is_mounted_where_the_workers_look(tree: Path) -> None:
    for worker in ("classifier", "mover", "notifier"):
        service = configured(tree, PORTAL | RULES_FILE)["services"][worker]
        (mount,) = [one for one in service["volumes"] if one["source"].endswith("rules.example.toml")]
        assert service["environment"]["RULES_FILE"] == mount["target"]
        assert mount["read_only"]


EVERY = PORTAL | ONE_RULE | RULES_FILE
AS_ANOTHER = {"setup": "console"}
ACCESS = ("SECRETS_DIR", "AMQP_URL", "DATABASE_URL", "POSTGRES_PASSWORD")


def test_the_ingress_publishes_the_webhook_alone_and_no_log_grows_without_end(tree: Path) -> None:
    services = json.loads(Compose(tree, {}).run("--profile", "tools", "config", "--format", "json"))["services"]
    assert [port["target"] for port in services["ingress"]["ports"]] == [3000]
    assert services["ingress"]["environment"]["HEALTH_PORT"] == "9100"
    for asks in ("console", "reconciler"):
        assert "http://ingress:9100" in services[asks]["environment"]["HEALTH_URLS"].split(",")
    assert {name for name, service in services.items() if "max-size" not in service["logging"]["options"]} == set()


def test_the_web_console_is_off_until_asked_for_and_has_no_key_of_the_portal(tree: Path) -> None:
    assert "web" not in configured(tree, PORTAL | ONE_RULE)["services"]
    asked = Compose(tree, PORTAL | ONE_RULE).run("--profile", "web", "config", "--format", "json", "web")
    web = json.loads(asked)["services"]["web"]
    assert not {name for name in web["environment"] if name.startswith(("DOCSPACE_API_KEY", "DOCSPACE_WEBHOOK"))}
    assert [(port["host_ip"], port["published"]) for port in web["ports"]] == [("127.0.0.1", "8081")]


def test_the_reader_is_there_where_it_is_on_confined_and_asked_by_the_console(tree: Path) -> None:
    off, on = (configured(tree, {"READER": value} if value else {})["services"] for value in ("", "on"))
    assert set(on) - set(off) == {"reader"}
    reader = on["reader"]
    assert (reader["read_only"], reader["cap_drop"], "ports" in reader) == (True, ["ALL"], False)
    assert set(reader["networks"]) == {"broker", "outside"}
    assert {on[name]["environment"]["READER"] for name in ("mover", "notifier", "ingress", "topology")} == {"on"}
    told = [services["reconciler"]["environment"]["HEALTH_URLS"].split(",") for services in (off, on)]
    assert told[1] == [*told[0], "http://reader:9100"]


def test_the_reader_is_on_or_unset(tree: Path) -> None:
    command = ["sh", str(tree / "compose" / "settings.sh")]
    done = subprocess.run(command, env={"READER": "off"}, capture_output=True, text=True, check=False)
    assert (done.returncode, 'READER is "off"' in done.stdout) == (2, True)


def test_the_broker_is_reached_from_this_machine_alone_and_only_where_asked(tree: Path) -> None:
    def published(settings: dict[str, str]) -> list[tuple[str, str, int]]:
        ports = configured(tree, settings)["services"]["rabbitmq"]["ports"]
        return sorted((port["host_ip"], port["published"], port["target"]) for port in ports)

    page = ("127.0.0.1", "15999", 15672)
    assert published({"MANAGEMENT_PORT": "15999"}) == [page]
    assert published({"MANAGEMENT_PORT": "15999", "AMQP_PUBLISH": "5673"}) == [page, ("127.0.0.1", "5673", 5672)]


def test_of_128_configurations_the_whole_pass_and_the_others_missing_are_named(tree: Path) -> None:
    for names in itertools.chain.from_iterable(itertools.combinations(EVERY, count) for count in range(8)):
        needed = [*PORTAL, *([] if "RULES_FILE" in names else ONE_RULE)] if names else []
        missing = [name for name in needed if name not in names]
        done = checked(tree, *names, "SECRETS_DIR")
        assert done.returncode == (2 if missing else 0), names
        said = f"Missing in .env: {' '.join(missing)}\n" if missing else ""
        assert said in done.stdout
        assert bool(done.stdout) is bool(missing)


def test_each_service_has_the_files_of_its_own_users_and_of_no_other(tree: Path) -> None:
    access.make(tree / "secrets")
    settings = {"SECRETS_DIR": "secrets", "COMPOSE_PROFILES": "web,tools,dispatcher", "READER": "on"}
    services = configured(tree, settings)["services"]
    folder = str(tree / "secrets")
    for name, service in services.items():
        files = {mount["source"] for mount in service.get("volumes", []) if mount["source"].startswith(folder)}
        assert all(Path(file).is_file() for file in files), name
        roles = {Path(file).name for file in files} - {"broker.json", "database.sql", "postgres"}
        assert roles <= {AS_ANOTHER.get(name, name)}, name
        users = {
            urlsplit(service.get("environment", {}).get(url, "")).username for url in ("AMQP_URL", "DATABASE_URL")
        }
        assert users - {None, "intake"} == {f"intake-{role}" for role in roles}, name


def checked(tree: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """What is said of a configuration in which these are set."""
    command = ["sh", str(tree / "compose" / "settings.sh")]
    return subprocess.run(command, env=dict.fromkeys(names, "set"), capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("names", "known"),
    [
        ([], "RabbitMQ's guest and the database's intake"),
        (["AMQP_URL"], "the database's intake"),
        (["DATABASE_URL"], "RabbitMQ's guest"),
        (["POSTGRES_PASSWORD"], "RabbitMQ's guest"),
        (["AMQP_URL", "DATABASE_URL"], ""),
        (["SECRETS_DIR"], ""),
    ],
)
def test_with_a_portal_nothing_starts_with_a_password_that_everybody_knows(
    tree: Path, names: list[str], known: str
) -> None:
    done = checked(tree, *PORTAL, *ONE_RULE, *names)
    assert done.returncode == (2 if known else 0)
    assert (f"there would be: {known}.\n" in done.stdout) is bool(known)
    assert ("intake harden" in done.stdout) is bool(known)
    assert checked(tree, *PORTAL, *ONE_RULE, *names, "HARDEN_GOES_BACK").returncode == 0
    assert not checked(tree, *names).stdout


def test_the_check_is_told_whether_a_variable_is_set_and_not_to_what(tree: Path) -> None:
    told = configured(tree, dict.fromkeys(PORTAL, "secret"))["services"]["settings"]["environment"]
    names = (*EVERY, *ACCESS, "HARDEN_GOES_BACK", "READER")
    assert told == {name: "set" if name in PORTAL else "" for name in names}


def test_everything_waits_for_the_check(tree: Path) -> None:
    services = configured(tree, {})["services"]
    waiting = {name: service.get("depends_on", {}).get("settings") for name, service in services.items()}
    del waiting["settings"]
    assert {told and told["condition"] for told in waiting.values()} == {"service_completed_successfully"}


def test_what_asks_the_queues_waits_for_the_topology_and_the_ingress_for_none(tree: Path) -> None:
    services = configured(tree, {})["services"]
    waiting = {name for name, service in services.items() if "topology" in service.get("depends_on", {})}
    assert waiting == {"history", "reconciler", *WORKERS} - {"ingress"}


def test_a_half_filled_configuration_starts_nothing_and_blocks_no_command(tree: Path) -> None:
    compose = Compose(tree, {"DOCSPACE_API_HOST": "https://portal.example", "MANAGER_EMAIL": "m@example.com"})
    try:
        refused = compose.try_run("up", "--build", "--detach", "--wait")
        assert refused.returncode != 0
        assert 'service "settings" didn\'t complete successfully: exit 2' in refused.stderr
        missing = "DOCSPACE_API_KEY DOCSPACE_WEBHOOK_SECRET CLIENT_ROOM_ID INCOMING_FOLDER_ID"
        assert f"Missing in .env: {missing}\n" in compose.run("logs", "settings")
        assert compose.run("ps", "--quiet") == ""
    finally:
        compose.run("down", "--volumes", "--timeout", "5", "--rmi", "local")


@pytest.mark.parametrize(
    ("name", "value"),
    [("RETRY_DELAYS_S", "1,2"), ("WORKER_CONCURRENCY", "3"), ("LOG_LEVEL", "debug"), ("MAIL_FROM", "a@b.example")],
)
def test_settings_pass_through(tree: Path, name: str, value: str) -> None:
    assert configured(tree, {name: value})["services"]["notifier"]["environment"][name] == value


def test_the_databases_password_may_hold_any_character(tree: Path) -> None:
    services = configured(tree, {"POSTGRES_PASSWORD": "p@%/#:?"})["services"]
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] == "p@%/#:?"
    for name in ("mover", "notifier", "history", "reconciler"):
        environment = services[name]["environment"]
        url = load(LedgerDatabase, environment).database_url.get_secret_value()
        assert make_url(url).password == "p@%/#:?"


def test_the_files_of_certificates_are_mounted_where_every_process_looks(tree: Path) -> None:
    files = {"TLS_CA_FILE": "./ca.pem", "TLS_CERT_FILE": "./our.pem", "TLS_KEY_FILE": "./our.key"}
    services = configured(tree, files)["services"]
    for setting, file in files.items():
        for name in ("history", "reconciler", *WORKERS):
            (mount,) = [one for one in services[name]["volumes"] if one["source"].endswith(file[1:])]
            assert services[name]["environment"][setting] == mount["target"]
            assert mount["read_only"]


def test_a_folder_of_templates_is_where_messages_are_made_and_shown(tree: Path) -> None:
    services = configured(tree, {"TEMPLATES_DIR": "./templates", "COMPOSE_PROFILES": "web,tools"})["services"]
    for name in ("notifier", "web", "console"):
        (mount,) = [one for one in services[name]["volumes"] if one["source"].endswith("/templates")]
        assert services[name]["environment"]["TEMPLATES_DIR"] == mount["target"]
        assert mount["read_only"]
    assert configured(tree, {})["services"]["notifier"]["environment"]["TEMPLATES_DIR"] == ""


@pytest.fixture(scope="module")
def stack(tree: Path) -> Iterator[Compose]:
    compose = Compose(tree)
    try:
        compose.run("up", "--build", "--detach", "--wait", "--wait-timeout", "240", timeout_s=580)
        yield compose
    finally:
        compose.run("--profile", "tools", "down", "--volumes", "--timeout", "5", "--rmi", "local")


def arrives(stack: Compose, name: str, timeout_s: float = 60) -> None:
    """Uploads an invoice, and waits until it is filed once and announced once."""
    portal = SimulatedPortal(stack.page)
    sample = Sample(name, name)
    uploads = {sample: portal.upload(ROOM, name, "simple", b"an invoice")}
    wait_until(
        lambda: not endings(uploads, portal.state())[0].faults,
        timeout_s,
        f"{name} filed and announced",
        every_s=0.3,
    )


def test_up_is_healthy_and_an_upload_arrives(stack: Compose) -> None:
    states = stack.run("ps", "--format", "{{.Service}} {{.Health}}").split("\n")
    healthy = {line.split()[0] for line in states if line.endswith(" healthy")}
    assert healthy == {"rabbitmq", "postgres", "simulator", "history", "reconciler", *WORKERS}
    arrives(stack, "Invoice from compose.pdf")


@pytest.mark.parametrize("service", [*WORKERS, "postgres", "rabbitmq"])
def test_an_upload_arrives_after_a_restart(stack: Compose, service: str) -> None:
    stack.run("restart", "--timeout", "15", service)
    arrives(stack, f"Invoice after a restart of {service}.pdf")


def test_several_movers_and_classifiers_share_the_work(stack: Compose) -> None:
    stack.run("up", "--detach", "--wait", "--no-recreate", "--scale", "mover=3", "--scale", "classifier=2")
    running = stack.run("ps", "--format", "{{.Service}}").split()
    assert (running.count("mover"), running.count("classifier")) == (3, 2)
    for number in range(6):
        arrives(stack, f"Invoice shared {number}.pdf")


@pytest.mark.parametrize("worker", [*WORKERS, "simulator"])
def test_an_image_runs_as_nobody_special_with_only_its_own_package(stack: Compose, worker: str) -> None:
    assert stack.run("exec", "-T", worker, "id", "-u").strip() == "10001"
    folders = stack.run("exec", "-T", worker, "sh", "-c", "ls -d */").split()
    assert set(folders) == {f"{worker}/", "shared/", "var/"}


def test_no_container_has_a_right_of_roots_or_a_place_to_write_to_but_its_own(stack: Compose) -> None:
    for service in ("rabbitmq", "postgres", "simulator", "history", "reconciler", *WORKERS):
        status = stack.run("exec", "-T", service, "cat", "/proc/1/status").splitlines()
        facts = {name: value.split() for name, _, value in (line.partition(":") for line in status)}
        assert "0" not in facts["Uid"], service
        assert (facts["CapEff"], facts["CapPrm"]) == (["0" * 16], ["0" * 16]), service
        assert facts["NoNewPrivs"] == ["1"], service
        tried = stack.try_run("exec", "-T", "--user", "0", service, "touch", "/usr/written")
        assert "Read-only file system" in tried.stderr, service


REACHES = 'timeout 5 bash -c "</dev/tcp/$0/$1"'


def test_the_ingress_reaches_the_broker_and_not_the_database(stack: Compose) -> None:
    def reaches(service: str, host: str, port: str) -> bool:
        return stack.try_run("exec", "-T", service, "bash", "-c", REACHES, host, port).returncode == 0

    assert reaches("ingress", "rabbitmq", "5672")
    assert reaches("mover", "postgres", "5432")
    assert not reaches("ingress", "postgres", "5432")
    assert not reaches("simulator", "rabbitmq", "5672")


def test_networks_lead_outside_where_broker_or_database_are_elsewhere(tree: Path) -> None:
    networks = configured(tree, {})["networks"]
    assert [networks[name].get("internal", False) for name in ("broker", "data", "outside")] == [True, True, False]
    for name in ("edge", "pages"):
        assert list(networks[name]["driver_opts"].values()) == ["false"]
    elsewhere = {"AMQP_URL": "amqps://u:p@b.example", "DATABASE_URL": "postgresql://d.example/i"}
    assert not any(network.get("internal") for network in configured(tree, elsewhere)["networks"].values())


def test_only_who_asks_the_portal_has_its_key(tree: Path) -> None:
    services = configured(tree, PORTAL | ONE_RULE | {"COMPOSE_PROFILES": "web,tools"})["services"]
    keyed = {name for name, each in services.items() if "sk-1" in each.get("environment", {}).values()}
    assert keyed == {"classifier", "mover", "reconciler", "console"}


@pytest.mark.parametrize("worker", [*WORKERS, "simulator"])
def test_the_worker_itself_receives_the_signals(stack: Compose, worker: str) -> None:
    command = stack.run("exec", "-T", worker, "cat", "/proc/1/cmdline")
    assert command.split("\0")[:3] == ["python", "-m", worker]


def test_the_console_runs_in_a_container_of_its_own(stack: Compose) -> None:
    assert '"' in stack.run("run", "--rm", "--build", "-T", "console", "events", "schema")


def test_a_setup_in_a_container_writes_what_compose_then_runs_with(stack: Compose, tree: Path) -> None:
    """The portal is the simulator as the containers see it, and the ingress has its secret."""
    secret = "Simulator-Secret-1"
    stack.run("build", "setup")  # apart: `run` tells of a build where the report is to be
    out = stack.run(
        "run", "--rm", "-T", "--user", f"{os.getuid()}:{os.getgid()}", "-e", "DOCSPACE_API_KEY=sk-simulator",
        "-e", f"DOCSPACE_WEBHOOK_SECRET={secret}", "setup", "--env-file", "/project/tried.env",
        "--portal", "http://simulator:8080", "--room", "Globex", "--incoming", "Accounting/From compose",
        "--create-incoming", "--recipient", "manager@example.com", "--smtp-url", "smtp://simulator:1025",
        "--mail-from", "Invoices $HOME <invoices@example.com>", "--webhook-url", "http://ingress:3000", "--json",
    )  # fmt: skip
    report = json.loads(out)
    assert (report["ok"], report["doctor"]["ok"], report["webhook"]["enabled"]) == (True, True, True)
    env_file = tree / "tried.env"
    assert (env_file.stat().st_uid, env_file.stat().st_mode & 0o777) == (os.getuid(), 0o600)
    services = json.loads(stack.run("--env-file", str(env_file), "config", "--format", "json"))["services"]
    assert "simulator" not in services
    environment = services["notifier"]["environment"]
    assert environment["MAIL_FROM"].replace("$$", "$") == "Invoices $HOME <invoices@example.com>"
    assert services["ingress"]["environment"]["DOCSPACE_WEBHOOK_SECRET"] == secret
    assert str(tree / "rules.toml") in {mount["source"] for mount in services["classifier"]["volumes"]}
    assert services["classifier"]["environment"]["AMQP_URL"] == "amqp://intake-classifier@rabbitmq:5672/"
    assert (tree / "secrets" / "broker" / "classifier").stat().st_uid == os.getuid()
    checked = stack.run("--env-file", str(env_file), "run", "--rm", "-T", "console", "rules", "check",
                        "/etc/intake/rules.toml")  # fmt: skip
    assert "\nGlobex\n" in f"\n{checked}"


def test_the_doctor_finds_nothing_wrong_and_status_reaches_every_replica(stack: Compose) -> None:
    report = json.loads(stack.run("run", "--rm", "-T", "console", "doctor", "--json"))
    assert report["ok"], report
    told = json.loads(stack.run("run", "--rm", "-T", "console", "status", "--json"))
    assert all(worker["ready"] for worker in told["workers"]), told["workers"]
    assert len(told["workers"]) == len(stack.run("ps", "--format", "{{.Service}}", *WORKERS).split())
    assert set(told["unknown"]) <= {"oldest"}, told["unknown"]


def test_an_upload_arrives_after_a_restart_of_the_simulator(stack: Compose) -> None:
    """The simulator forgets its files and the ledger does not: a file id must never come twice."""
    stack.run("restart", "--timeout", "15", "simulator")
    wait_until(lambda: _answers(stack.page), 30, "the restarted simulator")
    arrives(stack, "Invoice after a restart of the simulator.pdf")


def test_the_workers_run_as_any_user(stack: Compose) -> None:
    """The last test of the stack: it leaves the workers so. A spool belongs to who made it; this is a new one."""
    anybody = stack.with_settings({"INTAKE_USER": "4321:0"})
    names = ("history", "reconciler", *WORKERS)
    anybody.run("rm", "--stop", "--force", "ingress")
    subprocess.run(["docker", "volume", "rm", f"{stack.project}_spool"], check=True, capture_output=True)
    anybody.run("up", "--detach", "--wait", "--no-build", "--no-deps", *names)
    assert {anybody.run("exec", "-T", name, "id", "-u").strip() for name in names} == {"4321"}
    arrives(stack, "Invoice of any user.pdf")


def _answers(page: str) -> bool:
    try:
        return requests.get(f"{page}/healthz", timeout=3).ok
    except requests.RequestException:
        return False
