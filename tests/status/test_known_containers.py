"""How often the engine is asked, and that nothing is missed by not asking."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import pytest

from airflow_wizard.engines.container_facts import Container, Happening
from airflow_wizard.status import known_containers
from airflow_wizard.status.known_containers import KnownContainers
from tests.status.compose_values import NOW, container

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.engines.containers import Engine

FOR_EVER = 3600.0


def worker(number: int) -> Container:
    return container("airflow-worker", number=number, id=f"w{number}")


@dataclass
class Fifty:
    """An engine with fifty containers that counts what it is asked."""

    there: dict[str, Container] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.there = {c.id: c for c in (worker(n) for n in range(1, 51))}

    def glance(self, project: str) -> dict[str, tuple[str, str]]:
        self.calls.append(f"list {project}")
        return {id_: (c.state, c.health if c.running else "") for id_, c in self.there.items()}

    def inspect(self, ids: Iterable[str]) -> tuple[Container, ...]:
        found = list(ids)
        self.calls += [f"inspect {id_}" for id_ in found]
        return tuple(self.there[id_] for id_ in found if id_ in self.there)

    def change(self, number: int, **more: object) -> str:
        (id_,) = [id_ for id_, c in self.there.items() if c.number == number]
        self.there[id_] = replace(self.there[id_], **more)  # type: ignore[arg-type]
        return id_


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Fifty:
    monkeypatch.setattr(known_containers, "LIST_SECONDS", FOR_EVER)
    return Fifty()


def look(known: KnownContainers, engine: Fifty, *events: Happening, afresh: bool = False) -> dict[int, Container]:
    engine.calls.clear()
    return {c.number: c for c in known.look(cast("Engine", engine), "p", events, afresh=afresh)}


def happening(id_: str, action: str, *, after: float, code: int | None = None) -> Happening:
    return Happening(NOW + after, "airflow-worker", action, code, id_)


def test_one_change_among_fifty_costs_one_question(engine: Fifty) -> None:
    known = KnownContainers()
    assert len(look(known, engine)) == 50
    assert len(engine.calls) == 51
    assert look(known, engine)
    assert engine.calls == []
    sick = engine.change(7, health="unhealthy")
    event = happening(sick, "health_status: unhealthy", after=1.0)
    assert look(known, engine, event)[7].health == "unhealthy"
    assert engine.calls == ["inspect w7"]
    # The same event again is no news.
    look(known, engine, event)
    assert engine.calls == []


def test_an_end_is_painted_after_one_glance_and_told_in_full_at_the_next_look(engine: Fifty) -> None:
    known = KnownContainers()
    look(known, engine)
    id_ = engine.change(9, state="exited", health="", pid=0, exit_code=137, oom=True, finished=NOW + 2)
    events = (happening(id_, "oom", after=1.9), happening(id_, "die", after=2.0, code=137))
    found = look(known, engine, *events)[9]
    assert engine.calls == ["list p"]
    assert (found.state, found.exit_code, found.oom, found.finished) == ("exited", 137, True, NOW + 2)
    look(known, engine, *events)
    assert engine.calls == ["inspect w9"]
    look(known, engine, *events)
    assert engine.calls == []


def test_one_that_is_started_again_is_not_asked_while_the_engine_starts_it(engine: Fifty) -> None:
    known = KnownContainers()
    look(known, engine)
    id_ = engine.change(3, state="restarting", health="", pid=0)
    found = look(known, engine, happening(id_, "die", after=1.0, code=1))[3]
    assert (found.state, found.exit_code, found.pid) == ("restarting", 1, 0)
    assert engine.calls == ["list p"]


def test_what_was_made_and_removed_is_seen(engine: Fifty) -> None:
    known = KnownContainers()
    look(known, engine)
    new = worker(51)
    engine.there[new.id] = new
    gone = engine.change(50)
    del engine.there[gone]
    events = (happening(gone, "destroy", after=1.0), happening(new.id, "create", after=1.1))
    assert set(look(known, engine, *events)) == {*range(1, 50), 51}
    assert engine.calls == ["inspect w51"]


def test_after_a_gap_nothing_that_was_known_is_believed(engine: Fifty) -> None:
    known = KnownContainers()
    look(known, engine)
    # Between two looks it ended and was started again, and nobody told.
    engine.change(5, restarts=4)
    assert look(known, engine)[5].restarts == 0
    assert look(known, engine, afresh=True)[5].restarts == 4


def test_a_lost_event_is_made_up_for_on_a_slow_timer(engine: Fifty, monkeypatch: pytest.MonkeyPatch) -> None:
    known = KnownContainers()
    look(known, engine)
    engine.change(5, state="paused")
    monkeypatch.setattr(known_containers, "LIST_SECONDS", 0.0)
    assert look(known, engine)[5].state == "paused"
    assert engine.calls == ["list p", "inspect w5"]
    # What no glance shows comes with the turn of each.
    engine.change(8, restarts=2)
    calls = 0
    while look(known, engine)[8].restarts != 2:
        calls += len(engine.calls)
        assert calls <= 100
    assert len(engine.calls) == 2
