"""Draws the pictures by driving the real app, on a machine, a launch and a stack that were recorded.

``python -m screenshots`` writes all of them; names as arguments write only those. A test draws some of them again
and compares, so that a picture never shows what the program does not.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from itertools import repeat
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from airflow_wizard.options.model import Target
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.workflows.flow import FlowState
from tests.tui import compose_machine
from tests.tui.machine import FACTS, launch_events, record, snapshot
from tests.tui.recorded import Recorded
from tests.tui.seeing import until_seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.pilot import Pilot

HERE = Path(__file__).parent
SIZE = (120, 36)
# What must be on the screen before it is drawn, and the keys that are pressed then.
PICTURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "welcome": ("running", ()),
    "checks": ("11 checked", ()),
    "target": ("kubeadm", ()),
    "options": ("options,", ("down", "down", "down")),
    "review": ("9 steps", ()),
    "launch": ("3 of 4", ()),
    "dashboard": ("orphaned", ()),
    "troubleshoot": ("to look at", ()),
    "pull": ("324 MB of 512 MB", ()),
    "containers": ("orphaned", ()),
    "cause": ("orphaned", (*["down"] * 6, "enter")),
    "actions": ("orphaned", (*["down"] * 4, "x")),
}
# Pictures of a stack in containers, and the screens they show.
IN_CONTAINERS = {"pull": "launch", "containers": "dashboard", "cause": "dashboard", "actions": "dashboard"}


async def draw(name: str) -> str:
    """One picture as SVG."""
    if name in IN_CONTAINERS:
        return await _draw_containers(name)
    services = Recorded(known_stacks=[record()], pictures=repeat(snapshot()))
    if name == "welcome":
        services.flow = FlowState("options", "standalone", "my-team", {"port": 8090})
    if name == "launch":
        services.events, services.hold = launch_events("heartbeats"), Event()
    app = WizardApp(Start(stack="demo"), services)
    session = app.session
    session.target, session.facts, session.profile_name = Target.STANDALONE, FACTS, "airflow-demo"
    session.folder = "/home/ana/airflow-demo"
    if name not in {"checks", "welcome"}:
        session.given["port"] = 8081
    if name == "dashboard":
        session.proven = 39.2
    return await _picture(app, services, name, "" if name == "welcome" else name)


async def _draw_containers(name: str) -> str:
    services = Recorded(known_stacks=[compose_machine.record()], pictures=repeat(compose_machine.snapshot()))
    services.lines = list(compose_machine.LOGS)
    services.findings = compose_machine.FINDINGS
    if name == "pull":
        services.events, services.hold = compose_machine.launch_events("pull"), Event()
    app = WizardApp(Start(stack="demo"), services)
    session = app.session
    session.target, session.facts, session.profile_name = Target.COMPOSE, FACTS, "airflow-demo"
    session.folder = "/home/ana/airflow-demo"
    return await _picture(app, services, name, IN_CONTAINERS[name])


async def _picture(app: WizardApp, services: Recorded, name: str, screen: str) -> str:
    async with app.run_test(size=SIZE) as pilot:
        await until_seen(pilot, "New Airflow")
        if screen:
            app.action_go(screen)
        words, keys = PICTURES[name]
        await until_seen(pilot, words)
        await pilot.press(*keys)
        await _settle(pilot)
        svg = app.export_screenshot(title=f"airflow-wizard: {name}", simplify=True)
        if services.hold:
            services.hold.set()
    return svg


async def _settle(pilot: Pilot[int]) -> None:
    """Waits until two looks at the screen are the same."""
    before = ""
    while (now := pilot.app.export_screenshot()) != before:
        before = now
        await pilot.pause(0.15)


def render(name: str) -> str:
    """One picture, the same on every machine: the clock stands still and paths are nobody's."""
    kept = {key: os.environ.get(key) for key in ("TZ", "AIRFLOW_WIZARD_HOME", "NO_COLOR", "COLORTERM")}
    try:
        with tempfile.TemporaryDirectory() as home:
            os.environ.update(TZ="UTC", AIRFLOW_WIZARD_HOME=home, COLORTERM="truecolor")
            os.environ.pop("NO_COLOR", None)
            time.tzset()
            return asyncio.run(draw(name))
    finally:
        for key, value in kept.items():
            os.environ.pop(key, None) if value is None else os.environ.__setitem__(key, value)
        time.tzset()


def main(names: Sequence[str]) -> int:
    """Writes the pictures named, or all."""
    for name in names or PICTURES:
        (HERE / f"{name}.svg").write_text(render(name), encoding="utf-8")
        print(f"screenshots/{name}.svg")
    return 0
