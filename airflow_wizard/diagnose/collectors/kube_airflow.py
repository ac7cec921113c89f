"""Airflow's own word about a stack in a cluster, where its way in is open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.collectors.dag_errors import import_errors
from airflow_wizard.status.hearing import Hearing
from airflow_wizard.status.kube_names import role_of
from airflow_wizard.status.kube_pod_state import BEATS
from airflow_wizard.status.rules import beat
from airflow_wizard.status.snapshot import Snapshot, StackState, Unit, UnitState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from airflow_wizard.diagnose.kube_facts import PodFact
    from airflow_wizard.status.place import Place
    from airflow_wizard.status.rules import Heard

# A component imports Airflow before it beats for the first time; on a busy machine that takes minutes.
_FIRST_BEAT = 180.0


def ask(place: Place, dags: str, mask: Callable[[str], str]) -> Mapping[str, object]:
    """What it says; nothing where somebody else answers or nobody does: the way in may just be closed."""
    hearing = Hearing(place)
    heard = hearing.ask(None)
    if not heard.ours:
        return {}
    return {
        "heard": heard,
        "answer": heard.answer,
        "import_errors": import_errors(hearing.client(), Path(dags), mask),
    }


def snapshot(place: Place, heard: Heard, pods: Iterable[PodFact], now: float) -> Snapshot:
    """The components that run, with Airflow's word about each."""
    units = tuple(unit for pod in pods if (unit := _unit(pod, heard, now)) is not None)
    return Snapshot(place.stack, place.target, StackState.RUNNING, units, heard.health, place.url, now)


def _unit(pod: PodFact, heard: Heard, now: float) -> Unit | None:
    main = next((c for c in pod.containers if not c.init), None)
    role = role_of(pod.component, task=pod.task)
    if main is None or main.state != "running" or role not in BEATS or pod.deleting is not None:
        return None
    young = main.since is None or now - main.since < _FIRST_BEAT
    health, why, age = beat(heard, BEATS[role], now=now, since=main.since, young=young)
    return Unit(
        pod.component,
        role,
        UnitState.RUNNING,
        health,
        since=main.since,
        heartbeat_age=age,
        reason=why,
        container=pod.name,
    )
