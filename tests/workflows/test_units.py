"""What can be done to one unit, and what it wrote last."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.status.snapshot import Health, Unit, UnitState
from airflow_wizard.workflows import units
from tests.tui import compose_machine, machine
from tests.workflows.made_stack import made_stack

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_800_000_000.0
COMPOSE, STANDALONE = compose_machine.record(), machine.record()
WORKER = Unit(
    "airflow-worker", "worker", UnitState.RUNNING, Health.HEALTHY, container="airflow-demo-airflow-worker-1", since=NOW
)
WEB = replace(WORKER, id="airflow-apiserver", role="api", ports=(("127.0.0.1", 8081),))
DATABASE = replace(WORKER, id="postgres", role="database", ports=(("127.0.0.1", 5432),))


@pytest.mark.parametrize(
    ("unit", "offered"),
    [
        (WORKER, ["restart", "stop", "shell"]),
        (replace(WORKER, restarts=2), ["restart", "stop", "shell", "previous"]),
        (replace(WORKER, state=UnitState.RESTARTING), ["restart", "stop"]),
        (replace(WORKER, state=UnitState.EXITED), ["start"]),
        (replace(WORKER, state=UnitState.PAUSED), ["stop"]),
        (replace(WORKER, role="init", state=UnitState.DONE), []),
        (replace(WORKER, stale=True), []),
        # Nothing can be done to a container that does not exist.
        (replace(WORKER, id="airflow-worker (1 more)", container="", state=UnitState.EXITED), []),
        (WEB, ["restart", "stop", "shell", "open"]),
        (DATABASE, ["restart", "stop", "shell", "address"]),
    ],
)
def test_only_what_works_now_is_offered(unit: Unit, offered: list[str]) -> None:
    assert [action.id for action in units.actions(COMPOSE, unit)] == offered


def test_each_says_its_exact_command() -> None:
    name = "airflow-demo-airflow-worker-1"
    commands = {a.id: a.command for a in units.actions(COMPOSE, replace(WORKER, restarts=1))}
    assert commands["restart"] == f"docker restart {name}"
    assert commands["shell"].startswith(f"docker exec --interactive --tty {name} sh -c ")
    assert commands["previous"] == f"docker logs --until 2027-01-15T08:00:00Z {name}"
    assert {a.id: a.command for a in units.actions(COMPOSE, WEB)}["open"] == COMPOSE.url
    assert {a.id: a.command for a in units.actions(COMPOSE, DATABASE)}["address"] == "127.0.0.1:5432"


def test_without_containers_the_stacks_own_script_does_it() -> None:
    scheduler = Unit("scheduler", "scheduler", UnitState.RUNNING, Health.HEALTHY, restarts=1)
    commands = {a.id: a.command for a in units.actions(STANDALONE, scheduler)}
    assert commands == {
        "restart": "./stack restart scheduler",
        "stop": "./stack stop-unit scheduler",
        "previous": f"less {STANDALONE.folder}/logs/components/scheduler.log",
    }
    assert units.actions(STANDALONE, replace(scheduler, id="supervisor", role="supervisor")) == ()
    down = replace(scheduler, state=UnitState.EXITED)
    assert next(iter(units.actions(STANDALONE, down))).command == "./stack start-unit scheduler"


def test_the_last_lines_are_masked_and_those_of_the_run_before_can_be_told(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo")
    log = tmp_path / "demo" / "logs" / "components" / "scheduler.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    stamps = [datetime.fromtimestamp(NOW + n, UTC).isoformat() for n in range(30)]
    log.write_text("".join(f"[{s}] line {n} password=hunter2-hunter2 \x1b[31m\n" for n, s in enumerate(stamps)))
    os.utime(log, (NOW + 30, NOW + 30))
    scheduler = Unit("scheduler", "scheduler", UnitState.RUNNING)
    found = units.last_lines(stack, scheduler, 20)
    assert len(found) == 20
    assert "line 29" in found[-1].text
    assert not [line for line in found if "hunter2" in line.text or "\x1b" in line.text]
    older = units.last_lines(stack, scheduler, 5, before=NOW + 10)
    assert [line.text.split()[2] for line in older] == ["5", "6", "7", "8", "9"]


def test_commands_of_a_stack_that_never_ran_one_are_none(tmp_path: Path) -> None:
    assert units.commands(replace(STANDALONE, folder=str(tmp_path))) == []


def test_a_shell_is_in_the_command_log_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = made_stack(tmp_path / "demo")
    monkeypatch.setattr(units, "run_in_foreground", lambda argv, cwd: (len(argv), 2.0 if cwd == stack.folder else 0.0))
    assert units.shell(stack, WORKER) == 8
    (ran,) = units.commands(stack)
    assert ran.command.startswith("docker exec --interactive --tty airflow-demo-airflow-worker-1 sh -c ")
    assert (ran.exit_code, ran.took) == (8, "2.0 s")
