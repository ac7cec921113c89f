"""Text from outside, everywhere it can be shown: nothing is parsed, nothing reaches the terminal as a command."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.log_line import BOUNDARY, GAP, LogLine
from airflow_wizard.options.model import Target
from airflow_wizard.run.command_history import PastCommand
from airflow_wizard.run.step import OutputEvent, StepEvent, StepState
from airflow_wizard.text import plain
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.tui.spans import content, span
from airflow_wizard.workflows.flow import FlowState
from tests.tui import machine
from tests.tui.machine import FACTS, NOW, record, snapshot
from tests.tui.recorded import Recorded
from tests.tui.seeing import text, until, until_seen

if TYPE_CHECKING:
    from airflow_wizard.artifacts.preview import FilePreview
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.run.step import Plan
    from airflow_wizard.targets.model import Fit
    from airflow_wizard.workflows.profiles import ProfileEntry
    from airflow_wizard.workflows.stacks import StackRecord

HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07after",
    "clipboard": "\x1b]52;c;ZXZpbA==\x1b\\after",
    "c1": "\x9b31mred \x9d0;owned\x9c after",
    "markup": "[/foo] [bold] [@click=app.quit]x[/] \\[",
    "bidi": "abc\u202edcba\u2066xyz",
    "lines": "one\r\ntwo\ttab\x00nul\x08back\x7f",
    "wide": "漢字かな🎉 e\u0301 \u200b",
    "long": "A" * 1_000_000,
}
# On screens the kinds come together: what one line does to the next is part of the question.
ON_SCREENS = {
    "commands": " ".join(HOSTILE[kind] for kind in ("colour", "title", "clipboard", "c1", "bidi", "lines", "wide")),
    "markup": HOSTILE["markup"],
    "long": HOSTILE["long"],
}
BAD = "\x1b\x9b\x9d\x07\x08\x00\x7f\u202e\u2066\r"


def bad(*texts: str) -> set[str]:
    """What no terminal may get of it; looked for sign by sign, which megabytes hardly feel."""
    return {sign for sign in BAD for text in texts if sign in text}


@dataclass
class Hostile(Recorded):
    """Also what is not data of the record, but made by it."""

    evil: str = ""

    def rest_example(self, stack: StackRecord) -> str:
        del stack
        return self.evil

    def places(self, stack: StackRecord) -> list[tuple[str, str]]:
        del stack
        return [("DAGs", self.evil), ("CLI", self.evil)]

    def rank_targets(self, facts: HostFacts) -> list[Fit]:
        del facts
        return [replace(fit, title=self.evil, reason=self.evil, about=self.evil) for fit in machine.FITS]

    def known_profiles(self) -> list[ProfileEntry]:
        return [replace(entry, summary=self.evil) for entry in machine.PROFILES]

    def preview(self, plan: Plan) -> list[FilePreview]:
        del plan
        evil = self.evil
        return [replace(p, path=evil, text=evil, diff=evil, purpose=evil, note=evil) for p in machine.PREVIEWS]


def hostile_services(evil: str) -> Recorded:
    finding = Finding(
        evil, Level.FAIL, evil, evil, needed=evil, why=evil, evidence=(evil, evil),
        fixes=(Fix(evil, commands=((evil, evil),), answers=(("port", 8081),)),),
    )  # fmt: skip
    stack = record(folder=evil)
    picture = snapshot()
    unit = replace(
        picture.units[0],
        id=evil,
        role="api",
        reason=evil,
        image=evil,
        container=evil,
        health_output=evil,
        restarts=1,
        was=evil,
    )
    return Hostile(
        evil=evil,
        findings=(finding,),
        known_stacks=[stack],
        flow=FlowState(evil, None, evil, {}, "", None),
        events=[
            StepEvent("one", evil, StepState.PROGRESS, 1.0, evil, 0.5, ((evil, evil, evil),)),
            *[OutputEvent(evil, evil)] * 50,
            StepEvent("one", evil, StepState.FAILED, 1.0, evil),
        ],
        fails=finding,
        pictures=repeat(
            replace(picture, units=(unit, *picture.units[1:]), error=evil, events=((NOW - 1, evil, evil),))
        ),
        lines=[
            *[LogLine(NOW, evil, evil)] * 30,
            *[LogLine(NOW, evil, evil, kind) for kind in (BOUNDARY, GAP)],
            # What JSON spells out is as evil as what stands there.
            *[LogLine(NOW, evil, json.dumps({"event": evil, "level": evil, evil: evil}))] * 3,
        ],
        ran=[PastCommand(NOW, plain(evil), evil, 1, evil, (evil,))],
    )


SCREENS = ["welcome", "checks", "target", "options", "review", "launch", "dashboard", "troubleshoot", "profiles"]
DONE = {
    "welcome": "profile", "checks": "1 checked", "target": "memory is what", "options": "options,", "review": "9 steps",
    "launch": "tries again", "dashboard": "all units", "troubleshoot": "to look at", "profiles": "shipped",
}  # fmt: skip


@pytest.mark.parametrize("kind", ON_SCREENS)
async def test_no_screen_hands_it_on(kind: str) -> None:
    services = hostile_services(ON_SCREENS[kind])
    app = WizardApp(Start(), services)
    async with app.run_test(size=(120, 36)) as pilot:
        for screen in SCREENS:
            app.session.target, app.session.facts = Target.STANDALONE, FACTS
            app.session.findings = []
            app.action_go(screen)
            await until_seen(pilot, DONE[screen])
            seen = text(app)
            assert not bad(seen), (screen, kind)
            if kind == "markup" and screen not in {"options", "welcome"}:
                assert "[/foo]" in seen, screen
        await pilot.press("question_mark")
        await until_seen(pilot, "Keys")


@pytest.mark.parametrize("kind", ON_SCREENS)
async def test_a_line_is_whole_copied_and_saved_without_it(kind: str) -> None:
    services = hostile_services(ON_SCREENS[kind])
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "all units")
        await pilot.press("l", "y", "W", "w", "slash", "e", "enter", "enter")
        await until_seen(pilot, "characters")
        assert not bad(text(app)), kind
        await until(pilot, lambda: bool(services.asked("save_log")))
    (saved,) = services.asked("save_log")
    assert isinstance(saved, list)
    assert not bad(app.clipboard, *saved)


@pytest.mark.parametrize("kind", ON_SCREENS)
async def test_no_view_of_one_unit_hands_it_on(kind: str) -> None:
    app = WizardApp(Start(screen="dashboard", stack="demo"), hostile_services(ON_SCREENS[kind]))
    async with app.run_test(size=(120, 40)) as pilot:
        for keys, words in (
            (("enter",), "Findings"),
            (("x",), "copy its command"),
            (("L", "enter"), "One command"),
        ):
            await until_seen(pilot, "all units")
            await pilot.press(*keys)
            await until_seen(pilot, words)
            seen = text(app)
            assert not bad(seen), (keys, kind)
            if kind == "markup":
                assert "[/foo]" in seen, keys
            await pilot.press(*["escape"] * len(keys))


@pytest.mark.parametrize("kind", HOSTILE)
def test_one_door_for_text_from_outside(kind: str) -> None:
    shown, _ = span(HOSTILE[kind])
    assert not bad(shown)
    assert "\n" not in shown
    assert len(shown) <= 600
    assert content((span(HOSTILE[kind]),)).plain == shown
