"""The whole way by keys alone, back again, left and taken up again."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from airflow_wizard.errors import InvalidError, UsageError
from airflow_wizard.options.model import Target
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.tui.screens.dialogs import Confirm
from airflow_wizard.workflows.flow import FlowState
from tests.tui.machine import FACTS, FAILURE, launch_events, record
from tests.tui.recorded import Recorded
from tests.tui.seeing import text, until, until_seen

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.profile.model import Profile
    from airflow_wizard.run.step import Outcome
    from airflow_wizard.targets.model import Fit

SIZES = [(80, 24), (120, 40)]


@pytest.mark.parametrize("size", SIZES)
async def test_from_welcome_to_a_running_airflow_by_keys_alone(size: tuple[int, int]) -> None:
    services = Recorded()
    app = WizardApp(Start(), services)
    async with app.run_test(size=size) as pilot:
        await until_seen(pilot, "New Airflow")
        await pilot.press("enter")
        await until_seen(pilot, "11 checked")
        assert "✖ 1 must be solved" in text(app)
        await pilot.press("enter")  # the cursor stands on what must be solved; Enter applies its fix
        await until_seen(pilot, "Port 8081")
        assert app.session.given == {"port": 8081}
        await pilot.press("right")
        await until_seen(pilot, "kubeadm")
        await pilot.press("enter")
        await until_seen(pilot, "options, 1 changed by you")
        await pilot.press("f8")
        await until_seen(pilot, "9 steps")
        assert "127.0.0.1:8081" in text(app)
        await pilot.press("enter")
        await until_seen(pilot, "is running and has run a task")
        assert services.asked("launch")
        assert services.flow is None


async def test_escape_leads_back_step_by_step_and_quitting_keeps_the_flow(app: WizardApp, services: Recorded) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("enter")
        await until_seen(pilot, "11 checked")
        # A fix judges again without measuring again.
        await pilot.press("f")
        await until_seen(pilot, "Port 8081")
        assert [call[2] for call in services.asked("check_host") if isinstance(call, tuple)] == [None, FACTS]
        await pilot.press("right")
        await until_seen(pilot, "kubeadm")
        await pilot.press("enter")
        await until_seen(pilot, "options,")
        for words in ("Where should Airflow run?", "Is this machine ready?", "New Airflow"):
            await pilot.press("escape")
            await until_seen(pilot, words)
        assert app.session.given == {"port": 8081}
        assert app.session.target is Target.STANDALONE
        await pilot.press("enter")
        await until_seen(pilot, "Is this machine ready?")
        await pilot.press("right")
        await until_seen(pilot, "kubeadm")
        await pilot.press("q")
    assert app.return_value == 0
    assert services.flow is not None
    assert services.flow.screen == "target"
    assert services.flow.given == {"port": 8081}


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
async def test_what_was_left_is_continued_at_the_same_step_and_left_while_typing(key: str) -> None:
    left = FlowState("options", "standalone", "my-team", {"port": 8090}, "", None)
    services = Recorded(flow=left)
    app = WizardApp(Start(), services)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_seen(pilot, "Continue")
        assert "at Options of my-team, standalone, 1 answer given" in text(app)
        await pilot.press("enter")
        await until_seen(pilot, "options, 1 changed by you")
        assert app.screen.query_one("#field-port", Input).value == "8090"
        assert app.screen.query_one("#field-name", Input).value == "my-team"
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("q")
        assert app.session.profile_name in {"qmy-team", "my-teamq"}
        await pilot.press(key)
    assert app.return_value == 0


async def test_a_profile_on_the_command_line_begins_the_flow_once(services: Recorded) -> None:
    app = WizardApp(Start(profile="my-team", sets=("port=8090",), facts="facts.json"), services)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "11 checked")
        assert app.session.target is Target.STANDALONE
        app.session.step = ""
        app.action_home()
        await until_seen(pilot, "New Airflow")
        await until_seen(pilot, "running")
    assert services.asked("load_profile") == [("my-team", ("port=8090",))]
    assert str(services.asked("load_facts")[0]) == "facts.json"


async def test_a_profile_that_is_none_is_said_on_the_first_screen(services: Recorded) -> None:
    app = WizardApp(Start(profile="nope"), services)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "there is no profile 'nope'")
        assert "airflow-wizard profiles" in text(app)


def at_launch(app: WizardApp) -> None:
    app.session.target = Target.STANDALONE
    app.session.profile_name = "demo"
    app.session.facts = FACTS
    app.action_go("launch")


async def test_a_running_launch_is_asked_about_and_stopped_in_an_orderly_way() -> None:
    services = Recorded(events=launch_events("heartbeats"), hold=Event())
    app = WizardApp(Start(), services)
    async with app.run_test(size=(120, 36)) as pilot:
        at_launch(app)
        await until_seen(pilot, "3 of 4")
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "airflow-wizard up --name demo" in text(app)
        await pilot.press("escape")
        await until_seen(pilot, "3 of 4")
        assert app.return_value is None
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: app.return_value == 0)
    assert services.flow is not None
    assert services.flow.screen == "launch"


async def test_a_failed_launch_says_what_died_and_why_and_can_be_tried_again() -> None:
    services = Recorded(fails=FAILURE)
    app = WizardApp(Start(), services)
    async with app.run_test(size=(120, 36)) as pilot:
        at_launch(app)
        await until_seen(pilot, "tries again")
        seen = text(app)
        assert "The scheduler died" in seen
        assert "No module named 'acme_plugin'" in seen
        assert "airflow-wizard up --profile demo" in seen
        services.fails = None
        await pilot.press("r")
        await until_seen(pilot, "has run a task")


async def test_what_a_launch_raises_is_shown_in_its_three_parts() -> None:
    class Locked(Recorded):
        def launch(self, request: StackRequest, **_: object) -> Outcome:
            del request
            raise UsageError("another wizard works here", why="two would undo each other", next="wait for it")

    app = WizardApp(Start(), Locked())
    async with app.run_test(size=(120, 36)) as pilot:
        at_launch(app)
        await until_seen(pilot, "wait for it")
        assert "two would undo each other" in text(app)


async def test_a_bug_in_a_workflow_ends_in_a_sentence_not_in_a_traceback() -> None:
    class Broken(Recorded):
        def rank_targets(self, facts: HostFacts) -> list[Fit]:
            del facts
            raise ZeroDivisionError("division by zero")

    app = WizardApp(Start(), Broken())
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "New Airflow")
        app.session.facts = FACTS
        app.action_go("target")
        await until_seen(pilot, "ZeroDivisionError: division by zero")


async def test_the_first_screen_is_painted_before_anything_is_asked_for() -> None:
    gate = Event()

    class Slow(Recorded):
        def load_flow(self) -> FlowState | None:
            gate.wait(5)
            return super().load_flow()

    app = WizardApp(Start(), Slow(known_stacks=[record()]))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "New Airflow")
        assert "reading…" in text(app)
        gate.set()
        await until_seen(pilot, "running")


async def test_what_cannot_be_planned_says_why_and_is_not_launched() -> None:
    class Refusing(Recorded):
        def request(self, profile: Profile, facts: HostFacts, folder: Path | None, *, show: bool) -> StackRequest:
            del profile, facts, folder, show
            raise InvalidError("context: needs the name of a kube context", next="choose No containers")

    app = WizardApp(Start(), Refusing())
    app.session.target, app.session.facts = Target.KIND, FACTS
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "New Airflow")
        app.action_go("review")
        await until_seen(pilot, "needs the name of a kube context")
        await until_seen(pilot, "choose No containers")
        assert "write and launch" not in text(app)
