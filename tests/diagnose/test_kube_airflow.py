"""Airflow's own word about its components, next to what the cluster says of their pods."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_wizard.diagnose.collectors.kube_airflow import snapshot
from airflow_wizard.diagnose.evaluate import evaluate
from airflow_wizard.status.place import Place
from airflow_wizard.status.rules import Answer, Heard
from airflow_wizard.status.snapshot import AirflowHealth, ComponentHealth
from tests.diagnose import clusters as c
from tests.diagnose.stacks import NOW, SUBJECT

BEATS = ("metadatabase", "scheduler", "triggerer", "dag_processor")
PLACE = Place("demo", "kind", "/none", SUBJECT.url, "v2", "/health", beats=BEATS)
FRESH, OLD = ComponentHealth("healthy", 3.0), ComponentHealth("unhealthy", 400.0)
WELL = AirflowHealth(ComponentHealth("healthy"), FRESH, FRESH, FRESH)


def ids(health: AirflowHealth, age: float = 3000.0) -> list[str]:
    main = c.container("scheduler", since=NOW - age)
    fact = c.cluster(c.pod("scheduler", main))
    heard = Heard(Answer.OURS, "", health, BEATS)
    seen = snapshot(PLACE, heard, fact.pods or (), NOW)
    return [f.id for f in evaluate(c.stack(fact, snapshot=seen, answer=Answer.OURS))]


def test_fresh_heartbeats_are_well() -> None:
    assert ids(WELL) == []


def test_a_scheduler_that_runs_and_hangs() -> None:
    assert ids(replace(WELL, scheduler=OLD)) == ["scheduler.heartbeat"]


@pytest.mark.parametrize("entry", [OLD, ComponentHealth(""), None])
def test_before_the_first_heartbeat_there_is_none(entry: ComponentHealth | None) -> None:
    assert ids(replace(WELL, scheduler=entry), age=60.0) == []
