"""Where a stack is, as its panes and its diagnosis are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cluster import Cluster, Release
from airflow_wizard.options.model import Target
from airflow_wizard.run import registry
from airflow_wizard.workflows.places import masker, place_of
from airflow_wizard.workflows.writing import write
from tests.artifacts.kube_stacks import request

if TYPE_CHECKING:
    from pathlib import Path


def test_a_stack_in_a_cluster_is_found_by_its_release(tmp_path: Path) -> None:
    asked = request(where=Target.CONTEXT, namespace="air", ingress_host="h.example.org", ingress_path="/airflow")
    given = dict(asked.answers.values)
    stack = registry.remember("demo", "context", tmp_path, "http://h.example.org/airflow", "3.3.2", given)
    place = place_of(stack)
    components = ("postgres", "api-server", "scheduler", "dag-processor", "triggerer")
    assert place.release == Release(str(tmp_path), Cluster("mine"), "air", "demo", components)
    assert place.expected == components
    assert place.once == "init"
    assert (place.url, place.asked) == ("http://h.example.org/airflow", "http://127.0.0.1:8080/airflow")


def test_its_secrets_are_never_shown(tmp_path: Path) -> None:
    asked = request(where=Target.CONTEXT)
    write(asked, tmp_path)
    stack = registry.remember("demo", "context", tmp_path, "http://127.0.0.1:8080", "3.3.2", dict(asked.answers.values))
    hidden = [value for key, value in asked.secrets.items() if key != "AIRFLOW_WIZARD_STACK_ID"]
    assert len(hidden) > 4
    shown = masker(stack).mask(" ".join(hidden))
    assert not [value for value in hidden if value in shown]
