"""A launch in containers as one sees it: bytes, health, the newest line, and always the step that runs."""

from __future__ import annotations

from threading import Event

import pytest

from airflow_wizard.options.model import Target
from airflow_wizard.run.step import StepEvent, StepState
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.tui.present.launch import Progress, said
from airflow_wizard.tui.spans import plain_text
from airflow_wizard.tui.widgets.rows import place
from tests.tui import compose_machine
from tests.tui.machine import FACTS
from tests.tui.recorded import Recorded
from tests.tui.seeing import text, until, until_seen

SIZES = [(80, 24), (120, 40), (200, 60)]


def launching(until_step: str) -> tuple[WizardApp, Recorded]:
    services = Recorded(events=compose_machine.launch_events(until_step), hold=Event())
    app = WizardApp(Start(), services)
    app.session.target, app.session.facts = Target.COMPOSE, FACTS
    return app, services


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        ("pull", ["324 MB of 512 MB, 11 MB/s", "apache/airflow:3.3.2", "…/redis:7.2-bookworm", "volume"]),
        (
            "init",
            ["waiting for airflow-init", "usually 15 s", "running, 5 s", "Creating tables", "Start Airflow"],
        ),
        ("identity", ["no answer yet", "airflow-dag-processor  healthy", "starting, 7 s", "Heartbeats"]),
    ],
)
async def test_the_running_step_is_seen_whole_with_what_comes_next(step: str, shown: list[str]) -> None:
    app, services = launching(step)
    async with app.run_test(size=SIZES[0]) as pilot:
        await until_seen(pilot, "New Airflow")
        app.action_go("launch")
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: all(words in text(app) for words in shown))
        if services.hold:
            services.hold.set()


def lines(progress: Progress, *, heard: bool = False, cells: int = 60) -> list[str]:
    return [plain_text(place(row, (), cells)) for row in progress.rows(10.0, heard=heard)]


def test_a_failed_step_still_shows_which_part_it_was() -> None:
    progress = Progress()
    progress.take(compose_machine.IN_THE_MIDDLE["identity"], 8.0)
    progress.take(StepEvent("identity", "Web page answers", StepState.FAILED, 9.0, "airflow-worker died"), 9.0)
    progress.over = ("✖", progress.rows(10.0)[0].cells[0][0][1])
    assert any("✖ airflow-worker" in line and "unhealthy" in line for line in lines(progress))
    assert any("○ airflow-apiserver" in line for line in lines(progress)), "nothing is worked on any more"


def test_the_newest_line_stands_under_its_step_and_goes_with_it() -> None:
    progress = Progress()
    progress.take(StepEvent("init", "Create database", StepState.STARTED, 0.0), 1.0)
    progress.hear("airflow-init", "Creating tables")
    assert any("│ airflow-init: Creating tables" in line for line in lines(progress, heard=True))
    assert not any("Creating tables" in line for line in lines(progress))
    progress.take(StepEvent("start", "Start Airflow", StepState.STARTED, 0.0), 2.0)
    assert not any("Creating tables" in line for line in lines(progress, heard=True))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2026-11-21 13:34:10.809 UTC [27] LOG:  ready", "LOG:  ready"),
        ("2026-11-21T13:34:17.110803Z [info     ] Creating tables", "[info] Creating tables"),
        ("[2026-11-21T13:34:17.110+0000] {a.py:1} INFO - x", "{a.py:1} INFO - x"),
        ("2026 was a year", "2026 was a year"),
        ("  \t", ""),
    ],
)
def test_a_line_is_said_without_its_time(line: str, words: str) -> None:
    assert said(line) == words
