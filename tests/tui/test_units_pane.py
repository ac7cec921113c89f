"""The units pane driven: filter, order, figures, cause, actions, and what it does with very many."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING

from airflow_wizard.run.command_history import PastCommand
from airflow_wizard.status.snapshot import Health, Snapshot, Unit, UnitState
from airflow_wizard.status.stale import stale
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.tui.panes.units import UnitsPane
from airflow_wizard.tui.screens.unit import UnitScreen
from airflow_wizard.tui.widgets.rows import LazyRows, Row
from tests.tui import compose_machine
from tests.tui.machine import MIB, NOW
from tests.tui.recorded import Recorded
from tests.tui.seeing import text, until, until_seen

if TYPE_CHECKING:
    import pytest
    from textual.pilot import Pilot


def services(picture: Snapshot | None = None) -> Recorded:
    found = Recorded(
        known_stacks=[compose_machine.record()], pictures=repeat(picture or compose_machine.snapshot()), tells=True
    )
    found.lines = list(compose_machine.LOGS)
    return found


def dashboard(asked: Recorded) -> WizardApp:
    return WizardApp(Start(screen="dashboard", stack="demo"), asked)


def many(count: int, *, memory: bool = False) -> Snapshot:
    units = tuple(
        Unit(f"airflow-worker-{n}", "worker", UnitState.RUNNING, Health.HEALTHY, memory=n * MIB if memory else None)
        for n in range(1, count + 1)
    )
    return replace(compose_machine.snapshot(), units=units)


def pane(pilot: Pilot[int]) -> UnitsPane:
    return pilot.app.screen.query_one(UnitsPane)


async def test_one_key_from_a_red_row_to_its_cause_and_back() -> None:
    asked = services()
    app = dashboard(asked)
    async with app.run_test(size=(100, 44)) as pilot:
        await until_seen(pilot, "exited 137")
        pane(pilot).rows.select("airflow-worker")
        await pilot.press("enter")
        await until_seen(pilot, "ForkPoolWorker-2")
        await until(pilot, lambda: "looking for causes" not in text(app))
        seen = text(app)
        for words in (
            "airflow-worker  exited 137, 9 s ago, started again 3 times",
            "killed by the kernel: out of memory",
            "apache/airflow:3.3.2",
            "1 m ago  died, exit 137",
        ):
            assert words in seen
        # What happens while it is open is shown.
        assert isinstance(app.screen, UnitScreen)
        up = replace(compose_machine.snapshot().units[6], state=UnitState.RUNNING, health=Health.STARTING, reason="")
        picture = compose_machine.snapshot()
        asked.pictures = repeat(replace(picture, units=(*picture.units[:6], up, picture.units[7])))
        asked.wake()
        await until_seen(pilot, "◐ airflow-worker  starting for 9 s, started again 3 times")
        await until(pilot, lambda: len(asked.asked("doctor")) == 2)
        await pilot.press("escape")
        await until_seen(pilot, "Logs   all units")


async def test_the_log_of_a_unit_is_one_key_from_its_cause() -> None:
    app = dashboard(services())
    async with app.run_test(size=(100, 36)) as pilot:
        await until_seen(pilot, "exited 137")
        pane(pilot).rows.select("airflow-triggerer")
        await pilot.press("enter")
        await until_seen(pilot, "Last lines")
        assert "t troubleshoot" in text(app)
        await pilot.press("t")
        await until_seen(pilot, "What is wrong?")
        await pilot.press("t", "escape")
        await until_seen(pilot, "Last lines")
        await pilot.press("u")
        await until_seen(pilot, "Logs   airflow-triggerer")


async def test_an_action_shows_its_command_and_asks() -> None:
    asked = services()
    app = dashboard(asked)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "exited 137")
        pane(pilot).rows.select("airflow-scheduler")
        await pilot.press("x")
        await until_seen(pilot, "docker restart airflow-demo-airflow-scheduler-1")
        await pilot.press("down", "down")
        await until_seen(pilot, "docker exec --interactive --tty")
        assert "exec bash || exec sh" in text(app)
        await pilot.press("home", "enter")
        await until_seen(pilot, "Restart airflow-scheduler?")
        await pilot.press("escape")
        await pilot.pause()
        assert not asked.asked("run_plan")
        await pilot.press("x", "down", "enter")
        await until_seen(pilot, "Stop airflow-scheduler?")
        await pilot.press("enter")
        await until_seen(pilot, "stop airflow-scheduler done in 0.4 s")
        assert asked.asked("extent") == ["airflow-scheduler", "airflow-scheduler"]
        await pilot.press("x", "y")
        await until_seen(pilot, "command copied")
        assert app.clipboard == "docker restart airflow-demo-airflow-scheduler-1"
        pane(pilot).rows.select("airflow-init")
        await pilot.press("x")
        await until_seen(pilot, "nothing can be done to airflow-init as it is now")


async def test_units_are_filtered_and_a_log_search_is_another_thing() -> None:
    app = dashboard(services())
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "exited 137")
        await pilot.press("slash", *"sched", "enter")
        await until_seen(pilot, "1 of 8, with sched")
        assert "airflow-triggerer     healthy" not in text(app)
        assert "orphaned" in text(app)
        await pilot.press("escape")
        await until(pilot, lambda: "airflow-triggerer" in text(app))
        assert "1 of 8" not in text(app)


async def test_tab_goes_from_the_units_to_the_log_and_back() -> None:
    app = dashboard(services())
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "exited 137")
        met = []
        for _ in range(3):
            await pilot.press("tab")
            await pilot.pause()
            met.append(app.screen.focused.id if app.screen.focused else None)
        assert met == ["logs", "units", "logs"]


async def test_the_order_is_said_and_figures_can_be_hidden() -> None:
    asked = services()
    app = dashboard(asked)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "▲ 288 / 320 MB")
        await pilot.press("f6")
        await until_seen(pilot, "by state")
        assert pane(pilot).rows.rows[0].key == "airflow-worker"
        await pilot.press("f6")
        await until_seen(pilot, "by cpu")
        # For an order by what it takes, all of them have to be measured.
        await until(pilot, lambda: asked.asked("sample")[-1] is None)
        await pilot.press("m")
        await until(pilot, lambda: "288 / 320 MB" not in text(app))
        await until(pilot, lambda: asked.asked("sample")[-1] == frozenset())


async def test_only_what_is_in_sight_is_measured_and_the_log_keeps_its_share() -> None:
    asked = services(many(50))
    app = dashboard(asked)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "airflow-worker-2")
        await until(pilot, lambda: 0 < len(asked.asked("sample")[-1] or ()) < 15)  # type: ignore[arg-type]
        assert pane(pilot).size.height <= 10
        await until_seen(pilot, "orphaned")
        await pilot.press("end")
        await until(pilot, lambda: "airflow-worker-50" in (asked.asked("sample")[-1] or ()))  # type: ignore[operator]
        assert "airflow-worker-1" not in (asked.asked("sample")[-1] or ())  # type: ignore[operator]
        tall = pane(pilot).size.height
        await pilot.press("tab")
        await until(pilot, lambda: pane(pilot).size.height < tall)


async def test_an_engine_that_is_away_leaves_rows_that_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_wizard.tui.panes.head.time.time", lambda: NOW + 12)
    gone = stale(compose_machine.snapshot(), now=NOW + 12, error="nothing answers there", retry_at=NOW + 13.5)
    app = dashboard(services(gone))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "the engine does not answer: rows as of 12 s ago; asked again in 1.5 s")
        seen = text(app)
        assert "stale  was running, healthy 12 s ago" in seen
        assert "Airflow 3.3.2 cannot be seen." in seen
        assert "● " not in "\n".join(line for line in seen.splitlines() if "airflow-" in line)


async def test_the_commands_that_were_run_are_one_key_away() -> None:
    asked = services()
    asked.ran.append(PastCommand(NOW, "docker stop \x1b[31mx", "/", 0, "1.0 s", ("[/foo] said",)))
    app = dashboard(asked)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "exited 137")
        await pilot.press("L")
        await until_seen(pilot, "4 commands, 1 ended with an error")
        await pilot.press("enter")
        await until_seen(pilot, "[/foo] said")
        assert "\x1b" not in text(app)
        await pilot.press("escape", "down", "y")
        await until_seen(pilot, "copied ./stack start")
        assert app.clipboard == "./stack start"
        await pilot.press("escape")
        await until_seen(pilot, "Logs   all units")


async def test_five_thousand_units_are_scrolled_and_filtered_within_a_blink() -> None:
    app = dashboard(services(many(5_000, memory=True)))
    async with app.run_test(size=(120, 40)) as pilot:
        began = time.perf_counter()
        await until_seen(pilot, "airflow-worker-9")
        assert time.perf_counter() - began < 5.0  # on a busy machine; the bench holds it to one second
        rows = pane(pilot).rows
        made: list[int] = []
        make = rows._rows.make

        def noted(number: int) -> Row:
            made.append(number)
            return make(number)

        rows.show(LazyRows(rows._rows.keys, noted))
        await pilot.press("pagedown", "pagedown", "end")
        await until_seen(pilot, "airflow-worker-5000")
        assert len(set(made)) < 200, "rows out of sight are not made"


async def test_a_terminal_that_cannot_be_handed_over_is_said_and_the_command_can_be_copied() -> None:
    asked = services()
    app = dashboard(asked)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "exited 137")
        await pilot.press("x", "down", "down", "enter")
        await until_seen(pilot, "this terminal cannot be handed over; x, then y copies the command instead")
        assert not asked.asked("shell")
