"""Consent before a launch: the name of a cluster that is not the wizard's, and a yes to an administrator's commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.widgets import Input

from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.tui.screens.dialogs import AskText, Confirm
from tests.tui.machine import FACTS
from tests.tui.recorded import Recorded
from tests.tui.seeing import text, until, until_seen

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.run.step import Plan


class Asking(Recorded):
    """Its plan changes a cluster of somebody else; or, with ``admin``, this machine as its administrator."""

    admin = False

    def plan(self, request: StackRequest) -> Plan:
        plan = super().plan(request)
        if not self.admin:
            return replace(plan, confirm="prod-eu")
        first, *rest = plan.steps
        root = replace(first, title="Make the cluster", command=("kubeadm", "init"), risk=Risk.PRIVILEGED)
        return replace(plan, steps=(root, *rest))


def at_review(services: Recorded) -> WizardApp:
    app = WizardApp(Start(screen="review"), services)
    app.session.target, app.session.facts = Target.STANDALONE, FACTS
    return app


async def test_a_cluster_of_somebody_else_wants_its_name_typed() -> None:
    services = Asking(findings=())
    app = at_review(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "9 steps")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AskText))
        assert "This changes the cluster of context prod-eu" in text(app)
        await pilot.press("enter")
        await until_seen(pilot, "that is not its name")
        app.screen.query_one(Input).value = "prod-us"
        await pilot.press("enter")
        await until_seen(pilot, "that is not its name")
        await pilot.press("escape")
        await until_seen(pilot, "9 steps")
        assert not services.asked("launch")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AskText))
        app.screen.query_one(Input).value = "prod-eu"
        await pilot.press("enter")
        await until(pilot, lambda: bool(services.asked("launch")))


async def test_an_administrators_commands_are_shown_and_want_a_yes() -> None:
    services = Asking(findings=())
    services.admin = True
    app = at_review(services)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_seen(pilot, "9 steps")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "This changes this machine as its administrator" in text(app)
        assert "kubeadm init" in text(app)
        await pilot.press("escape")
        await until_seen(pilot, "9 steps")
        assert not services.asked("launch")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: bool(services.asked("launch")))
