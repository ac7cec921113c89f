"""Every Compose stack that can be asked for: it loads to what is meant, on any release, machine and answer."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.artifacts.compose import container_user
from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.catalog.load import releases
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.targets.compose import TARGET
from tests.artifacts.compose_stacks import (
    CELERY,
    LOCAL,
    VARIABLE,
    facts,
    files,
    interpolated,
    loaded,
    request,
)
from tests.artifacts.read_yaml import read
from tests.checks.facts import MACHINES, machine

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

VERSIONS = [str(r.version) for r in releases()]
EVERY_VERSION = pytest.mark.parametrize("version", VERSIONS)
COMPONENTS = {"airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"}
ENGINES: list[dict[str, Any]] = [
    {},
    {"docker": {"version": "28.2.2"}, "compose": {"version": "2.40.3"}},
    {"docker": {"version": "29.7.2-1~ubuntu.24.04~noble"}, "compose": {"version": "v5.5.0"}},
    {"docker": {"version": "28.2.2"}, "compose": {"version": "2.20.3"}},
    {"docker": {"version": "24.0.9"}, "compose": {"version": "2.40.3"}},
    {"docker": {"version": None}, "compose": {"version": "odd"}},
]
# Machines whose engine hands down a limit that daemons choke on; machines where SELinux is enforcing.
TRAPPED, LABELLED = {"fedora-selinux", "kubeadm-box"}, {"fedora-selinux"}
EXTERNAL = {"database": "external", "database_url": "postgresql+psycopg2://air@db.example.org:5432/air"}


@st.composite
def requests(draw: st.DrawFn) -> StackRequest:
    """Any release, patch, machine and answers."""
    minor = draw(st.sampled_from(releases())).minor
    version = f"{minor}.{draw(st.integers(0, 12))}"
    known = facts(
        **draw(st.sampled_from(ENGINES)),
        nofile={"limit": draw(st.sampled_from([-1, 1024, 1048576, 1073741816, 2147483584]))},
        selinux={"mode": draw(st.sampled_from(["enforcing", "permissive", "disabled"]))},
    )
    answers: dict[str, Any] = {
        "executor": draw(st.sampled_from([LOCAL, CELERY])),
        "bind": draw(st.sampled_from(["127.0.0.1", "0.0.0.0", "::1", "192.168.1.5"])),  # noqa: S104
        "port": draw(st.integers(1024, 5000)),
        "dags": draw(st.sampled_from(["dags", "/home/ana/my dags", "/home/añä/$HOME", "code/#dags", '/it\'s "so"'])),
        "host_access": draw(st.booleans()),
        "examples": draw(st.booleans()),
        "packages": draw(st.sampled_from([(), ("pandas==2.3.3", "x[a,b]>=1; python_version < '3.12'")])),
    }
    if draw(st.booleans()):
        answers |= EXTERNAL
    else:
        answers["publish_database"] = draw(st.booleans())
    if answers["executor"] == CELERY:
        answers |= {"flower": draw(st.booleans()), "workers": draw(st.integers(1, 5))}
    return request(version, known, **answers)


@given(requests())
def test_whatever_is_asked_loads_to_what_is_meant(asked: StackRequest) -> None:
    texts = files(asked)
    raw = texts["docker-compose.yaml"]
    env = values_of(texts[".env"])
    found = interpolated(read(raw), env)  # KeyError: a variable that has no value
    answers, services = asked.answers, found["services"]

    assert not [key for key, secret in asked.secrets.items() if secret in raw or secret in texts["README.md"]]
    assert not [name for match in VARIABLE.finditer(raw) if (name := match[4])], "a variable without a guard"

    bind = f"[{answers.text('bind')}]" if ":" in answers.text("bind") else answers.text("bind")
    ports = [port for body in services.values() for port in body.get("ports", ())]
    assert all(port.startswith(f"{bind}:") for port in ports)
    wanted = {answers.integer("port"), *(answers.integer("flower_port") for _ in [1] if "flower" in services)}
    wanted |= {answers.integer("database_port")} if answers.flag("publish_database") else set()
    assert {int(port.removeprefix(f"{bind}:").split(":")[0]) for port in ports} == wanted

    celery = answers.text("executor") == CELERY
    bundled = answers.text("database") == "bundled"
    assert ({"redis", "airflow-worker", "flower"} <= services.keys()) is celery
    assert ("postgres" in services, "postgres-db-volume" in found.get("volumes", {})) == (bundled, bundled)
    assert services.keys() >= COMPONENTS | {"airflow-init", "airflow-cli"}
    for name in TARGET.units(asked):
        body = services[name]
        assert body["healthcheck"]["test"][0] == "CMD"
        assert body["restart"] == "unless-stopped"
        assert "profiles" not in body
        if name not in {"postgres", "redis"}:
            assert body["depends_on"]["airflow-init"] == {"condition": "service_completed_successfully"}
    for body in services.values():
        assert body["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
        assert set(body.get("depends_on", {})) <= services.keys()
        assert all(isinstance(value, str) for value in body.get("environment", {}).values())


@EVERY_VERSION
@pytest.mark.parametrize("executor", [LOCAL, CELERY])
def test_both_presets_suit_every_recorded_machine(version: str, executor: str) -> None:
    for name in MACHINES:
        services = loaded(request(version, machine(name), executor=executor))["services"]
        environment = services["airflow-scheduler"]["environment"]
        assert environment["AIRFLOW__CORE__EXECUTOR"] == executor, name
        assert services["airflow-scheduler"]["image"] == f"apache/airflow:{version}", name
        assert all(("ulimits" in body) is (name in TRAPPED) for body in services.values()), name
        mounts = [
            m
            for body in services.values()
            for m in body.get("volumes", ())
            if not m.startswith(("postgres-db-volume", "redis-db-volume"))
        ]
        assert all(mount.endswith((":z", ",z")) is (name in LABELLED) for mount in mounts), name


@EVERY_VERSION
def test_airflow_is_told_what_its_release_needs(version: str) -> None:
    services = loaded(request(version, executor=CELERY))["services"]
    environment = services["airflow-worker"]["environment"]
    three = version.startswith("3.")
    assert ("airflow-apiserver" in services, "airflow-webserver" in services) == (three, not three)
    assert ("AIRFLOW__CORE__EXECUTION_API_SERVER_URL" in environment) is three
    assert ("AIRFLOW__API_AUTH__JWT_SECRET" in environment) is three
    assert ("AIRFLOW__WEBSERVER__SECRET_KEY" in environment) is not three
    assert environment.get("AIRFLOW__CORE__AUTH_MANAGER", "FabAuthManager").endswith("FabAuthManager")
    newer = tuple(int(part) for part in version.split(".")[:2]) >= (3, 1)
    assert services["postgres"]["image"] == ("postgres:16" if newer else "postgres:13")
    # Airflow 2 ends where it finds no DAG file, unless it imports this.
    words = shlex.split(services["airflow-dag-processor"]["command"])
    assert words[-1].endswith("dag-processor")
    assert ("import multiprocessing.connection" in words[-1]) is not three
    web = services["airflow-apiserver" if three else "airflow-webserver"]
    assert web["healthcheck"]["test"][-1].endswith("/api/v2/monitor/health" if three else ":8080/health")


@pytest.mark.parametrize(("engine", "known"), list(zip(ENGINES, [False, True, True, False, False, False], strict=True)))
def test_start_interval_only_where_engine_and_compose_know_it(engine: dict[str, Any], known: bool) -> None:
    services = loaded(request(machine=facts(**engine), executor=CELERY))["services"]
    checks = {name: body["healthcheck"] for name, body in services.items() if "healthcheck" in body}
    assert {("start_interval" in check) for check in checks.values()} == {known}
    # What others wait for is asked again within two seconds, one way or the other.
    for name in ("postgres", "redis"):
        assert checks[name]["start_interval" if known else "interval"] in {"500ms", "2s"}


def test_no_health_check_imports_airflow() -> None:
    for body in loaded(request(executor=CELERY, flower=True))["services"].values():
        words = body.get("healthcheck", {"test": ["", "none"]})["test"]
        assert words[1] in {"none", "pg_isready", "redis-cli", "curl", "python"}
        assert words[1] != "python" or words[2] == "/opt/airflow-wizard/heartbeat.py"
    for path in ("scripts/heartbeat.py", "scripts/database.py"):
        assert not re.search(r"^\s*(import|from) airflow", files(request())[path], re.MULTILINE)


def test_only_those_who_need_a_password_get_it() -> None:
    asked = request(executor=CELERY, flower=True)
    services = loaded(asked)["services"]

    def holders(key: str) -> set[str]:
        return {name for name, body in services.items() if asked.secrets[key] in json.dumps(body)}

    assert holders("AIRFLOW_WIZARD_PASSWORD") == {"airflow-init", "flower"}
    assert holders("AIRFLOW_WIZARD_IDENTITY") == {"airflow-apiserver"}
    for body in services.values():
        words = json.dumps([body.get("command"), body.get("labels"), body.get("healthcheck"), body.get("build")])
        assert not [secret for secret in asked.secrets.values() if secret in words]


def test_secrets_stand_in_private_files_that_git_and_the_build_do_not_see() -> None:
    asked = request("3.1.8", image="apache/airflow:3.1.8-python3.13", packages=("pandas",))
    artifacts = {artifact.path: artifact for artifact in TARGET.artifacts(asked)}
    holding = {p for p, a in artifacts.items() if any(secret in a.text for secret in asked.secrets.values())}
    assert holding == {".env", "config/login.json"}
    assert all(artifacts[path].mode == 0o600 and artifacts[path].secret for path in holding)
    assert holding <= set(artifacts[".gitignore"].text.splitlines())
    assert artifacts[".dockerignore"].text == "*\n"


def test_an_image_without_fab_gets_its_login_from_a_file() -> None:
    asked = request("3.1.8", image="apache/airflow:3.1.8-python3.13")
    services = loaded(asked)["services"]
    assert services["airflow-apiserver"]["environment"]["AIRFLOW__CORE__AUTH_MANAGER"].endswith("SimpleAuthManager")
    assert "_AIRFLOW_WWW_USER_PASSWORD" not in services["airflow-init"]["environment"]
    assert json.loads(files(asked)["config/login.json"]) == {"admin": asked.secrets["AIRFLOW_WIZARD_PASSWORD"]}
    assert "config/login.json" not in files(request("3.1.8", image="apache/airflow:3.1.8-python3.12"))


def test_packages_are_built_into_an_image_of_their_own() -> None:
    asked = request(packages=("pandas==2.3.3",), requirements="/home/ana/project/requirements.txt")
    common = loaded(asked)["services"]["airflow-scheduler"]
    assert common["build"] == {"context": "/home/ana/project", "dockerfile": "/stacks/demo/Dockerfile"}
    assert re.fullmatch(r"airflow-demo:3\.3\.2-[0-9a-f]{12}", common["image"])
    dockerfile = files(asked)["Dockerfile"]
    assert dockerfile.startswith("FROM apache/airflow:3.3.2\n")
    assert '"apache-airflow==3.3.2" pandas==2.3.3 -r /tmp/requirements.txt' in dockerfile
    other = loaded(request(packages=("pandas==2.3.2",)))["services"]["airflow-scheduler"]
    assert other["image"] != common["image"]
    inside = files(request(requirements="requirements.txt"))
    assert inside[".dockerignore"] == "*\n!requirements.txt\n"
    assert 'COPY ["requirements.txt", "/tmp/requirements.txt"]' in inside["Dockerfile"]


def test_files_written_in_containers_belong_to_the_person() -> None:
    assert container_user(request()) == 1000
    assert container_user(request(machine=facts(docker={"rootless": True}))) == 0
    assert values_of(files(request())[".env"])["AIRFLOW_UID"] == "1000"


def test_a_folder_of_the_person_is_never_handed_over() -> None:
    own = loaded(request(dags="/home/ana/dags"))["services"]["airflow-init"]["command"]
    assert own == ["python", "/opt/airflow-wizard/init.py", "logs", "config", "plugins"]
    assert loaded(request())["services"]["airflow-init"]["command"][-1] == "dags"
    assert "dags/.airflowignore" in files(request())
    assert not [path for path in files(request(dags="/home/ana/dags")) if path.endswith(".airflowignore")]


def test_the_same_request_gives_the_same_text() -> None:
    assert files(request(executor=CELERY)) == files(request(executor=CELERY))
    assert files(request(machine=HostFacts())) == files(request())
