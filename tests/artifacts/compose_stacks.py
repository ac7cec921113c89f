"""Compose stacks to look at: requests for any version, machine and answer, and files as Compose would read them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.artifacts.model import StackRequest
from airflow_wizard.catalog.load import release
from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.options.model import Target
from airflow_wizard.profile.model import Profile
from airflow_wizard.profile.resolve import resolve
from airflow_wizard.targets.compose import TARGET
from tests.artifacts.read_yaml import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.finding import Answer
    from airflow_wizard.host.facts import Json

OFFICIAL = Path(__file__).parents[1] / "data" / "compose"
CELERY, LOCAL = "CeleryExecutor", "LocalExecutor"
# ${NAME}, ${NAME:-default}, ${NAME:?message}
VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^{}]*))?\}|\$(\w+)")


def facts(**values: Json) -> HostFacts:
    return HostFacts({name: Fact(value, "test") for name, value in values.items()})


def request(version: str = "3.3.2", machine: HostFacts | None = None, **given: Answer) -> StackRequest:
    machine = machine if machine is not None else HostFacts()
    profile = Profile("demo", Target.COMPOSE, {"airflow_version": version, **given})
    answers = resolve(profile, machine)
    chosen = release(version)
    keys = TARGET.secret_keys(answers, chosen)
    secrets = {key: f"hidden{number}value" for number, key in enumerate(keys)}
    return StackRequest("demo", "/stacks/demo", answers, chosen, machine, secrets, {}, {}, 1000)


def files(asked: StackRequest) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in TARGET.artifacts(asked)}


def loaded(asked: StackRequest) -> dict[str, Any]:
    """The Compose file as Compose would see it."""
    texts = files(asked)
    document: dict[str, Any] = interpolated(read(texts["docker-compose.yaml"]), values_of(texts[".env"]))
    return document


def interpolated(node: Any, env: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Values with their variables; KeyError for one that has neither a value nor a default."""
    if isinstance(node, dict):
        return {key: interpolated(value, env) for key, value in node.items()}
    if isinstance(node, list):
        return [interpolated(item, env) for item in node]
    return VARIABLE.sub(lambda found: _value(found, env), node) if isinstance(node, str) else node


def _value(found: re.Match[str], env: Mapping[str, str]) -> str:
    if found[0] == "$$":
        return "$"
    name = found[1] or found[4]
    return env.get(name, "") or found[3] if found[2] == "-" else env[name]
