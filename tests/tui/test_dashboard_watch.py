"""The dashboard looks when something happens, and stops looking when it is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.status.snapshot import StackState
from airflow_wizard.tui import watch
from airflow_wizard.tui.app import Start, WizardApp
from tests.tui.machine import record, snapshot
from tests.tui.recorded import Recorded
from tests.tui.seeing import until, until_seen

if TYPE_CHECKING:
    import pytest

FOR_EVER = 3600.0


async def test_what_an_engine_tells_is_painted_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "EVERY", 0.01)
    monkeypatch.setattr(watch, "TOLD", FOR_EVER)
    now = [snapshot()]
    services = Recorded(known_stacks=[record()], pictures=iter(lambda: now[0], None), tells=True)
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: FOR_EVER in services.asked("wait"))
        now[0] = snapshot(state=StackState.DEGRADED, broken=True)
        services.wake()
        await until_seen(pilot, "but not all of it")
        await pilot.press("escape")
        await until(pilot, lambda: services.asked("close") == [None])


async def test_what_is_down_and_stays_so_is_looked_at_less_often_where_an_engine_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "EVERY", 0.01)
    monkeypatch.setattr(watch, "TOLD", FOR_EVER)
    down = snapshot(state=StackState.DEGRADED, broken=True)
    services = Recorded(known_stacks=[record()], pictures=iter(lambda: down, None), tells=True)
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: FOR_EVER in services.asked("wait"))
        await pilot.press("escape")
        await until(pilot, lambda: services.asked("close") == [None])
