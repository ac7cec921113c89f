"""values.yaml, held against the chart's own schema and defaults: every release, chart and executor."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_wizard.artifacts.kube.values import image
from airflow_wizard.options.model import Target
from tests.artifacts.chart_data import KNOWN, defaults, schema, stand_in, validator
from tests.artifacts.kube_stacks import (
    CELERY,
    EXTERNAL,
    HTTPS,
    LOCAL,
    PODS,
    SSH,
    TARGETS,
    combinations,
    environments,
    executors,
    files,
    request,
    values,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.artifacts.model import StackRequest

PAIRS: dict[tuple[str, str], list[str]] = defaultdict(list)
for _version, _chart, _executor in combinations():
    PAIRS[_version, _chart].append(_executor)
# Said on purpose also where the chart would say the same: a newer chart has other defaults.
# The root of a repository; a bundle that is the folder of DAGs itself, as the chart writes it.
EMPTY = ("dags.gitSync.subPath", "dagProcessor.dagBundleConfigList.0.kwargs")
SAID = {"executor", "airflowVersion", "defaultAirflowTag", "defaultAirflowRepository", "config"}


def differences(given: dict[str, Any], known: dict[str, Any], rules: dict[str, Any], path: str = "") -> Iterator[str]:
    """What is wrong with values: paths the chart does not have, and those that repeat its default."""
    for key, value in given.items():
        here = f"{path}.{key}".strip(".")
        declared = rules.get("properties", {})
        if key not in known and key not in declared:
            yield f"{here} is not in the chart"
        elif isinstance(value, dict) and isinstance(known.get(key), dict) and known[key]:
            yield from differences(value, known[key], declared.get(key, {}), here)
        elif key in known and value == known[key]:
            yield f"{here} repeats the default {value!r}"


def empty(node: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - whatever YAML holds
    """Paths whose value is null or an empty text, list or object."""
    if node in (None, "", [], {}):
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from empty(value, f"{path}.{key}".strip("."))


def check(asked: StackRequest) -> None:
    chart = asked.answers.text("chart_version")
    found = values(asked)
    # What is here for 1.16 and 1.17 is 1.15, which did not take several executors yet.
    unknown = {"executor"} if stand_in(chart) == "1.15.0" and "," in found["executor"] else set()
    errors = [error for error in validator(chart).iter_errors(found) if not unknown & {*error.path}]
    problems = [f"{'.'.join(map(str, error.path))}: {error.message[:200]}" for error in errors]
    shown = {key: value for key, value in found.items() if key not in SAID}
    problems += differences(shown, defaults(chart), schema(chart))
    problems += [path for path in empty(found) if path not in EMPTY]
    for environment in environments(found):
        names = [entry["name"] for entry in environment]
        problems += [f"{name} is set twice" for name in {n for n in names if names.count(n) > 1}]
    assert not problems


@pytest.mark.parametrize(("version", "chart"), sorted(PAIRS))
def test_the_chart_takes_what_it_is_given(version: str, chart: str) -> None:
    for number, executor in enumerate(PAIRS[version, chart]):
        where = TARGETS[number % len(TARGETS)]
        check(request(version, where, chart_version=chart, executor=executor))


def test_files_of_every_kind_of_chart_are_here() -> None:
    """Where keys were renamed there is one from before and one from after."""
    assert KNOWN == ["1.13.1", "1.15.0", "1.18.0", "1.19.0", "1.21.0"]
    assert "createUserJob" in defaults("1.18.0")
    assert "enabled" not in defaults("1.18.0")["createUserJob"]
    assert "waitForMigrations" not in defaults("1.19.0")["workers"]["celery"]


def test_what_the_chart_does_not_know_would_be_seen() -> None:
    given = {"scheduler": {"waitForMigration": {}, "replicas": 1}, "statsd": {"enabled": False}, "executer": "x"}
    assert sorted(differences(given, defaults("1.21.0"), schema("1.21.0"))) == [
        "executer is not in the chart", "scheduler.replicas repeats the default 1",
        "scheduler.waitForMigration is not in the chart",
    ]  # fmt: skip
    assert list(validator("1.21.0").iter_errors({"scheduler": {"waitForMigration": {}}}))


@st.composite
def requests(draw: st.DrawFn) -> StackRequest:
    """Any release, chart, executor, target and answers."""
    version, chart = draw(st.sampled_from(sorted(PAIRS)))
    executor = draw(st.sampled_from(PAIRS[version, chart]))
    where = draw(st.sampled_from(TARGETS))
    answers: dict[str, Any] = {
        "chart_version": chart,
        "executor": executor,
        "examples": draw(st.booleans()),
        "node_port": draw(st.sampled_from([0, 30000, 32767])),
        "storage_class": draw(st.sampled_from([None, "fast"])),
        "timezone": draw(st.sampled_from(["UTC", "Europe/Berlin"])),
        "parallelism": draw(st.integers(1, 64)),
        "image": draw(
            st.sampled_from(["r:5000/a/b", "a/b:1@sha256:" + "a" * 64, "apache/airflow:3.1.8-python3.13", "x:y"])
        ),
    }
    answers |= draw(st.sampled_from([{}, EXTERNAL]))
    answers |= draw(st.sampled_from([{}, SSH, HTTPS, {"git_repo": "https://h/r", "git_subpath": "a/b"}]))
    if "Kubernetes" in executor:
        answers["log_storage"] = draw(st.sampled_from(["pods", "claim", "node"]))
    if "Celery" in executor:
        answers["workers"] = draw(st.integers(1, 3))
    if where is not Target.KIND and draw(st.booleans()):
        answers |= {"ingress_host": "air.example.org", "ingress_path": draw(st.sampled_from(["/", "/airflow"]))}
    return request(version, where, name=draw(st.sampled_from(["demo", "0x", "a" * 41])), **answers)


@settings(max_examples=40)
@given(requests())
def test_whatever_is_asked_the_chart_takes_it_and_no_secret_is_in_it(asked: StackRequest) -> None:
    check(asked)
    for path, text in files(asked).items():
        if not path.startswith("secrets/"):
            assert not [key for key, secret in asked.secrets.items() if secret in text], path


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("apache/airflow:3.3.2", ("apache/airflow", "3.3.2")), ("airflow", ("airflow", "latest")),
        ("localhost:5000/airflow", ("localhost:5000/airflow", "latest")), ("r:5000/a:1", ("r:5000/a", "1")),
        ("a/b@sha256:ab", ("a/b@sha256", "ab")), ("a/b:1@sha256:ab", ("a/b:1@sha256", "ab")),
    ],
)  # fmt: skip
def test_an_image_is_said_as_the_chart_joins_it(reference: str, expected: tuple[str, str]) -> None:
    assert image(reference) == expected


@pytest.mark.parametrize("version", ["3.3.2", "3.0.6", "2.11.2", "2.9.3"])
def test_nothing_waits_for_migrations_and_no_probe_imports_airflow(version: str) -> None:
    for executor in executors(version):
        found = values(request(version, executor=executor))
        web = found["apiServer"] if version.startswith("3") else found["webserver"]
        components = [web, found["scheduler"], found["triggerer"], found["dagProcessor"]]
        workers = found.get("workers", {})
        if "Celery" in executor:
            components.append(workers.get("celery", workers))
        assert all(component["waitForMigrations"] == {"enabled": False} for component in components)
        assert not found["migrateDatabaseJob"]["enabled"]
        for component in components[1:]:
            command = component["livenessProbe"]["command"]
            assert command[:2] == ["python", "/opt/airflow-wizard/heartbeat.py"]
            assert {m["mountPath"] for m in component["extraVolumeMounts"]} == {"/opt/airflow-wizard"}
        assert found["scheduler"]["startupProbe"]["command"] == found["scheduler"]["livenessProbe"]["command"]


def test_the_token_it_proves_itself_with_is_known_to_the_web_component_alone() -> None:
    token = "AIRFLOW_WIZARD_IDENTITY"
    for version, chart, web in (("3.3.2", "1.22.0", "apiServer"), ("2.10.5", "1.15.0", "webserver")):
        found = values(request(version, chart_version=chart))
        assert [entry["name"] for entry in found[web]["env"]] == [token, "AIRFLOW_WIZARD_STACK_ID"]
        assert token not in str({key: value for key, value in found.items() if key != web})
    old = values(request("2.10.5", chart_version="1.13.1"))["webserver"]
    assert "env" not in old
    assert f"{token}=$(cat /opt/airflow-wizard/identity/{token})" in old["args"][-1]
    assert old["args"][-1].endswith("; exec airflow webserver")


def test_a_processor_of_airflow_2_does_not_need_a_dag_to_stay() -> None:
    (shell, flag, command) = values(request("2.11.2"))["dagProcessor"]["args"]
    assert (shell, flag) == ("bash", "-c")
    assert "import multiprocessing.connection" in command
    assert command.endswith(" dag-processor")
    assert "{{" not in command  # the chart would take it for a template
    assert "args" not in values(request("3.3.2"))["dagProcessor"]


def test_each_release_gets_its_own_way_of_logging_in() -> None:
    three, two = values(request("3.3.2")), values(request("2.11.2"))
    assert "auth_manager" not in three["config"]["core"]  # FAB is the chart's own
    assert two["config"]["api"]["auth_backends"].startswith("airflow.api.auth.backend.basic_auth,")
    assert "webserverSecretKeySecretName" in two
    assert {"apiSecretKeySecretName", "jwtSecretName"} <= three.keys()
    simple = values(request("3.1.8", image="apache/airflow:3.1.8-python3.13"))
    assert simple["config"]["core"]["auth_manager"].endswith("SimpleAuthManager")
    assert "login.json" in simple["apiServer"]["args"][-1]
    assert {"name": "login", "secret": {"secretName": "demo-login"}} in simple["apiServer"]["extraVolumes"]


def test_logs_of_pods_are_kept_where_it_was_asked() -> None:
    node = values(request("3.3.2", executor=PODS))
    assert node["logs"]["persistence"] == {"enabled": True, "existingClaim": "demo-logs"}
    assert node["triggerer"]["persistence"] == {"enabled": False}
    claim = values(request("3.3.2", Target.MICROK8S, executor=PODS))
    assert claim["logs"]["persistence"] == {"enabled": True, "size": "5Gi", "storageClassName": "microk8s-hostpath"}
    pods = values(request("3.3.2", Target.CONTEXT, executor=PODS))
    assert "logs" not in pods
    assert pods["config"]["kubernetes_executor"] == {"delete_worker_pods": "False"}
    assert pods["cleanup"]["enabled"]
    # Others serve their logs themselves; a claim of one pod binds everywhere.
    local = values(request("3.3.2", Target.CONTEXT, executor=LOCAL))
    assert "logs" not in local
    assert "cleanup" not in local
    assert local["workers"]["celery"]["persistence"]["size"] == "5Gi"


def test_a_repository_is_followed_as_git_sync_needs_it_said() -> None:
    sync = values(request("3.3.2", git_ref="release/1", **SSH))["dags"]["gitSync"]
    assert (sync["branch"], sync["ref"], sync["subPath"]) == ("release/1", "release/1", "")
    assert sync["sshKeySecret"] == "demo-git"
    assert sync["knownHosts"].startswith("github.com ssh-ed25519 AAAA")
    assert "credentialsSecret" not in sync
    token = values(request("3.3.2", git_subpath="a/b", **HTTPS))["dags"]["gitSync"]
    assert (token["credentialsSecret"], token["subPath"]) == ("demo-git", "a/b")
    assert not token.keys() & {"sshKeySecret", "knownHosts"}


def test_a_server_that_imports_once_begins_before_the_migration() -> None:
    def waits(web: dict[str, Any]) -> list[str]:
        (container,) = web["extraInitContainers"]
        return list(container["command"][2:])

    one = values(request("3.3.2"))["apiServer"]
    assert (one["args"][-1], waits(one)) == ("exec python /opt/airflow-wizard/api_server.py", ["answers"])
    two = values(request("3.3.2", api_workers=2))["apiServer"]
    assert ("args" in two, waits(two)) == (False, [])
    old = values(request("2.11.2"))["webserver"]
    assert ("args" in old, waits(old)) == (False, [])


def test_below_a_path_airflow_believes_the_ingress() -> None:
    given: dict[str, Any] = {"ingress_host": "h.example.org", "ingress_path": "/airflow/", "ingress_class": "traefik"}
    found = values(request("3.3.2", Target.KUBEADM, tls_resolver="le", **given))
    assert found["config"]["api"]["base_url"] == "https://h.example.org/airflow"
    assert found["apiServer"]["args"][-1] == "exec python /opt/airflow-wizard/api_server.py --proxy-headers"
    assert {"name": "FORWARDED_ALLOW_IPS", "value": "*"} in found["apiServer"]["env"]
    assert "FORWARDED_ALLOW_IPS" not in str(values(request("3.3.2", Target.KUBEADM)))
    two = values(request("2.11.2", Target.KUBEADM, **given))
    assert two["config"]["webserver"]["base_url"] == "http://h.example.org/airflow"
    assert "args" not in two["webserver"]


def test_only_celery_has_a_queue() -> None:
    assert values(request("3.3.2", executor=LOCAL))["redis"] == {"enabled": False}
    celery = values(request("3.3.2", executor=CELERY, workers=3))
    assert celery["redis"]["passwordSecretName"] == "demo-redis"
    assert celery["data"].keys() == {"metadataSecretName", "resultBackendSecretName", "brokerUrlSecretName"}
    assert celery["workers"]["celery"]["replicas"] == 3
    assert "replicas" not in values(request("2.10.5", executor=CELERY))["workers"]
    assert values(request("2.10.5", executor=CELERY, workers=2))["workers"]["replicas"] == 2
