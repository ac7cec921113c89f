"""Only what is looked at is measured, and an engine elsewhere is not asked for everything at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from airflow_wizard.engines.container_facts import Sample
from airflow_wizard.status import container_usage
from airflow_wizard.status.container_usage import ContainerUsage
from tests.status.compose_values import container

if TYPE_CHECKING:
    from airflow_wizard.engines.containers import Engine

MANY = tuple(container("airflow-worker", number=n, id=f"w{n}") for n in range(1, 101))


@dataclass
class Elsewhere:
    """An engine on another machine."""

    asked: list[str] = field(default_factory=list)

    def sample(self, id_: str) -> Sample:
        self.asked.append(id_)
        return Sample(1.0, 100, 3)


@pytest.fixture(autouse=True)
def no_process_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container_usage, "control_group", lambda *_: None)


def test_only_what_is_wanted_is_asked() -> None:
    engine = Elsewhere()
    ids = {c.id for c in MANY[:3]}
    usage = ContainerUsage().look(cast("Engine", engine), MANY, only=frozenset(ids), hurry=False)
    assert (set(usage), set(engine.asked)) == (ids, ids)
    assert ContainerUsage().look(cast("Engine", Elsewhere()), MANY, only=frozenset()) == {}


def test_it_is_asked_for_a_screenful_at_first_and_then_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("airflow_wizard.status.container_usage.time.monotonic", lambda: now[0])
    engine, usage = Elsewhere(), ContainerUsage()
    usage.look(cast("Engine", engine), MANY, hurry=False)
    at_first = len(engine.asked)
    assert at_first <= 12
    for _ in range(60):
        now[0] += 1.0
        usage.look(cast("Engine", engine), MANY, hurry=False)
    assert 25 <= len(engine.asked) - at_first <= 60
    # Each in its turn.
    assert len(set(engine.asked)) == len(engine.asked)


def test_a_command_that_ends_asks_for_all() -> None:
    engine = Elsewhere()
    assert len(ContainerUsage().look(cast("Engine", engine), MANY)) == 100


@pytest.mark.parametrize(("age", "told"), [(5.0, 200), (600.0, 100)])
def test_what_was_started_just_now_is_measured_more_often(
    monkeypatch: pytest.MonkeyPatch, age: float, told: int
) -> None:
    now = [1000.0]
    monkeypatch.setattr("airflow_wizard.status.container_usage.time.monotonic", lambda: now[0])
    monkeypatch.setattr("airflow_wizard.status.container_usage.time.time", lambda: now[0])
    group = Grows()
    monkeypatch.setattr(container_usage, "control_group", lambda *_: group)
    one = container("airflow-scheduler", id="s", started=now[0] - age)
    usage = ContainerUsage()
    assert usage.look(cast("Engine", Elsewhere()), (one,))["s"].memory == 100
    now[0] += 4.0
    group.size = 200
    assert usage.look(cast("Engine", Elsewhere()), (one,))["s"].memory == told


@dataclass
class Grows:
    """A container's control group on this machine."""

    size: int = 100

    def cpu_seconds(self) -> float:
        return 1.0

    def pids(self) -> list[int]:
        return [1]

    def memory(self) -> int:
        return self.size
