"""Waiting for containers that are there and do not do their work, on a real engine."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.actions import Containers
from airflow_wizard.run.handlers import watch_containers
from airflow_wizard.run.handlers.watch_containers import ContainerWatch
from tests.e2e.compose.faults_helpers import until
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from tests.e2e.compose.project import Project

pytestmark = pytest.mark.e2e

# It goes on writing, as a scheduler does whose heartbeat hangs: movement alone must not keep the wait alive.
HANGS = "while :; do echo still busy; sleep 0.2; done"
CHECK = ("--health-cmd", "echo no heartbeat for an hour; false", "--health-interval", "1s", "--health-retries", "1")


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds in place of minutes."""
    monkeypatch.setattr(watch_containers, "_UNHEALTHY_SECONDS", 3.0)
    return 3.0


def watching(project: Project, *services: str) -> Iterator[float]:
    """Seconds waited so far, at each look."""
    watch, heard, began = ContainerWatch(Containers(".", project.name, services)), Heard(), time.monotonic()
    try:
        while True:
            watch.check(heard.context())
            yield time.monotonic() - began
    finally:
        watch.close()


def refused() -> AbstractContextManager[pytest.ExceptionInfo[StepFailedError]]:
    return pytest.raises(StepFailedError)


def test_what_stays_unhealthy_ends_the_wait_with_its_name_and_its_words(project: Project, patience: float) -> None:
    project.start("scheduler", HANGS, more=CHECK)
    waited = 0.0
    with refused() as caught:
        for waited in watching(project, "scheduler"):
            assert waited < 60
    assert waited >= patience
    assert "scheduler has been unhealthy" in caught.value.what
    assert "no heartbeat for an hour" in caught.value.what
    assert "still busy" in "\n".join(caught.value.evidence)
    assert "restart --unit scheduler" in caught.value.next


def test_an_illness_that_passes_does_not_end_the_wait(project: Project, patience: float) -> None:
    more = ("--health-cmd", "test -e /tmp/well", "--health-interval", "1s", "--health-retries", "1")
    id_ = project.start("scheduler", HANGS, more=more)
    ill_at = well_at = 0.0
    for waited in watching(project, "scheduler"):
        assert waited < 60
        health = project.engine.names("inspect", "--format", "{{.State.Health.Status}}", id_)[0]
        if health == "unhealthy" and not ill_at:
            ill_at = waited
            project.engine.names("exec", id_, "sh", "-c", "touch /tmp/well; echo done")
        if health == "healthy" and ill_at:
            well_at = well_at or waited
            if waited > well_at + patience + 1:
                return


# Ended so often that the engine lets seconds pass before it starts it again; the seventh run is well.
MENDED = """n=$(cat /tmp/n 2>/dev/null || echo 0); echo $((n + 1)) >/tmp/n
[ "$n" -ge 5 ] || exit 1
[ "$n" -gt 5 ] || { sleep 4; exit 1; }
exec sleep 600"""


@pytest.mark.parametrize("from_before", [True, False])
def test_a_run_from_before_the_plan_may_end_and_one_of_the_plan_may_not(project: Project, from_before: bool) -> None:
    """What it suffered from is mended by now: a database that was started again."""
    id_ = project.start("triggerer", MENDED)
    look = ("inspect", "--format", "{{.RestartCount}} {{.State.Status}}", id_)
    until(lambda: project.engine.names(*look)[0] == "5 running", 60)
    heard = Heard(began=time.time() if from_before else time.time() - 60)
    with contextlib.closing(ContainerWatch(Containers(".", project.name, ("triggerer",)))) as watch:
        if from_before:
            while project.engine.names(*look)[0] != "6 running":
                watch.check(heard.context())
            watch.check(heard.context())
        else:
            with refused() as caught:
                until(lambda: watch.check(heard.context()), 60)
            assert caught.value.what == "triggerer ended with exit 1"
