"""Stacks on Kubernetes to look at: requests for any version, target and answer, and files as their readers see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.artifacts.model import StackRequest
from airflow_wizard.catalog.charts import charts_for
from airflow_wizard.catalog.load import release, releases
from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.options.model import KUBERNETES_TARGETS, Target
from airflow_wizard.profile.model import Profile
from airflow_wizard.profile.resolve import resolve
from airflow_wizard.targets.registry import target as target_module
from tests.artifacts.read_yaml import StrictLoader, read, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airflow_wizard.artifacts.model import Artifact
    from airflow_wizard.finding import Answer
    from airflow_wizard.host.facts import Json

TARGETS = sorted(KUBERNETES_TARGETS)
LOCAL, CELERY, PODS = "LocalExecutor", "CeleryExecutor", "KubernetesExecutor"
EXTERNAL: dict[str, Any] = {
    "database": "external",
    "database_url": "postgresql://air@db.example.org:5432/air?sslmode=require",
}
SSH: dict[str, Any] = {"git_repo": "git@github.com:team/dags.git", "git_key": "/home/ana/.ssh/key"}
HTTPS: dict[str, Any] = {"git_repo": "https://git.example.org/team/dags.git", "git_user": "deploy"}


def facts(**values: Json) -> HostFacts:
    return HostFacts({name: Fact(value, "test") for name, value in values.items()})


def request(
    version: str = "3.3.2",
    where: Target = Target.KIND,
    machine: HostFacts | None = None,
    *,
    name: str = "demo",
    **given: Answer,
) -> StackRequest:
    machine = machine if machine is not None else HostFacts()
    answers = {"airflow_version": version, **({"context": "mine"} if where is Target.CONTEXT else {}), **given}
    resolved = resolve(Profile(name, where, answers), machine)
    chosen = release(version)
    keys = target_module(where).secret_keys(resolved, chosen)
    secrets = {key: f"hidden{number}value" for number, key in enumerate(keys)}
    if url := secrets.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"):
        secrets["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"postgresql://air:{url}@db.example.org:5432/air"
    return StackRequest(name, "/stacks/demo", resolved, chosen, machine, secrets, {})


def executors(version: str) -> tuple[str, ...]:
    """What a cluster can run of this release."""
    two = (int(version.split(".", maxsplit=1)[0]), int(version.split(".")[1]))
    several = (f"{CELERY},{PODS}", f"{LOCAL},{PODS}")
    older = ("CeleryKubernetesExecutor", "LocalKubernetesExecutor")
    return (LOCAL, CELERY, PODS, *(several if two >= (2, 10) else older))


def combinations() -> Iterator[tuple[str, str, str]]:
    """Every release of the catalogue with every chart that runs it and every executor they both take."""
    for known in releases():
        for chart in charts_for(known):
            for executor in executors(str(known.version)):
                if "," not in executor or (chart.version.major, chart.version.minor) >= (1, 16):
                    yield str(known.version), str(chart.version), executor


def files(asked: StackRequest) -> dict[str, str]:
    return {a.path: a.text for a in artifacts(asked)}


def artifacts(asked: StackRequest) -> tuple[Artifact, ...]:
    return target_module(asked.answers.target).artifacts(asked)


def values(asked: StackRequest) -> dict[str, Any]:
    """values.yaml as Helm reads it."""
    return values_in(files(asked))


def values_in(written: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = read(written["values.yaml"], StrictLoader)
    return found


def objects(asked: StackRequest) -> list[dict[str, Any]]:
    """Every object of every manifest, in the order of the files."""
    return objects_in(files(asked))


def objects_in(written: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path, text in written.items():
        if path.endswith(".yaml") and path not in {"values.yaml", "kind.yaml", "kubeadm.yaml"}:
            found += read_all(text, StrictLoader)
    return found


def environments(node: Any) -> Iterator[list[Mapping[str, Any]]]:  # noqa: ANN401 - whatever YAML holds
    """Every list under a key ``env``."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "env" and isinstance(value, list):
                yield value
            yield from environments(value)
    elif isinstance(node, list):
        for item in node:
            yield from environments(item)
