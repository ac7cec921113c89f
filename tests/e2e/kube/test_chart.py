"""The tests' own chart is what the official one is, as far as a stack can tell."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from airflow_wizard.options.model import Target
from tests.artifacts import kube_stacks as stacks
from tests.artifacts.chart_data import defaults
from tests.artifacts.read_yaml import StrictLoader, read, read_all
from tests.e2e.kube.charts import OFFICIAL, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.kube.cluster import ForeignCluster

pytestmark = pytest.mark.e2e

# What the release it stands for changed since the one whose files are here, and what would lead to parts left out.
NEWER = {
    "airflowVersion",
    "defaultAirflowTag",
    "images.statsd.tag",
    "config.logging.remote_logging",
    "config.kubernetes_executor.multi_namespace_mode",
}
VERSIONS = ("2.11.2", "3.0.6", "3.3.2")


def leaves(node: Any, at: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever YAML holds
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, f"{at}.{key}" if at else key)
    else:
        yield at, " ".join(node.split()) if isinstance(node, str) else node


def rendered(chart: Path, values: str, *words: str) -> dict[str, dict[str, Any]]:
    """Objects by kind and name; Helm checks the values against the schema on the way."""
    argv = ("helm", "template", "demo", str(chart), "--namespace", "airflow", "--values", "-", *words)
    done = subprocess.run(argv, input=values, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = {}
    for one in filter(None, read_all(done.stdout, StrictLoader)):
        key = f"{one['kind']}/{one['metadata']['name']}"
        assert key not in found
        found[key] = one
    return found


def test_its_defaults_are_the_official_ones() -> None:
    official = dict(leaves(defaults(OFFICIAL)))
    own = dict(leaves(read((SOURCE / "values.yaml").read_text(), StrictLoader)))
    assert not {path for path, value in own.items() if value not in (None, {}) and path not in official}
    different = {p for p, value in own.items() if p in official and value not in (official[p], None) and value != {}}
    assert different == NEWER


@pytest.mark.parametrize("version", VERSIONS)
def test_the_values_of_every_executor_are_taken(kube_tools: None, chart: Path, version: str) -> None:
    del kube_tools
    for executor in stacks.executors(version):
        written = stacks.files(stacks.request(version, Target.CONTEXT, executor=executor, **stacks.SSH))
        found = rendered(chart, written["values.yaml"])
        web = "api-server" if version.startswith("3") else "webserver"
        assert {f"Deployment/demo-{web}", f"Service/demo-{web}", "ConfigMap/demo-config"} <= set(found)
        assert ("StatefulSet/demo-worker" in found) is ("Celery" in executor)
        assert ("StatefulSet/demo-scheduler" in found) is ("Local" in executor)
        assert ("pod_template_file.yaml" in found["ConfigMap/demo-config"]["data"]) is ("Kubernetes" in executor)
        environments = [env for one in found.values() for env in stacks.environments(one)]
        assert environments
        for env in environments:
            names = [entry["name"] for entry in env]
            assert len(set(names)) == len(names)


def test_a_misspelt_value_is_refused(kube_tools: None, chart: Path) -> None:
    del kube_tools
    argv = ("helm", "template", "demo", str(chart), "--set", "scheduler.replica=2")
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "replica" in done.stderr


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_its_defaults_start_airflow(foreign_cluster: ForeignCluster, chart: Path) -> None:
    """As the official chart's do: hooks migrate and make the login while every pod waits for that."""
    airflow = "executor=LocalExecutor,airflowVersion=3.3.2,defaultAirflowTag=3.3.2,statsd.enabled=false"
    database = "postgresql.image.repository=postgres,postgresql.image.tag=16"
    driver = "data.metadataConnection.protocol=postgresql+psycopg2"
    with foreign_cluster.in_namespace() as space:
        given = ("--set", f"{airflow},{driver}", "--set-string", database)
        space.helm("install", "demo", str(chart), *given, "--timeout", "10m")
        for kind, names in (
            ("deployment", ("api-server", "dag-processor")),
            ("statefulset", ("scheduler", "triggerer")),
        ):
            for name in names:
                space.kubectl("rollout", "status", f"{kind}/demo-{name}", "--timeout", "300s", timeout=330)
        body = space.kubectl(
            "exec", "deployment/demo-api-server", "--", "curl", "-fsS", "http://127.0.0.1:8080/api/v2/monitor/health"
        )
        for part in ("metadatabase", "scheduler", "triggerer", "dag_processor"):
            assert read(body, StrictLoader)[part]["status"] == "healthy", body
        users = space.kubectl("exec", "statefulset/demo-scheduler", "-c", "scheduler", "--", "airflow", "users", "list")
        assert "admin@example.com" in users
