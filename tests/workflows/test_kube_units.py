"""What can be done to a pod, as the exact commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.log_line import LogLine
from airflow_wizard.status.snapshot import Health, Unit, UnitPart, UnitState
from airflow_wizard.workflows import kube_logs, kube_units, units
from tests.status.kube_values import RELEASE
from tests.tui import machine

if TYPE_CHECKING:
    from airflow_wizard.run.registry import StackRecord

STACK = replace(machine.record(), target="kind")
KUBECTL = "kubectl --kubeconfig /stacks/demo/kubeconfig --context kind-demo --namespace demo"
PARTS = (UnitPart("git-sync", "sidecar", "running"), UnitPart("scheduler", "main", "running"))
POD = Unit(
    "scheduler", "scheduler", UnitState.RUNNING, Health.HEALTHY, container="demo-scheduler-1-x", component="scheduler",
    restarts=1, parts=PARTS,
)  # fmt: skip


@pytest.fixture(autouse=True)
def release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kube_units, "release_of", lambda _: RELEASE)


def commands(unit: Unit) -> dict[str, str]:
    return {action.id: action.command for action in units.actions(STACK, unit)}


def test_each_says_its_exact_command() -> None:
    found = commands(POD)
    assert list(found) == ["restart", "stop", "shell", "previous"]
    chosen = "--selector release=demo,component=scheduler"
    assert found["restart"] == f"{KUBECTL} rollout restart statefulset,deployment {chosen}"
    assert found["stop"] == f"{KUBECTL} scale statefulset,deployment --replicas=0 {chosen}"
    assert found["previous"] == f"{KUBECTL} logs --previous demo-scheduler-1-x --container scheduler"
    shell = f"{KUBECTL} exec --stdin --tty demo-scheduler-1-x --container scheduler -- sh -c "
    assert found["shell"].startswith(shell)
    assert " ".join(units.shell_command(STACK, POD)).startswith(shell)


def test_what_is_the_wizards_own_is_found_by_other_labels() -> None:
    own = replace(
        POD, id="postgres", role="database", component="postgres", parts=(), ports=(("demo-postgres.demo", 5432),)
    )
    found = commands(own)
    assert found["restart"].endswith("--selector app.kubernetes.io/instance=demo,app.kubernetes.io/component=postgres")
    assert found["address"] == "demo-postgres.demo:5432"


@pytest.mark.parametrize(
    ("unit", "offered"),
    [
        (replace(POD, restarts=0), ["restart", "stop", "shell"]),
        (replace(POD, state=UnitState.PENDING, restarts=0), ["restart", "stop"]),
        (replace(POD, state=UnitState.TERMINATING, restarts=0), []),
        (replace(POD, container="", state=UnitState.EXITED, restarts=0), ["start"]),
        (replace(POD, id="a.b-x", role="task", component="worker", restarts=0), ["shell"]),
        (replace(POD, id="init", role="init", component="init", state=UnitState.DONE, restarts=0), []),
        (replace(POD, role="api", component="api-server", restarts=0), ["restart", "stop", "shell", "open"]),
        (replace(POD, stale=True), []),
    ],
)
def test_only_what_works_now_is_offered(unit: Unit, offered: list[str]) -> None:
    assert list(commands(unit)) == offered


def test_one_of_several_pods_says_that_all_are_meant() -> None:
    titles = [action.title for action in units.actions(STACK, replace(POD, id="scheduler-abcde"))]
    assert titles[:2] == ["Restart all of scheduler", "Stop all of scheduler"]


def test_the_last_lines_are_those_of_the_pod_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def read(_: object, pod: str, unit: str, count: int, *, until: float | None) -> list[LogLine]:
        asked.append((pod, unit, count, until))
        return [LogLine(1.0, unit, "\x1b[31mpassword=hunter2-hunter2")]

    monkeypatch.setattr(kube_logs, "last_lines", read)
    monkeypatch.setattr(units, "place_of", _nowhere)
    (line,) = units.last_lines(STACK, POD, 20)
    assert asked == [("demo-scheduler-1-x", "scheduler", 20, None)]
    assert "hunter2" not in line.text
    assert "\x1b" not in line.text


def _nowhere(_: StackRecord) -> None:
    return None
