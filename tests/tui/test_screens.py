"""Each screen by what can be read on it and by what it asks for."""

from __future__ import annotations

from itertools import chain, repeat
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input

from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.options.model import Target
from airflow_wizard.status.snapshot import StackState
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.tui.screens.dialogs import AskText, Confirm
from airflow_wizard.tui.widgets.controls import ChoiceField, Toggle
from airflow_wizard.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from airflow_wizard.finding import Answer
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.workflows.checking import CheckReport

from tests.tui.machine import FACTS, FINDINGS, PREVIEWS, record, snapshot
from tests.tui.recorded import Recorded
from tests.tui.seeing import text, until, until_seen

SIZES = [(80, 24), (120, 40), (200, 60)]


def begun(services: Recorded, *, target: Target = Target.STANDALONE) -> WizardApp:
    app = WizardApp(Start(), services)
    app.session.target, app.session.facts = target, FACTS
    return app


@pytest.mark.parametrize("size", SIZES)
async def test_checks_show_found_needed_and_why(services: Recorded, size: tuple[int, int]) -> None:
    app = WizardApp(Start(screen="checks"), services)
    async with app.run_test(size=size) as pilot:
        await until_seen(pilot, "11 checked")
        seen = text(app)
        for finding in FINDINGS:
            assert f"{finding.level.glyph}  {finding.title}" in seen
        assert "✖ 1 must be solved" in seen
        assert "▲ 1 to know about" in seen
        assert "○ 1 unknown" in seen
        if size[0] == 80:
            assert "Two programs cannot share" not in seen
            await pilot.press("i")
        await until_seen(pilot, "Two programs cannot share")
        assert "kill 4121" in text(app)
        # Evidence is one key away.
        await pilot.press("e")
        await until_seen(pilot, "pid=4121 node server.js")


async def test_what_must_be_solved_is_scrolled_to_though_its_row_came_just_now() -> None:
    gate = Event()
    many = [Finding(f"check.{n}", Level.OK, f"Check {n}", "fine") for n in range(30)]
    wrong = Finding("rights", Level.FAIL, "Rights", "you may not", "the rights", "It would stop half-way.")

    class Slow(Recorded):
        def check_host(self, target: Target | None, **asked: Any) -> CheckReport:  # noqa: ANN401 - passed on
            asked["on_finding"](many[0])
            gate.wait(5)
            return super().check_host(target, **asked)

    app = WizardApp(Start(screen="checks"), Slow(findings=[*many, wrong]))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "measuring…  1 so far")
        gate.set()
        await until_seen(pilot, "✖  Rights")
        assert app.screen.query_one("#rows", RowList).current == "rights"


async def test_rows_appear_as_they_are_decided_and_keep_their_place() -> None:
    gate = Event()

    class Slow(Recorded):
        def check_host(
            self,
            target: Target | None,
            *,
            answers: Mapping[str, Answer],
            folder: Path | None,
            facts: HostFacts | None,
            on_finding: Callable[[Finding], None] | None,
        ) -> CheckReport:
            assert on_finding
            on_finding(FINDINGS[3])
            gate.wait(5)
            return super().check_host(target, answers=answers, folder=folder, facts=facts, on_finding=on_finding)

    app = WizardApp(Start(screen="checks"), Slow())
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "measuring…  1 so far")
        rows = app.screen.query_one("#rows", RowList)
        assert [row.key for row in rows.rows] == ["disk"]
        assert "r again" not in text(app)
        gate.set()
        await until_seen(pilot, "11 checked")
        assert rows.rows[0].key == "disk"


async def test_all_targets_are_there_and_none_is_a_dead_end(services: Recorded) -> None:
    app = begun(services)
    async with app.run_test(size=SIZES[-1]) as pilot:
        app.action_go("target")
        await until_seen(pilot, "kubeadm")
        await pilot.press("down")
        for size in reversed(SIZES):
            await pilot.resize_terminal(*size)
            for title in ("No containers", "Docker Compose", "kind", "A cluster you", "microk8s", "kubeadm"):
                await until_seen(pilot, title)
            if size[0] == 80:
                # The explanation folds away, and comes back by its key.
                await until(pilot, lambda: "first launch  ~" not in text(app))
                await pilot.press("i")
            await until_seen(pilot, "first launch  ~")
        await pilot.press("i", "enter")
        await until_seen(pilot, "options,")
        assert app.session.target is Target.COMPOSE


async def test_a_form_of_few_fields_corrects_at_the_field_and_shows_what_applies(services: Recorded) -> None:
    app = begun(services)
    async with app.run_test(size=(120, 40)) as pilot:
        app.action_go("options")
        await until_seen(pilot, "options, 0 changed by you")
        # A field that takes letters has no letters in the footer.
        await until_seen(pilot, "^q quit")
        footer = text(app).splitlines()[-1]
        assert "F1 help" in footer
        assert " q quit" not in footer
        # What is wrong is said at the field, and nothing wrong gets through.
        app.screen.query_one("#field-port", Input).value = "99999"
        await until_seen(pilot, "✖ Port: must be from")
        assert "F8 review" not in text(app)
        app.screen.query_one("#field-port", Input).value = "eighty"
        await until_seen(pilot, "is not a whole number")
        app.screen.query_one("#field-port", Input).value = "8085"
        await until_seen(pilot, "default 8080")
        assert app.session.given == {"port": 8085}
        app.screen.query_one("#field-port", Input).value = "8080"
        await until_seen(pilot, "0 changed by you")
        assert app.session.given == {}
        # A switch says its state in words and moves by keys.
        app.screen.query(Toggle).first().focus()
        await pilot.press("space")
        await until_seen(pilot, "● on   ○ off")
        assert app.session.given
        await pilot.press("f6")
        await until_seen(pilot, "0 changed by you")
        # Few fields are mounted, and expert ones only on demand.
        await until_seen(pilot, "▸ Expert")
        before = len(app.screen.query(".label"))
        assert before <= 30
        await pilot.press("f7")
        await until(pilot, lambda: len(app.screen.query(".label")) > before)
        await pilot.press("f7")
        await until(pilot, lambda: len(app.screen.query(".label")) == before)
        # An option that comes to apply appears.
        assert not app.screen.query("#field-database_url")
        app.screen.query_one("#field-database", ChoiceField).value = "external"
        await until(pilot, lambda: bool(app.screen.query("#field-database_url")))
        assert app.session.given == {"database": "external"}


async def test_a_new_stack_has_the_proposed_name_until_another_is_typed() -> None:
    app = begun(Recorded(name="airflow-kind"))
    async with app.run_test(size=(120, 40)) as pilot:
        app.action_go("options")
        await until_seen(pilot, "options, 0 changed by you")
        name = app.screen.query_one("#field-name", Input)
        assert name.value == "airflow-kind"
        assert "stacks/airflow-kind" in app.screen.query_one("#field-folder", Input).placeholder
        name.value = "mine"
        await until(pilot, lambda: app.session.profile_name == "mine")
        name.value = ""
        await until(pilot, lambda: app.session.profile_name == "")
        await pilot.press("f8")
        await until(pilot, lambda: app.session.profile_name == "airflow-kind")


async def test_review_shows_files_diffs_and_commands_writes_them_and_asks_before_launching(services: Recorded) -> None:
    app = begun(services)
    async with app.run_test(size=(120, 36)) as pilot:
        app.action_go("review")
        await until_seen(pilot, "9 steps")
        for preview in PREVIEWS:
            assert preview.path in text(app)
        await until_seen(pilot, "executor = LocalExecutor")
        rows = app.screen.query_one("#rows", RowList)
        rows.select("file:README.md")
        await pilot.press("d")
        await until_seen(pilot, "+# Airflow demo")
        rows.select("step:install")
        await until_seen(pilot, "$ uv pip install apache-airflow==3.3.2")
        # It writes without launching.
        await pilot.press("w")
        await until_seen(pilot, "2 written, 1 kept as you left them, 1 merged")
        # On a machine that is not fit it asks before launching.
        services.findings = FINDINGS
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "Port 8080: held by node" in text(app)
        await pilot.press("escape")
        await until_seen(pilot, "9 steps")
    assert not services.asked("launch")


@pytest.mark.parametrize("size", SIZES)
async def test_the_dashboard_shows_how_to_get_in_and_what_runs(services: Recorded, size: tuple[int, int]) -> None:
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=size) as pilot:
        await until_seen(pilot, "Airflow 3.3.2 is running.")
        await until_seen(pilot, "orphaned")
        seen = text(app)
        for words in ("http://localhost:8081", "admin  ••••••••", "301 MB", "2 s ago"):
            assert words in seen
        assert "correct-horse-battery" not in seen
        await pilot.press("v")
        await until_seen(pilot, "correct-horse-battery")
        await pilot.press("i")
        await until_seen(pilot, "Authorization: Bearer")
        assert "/home/ana/airflow-demo/dags" in text(app)
        await pilot.press("end")
        assert "airflow-wizard destroy demo" in text(app)


async def test_a_dead_unit_is_said_with_its_reason() -> None:
    services = Recorded(known_stacks=[record()], pictures=repeat(snapshot(state=StackState.DEGRADED, broken=True)))
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "but not all of it")
        await until_seen(pilot, "scheduler: killed by the kernel: out of memory")
        assert "exited 137" in text(app)


async def test_only_rows_that_differ_are_painted_again(services: Recorded) -> None:
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "301 MB")
        rows = app.screen.query_one("#units", RowList)
        painted: list[int] = []
        original = rows.refresh_line

        def noted(y: int) -> None:
            painted.append(y)
            original(y)

        rows.refresh_line = noted  # type: ignore[method-assign]
        same = list(rows.rows)
        rows.show(same)
        assert painted == []
        rows.show([*same[:3], same[4], same[4], *same[5:]])
        assert painted == [3]


async def test_logs_are_filtered_a_stop_asks_and_a_destroy_wants_the_name(services: Recorded) -> None:
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "orphaned")
        app.screen.query_one("#units", RowList).select("triggerer")
        await pilot.press("u")
        await until(pilot, lambda: "orphaned" not in text(app))
        assert "event loop was blocked" in text(app)
        await pilot.press("u", "l", "slash")
        await pilot.press(*"orphan", "enter")
        await until_seen(pilot, "with orphan")
        assert "event loop was blocked" not in text(app)
        await pilot.press("escape")
        await until_seen(pilot, "event loop was blocked")
        # A stop shows its command and asks.
        assert "a start" not in text(app)
        await pilot.press("s")
        await until_seen(pilot, "$ airflow-wizard stop demo")
        await pilot.press("escape")
        assert not services.asked("run_plan")
        await pilot.press("s")
        await until_seen(pilot, "$ airflow-wizard stop demo")
        await pilot.press("enter")
        await until_seen(pilot, "stop done in 0.4 s")
        assert services.asked("run_plan") == ["stop"]
        # A destroy lists what goes and asks for the name.
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, AskText))
        assert "612 MB" in text(app)
        await pilot.press(*"dem", "enter")
        await until_seen(pilot, "that is not demo")
        assert services.asked("run_plan") == ["stop"]
        await pilot.press("o", "enter")
        await until(pilot, lambda: services.asked("run_plan") == ["stop", "destroy"])
        await until_seen(pilot, "New Airflow")


async def test_a_stopped_stack_offers_to_start() -> None:
    services = Recorded(
        known_stacks=[record()], pictures=chain([snapshot(state=StackState.STOPPED)], repeat(snapshot()))
    )
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "is stopped; everything is kept")
        assert "a start" in text(app)
        assert "r restart" not in text(app)
        await until_seen(pilot, "r restart")


async def test_a_stack_that_is_not_there_is_said() -> None:
    app = WizardApp(Start(screen="dashboard", stack="gone"), Recorded())
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "There is no stack called 'gone'")


async def test_troubleshoot_is_one_key_away_and_tells_why_and_how(app: WizardApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "New Airflow")
        await pilot.press("t")
        await until_seen(pilot, "3 to look at")
        seen = text(app)
        assert "stack demo" in seen
        assert "Without it no task is ever run." in seen
        assert "acme_plugin" in seen
        await pilot.press("escape")
        await until_seen(pilot, "New Airflow")


async def test_troubleshoot_applies_a_fix_after_showing_it(services: Recorded) -> None:
    command = ("kubectl", "uncordon", "node-1")
    fix = Fix("Let node-1 take pods again", commands=(command,), id="uncordon", undo=(("kubectl", "cordon", "node-1"),))
    by_hand = Finding("x.y", Level.FAIL, "Something else", "broken", fixes=(Fix("Think"),))
    services.findings = [
        Finding("pending.cordoned.scheduler", Level.FAIL, "Scheduler", "no node", fixes=(fix,)),
        by_hand,
    ]
    app = begun(services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "New Airflow")
        await pilot.press("t")
        await until_seen(pilot, "2 to look at")
        assert "f fix" in text(app)
        await pilot.press("f")
        await until_seen(pilot, "Let node-1 take pods again?")
        assert "$ kubectl uncordon node-1" in text(app)
        assert "To take it back:" in text(app)
        await pilot.press("escape")
        await until_seen(pilot, "2 to look at")
        assert services.asked("run_plan") == []
        await pilot.press("f")
        await until_seen(pilot, "Let node-1 take pods again?")
        await pilot.press("enter")
        await until(pilot, lambda: services.asked("run_plan") == ["fix uncordon"])
        await until_seen(pilot, "seen to be gone")
        assert len(services.asked("doctor")) == 2
        await pilot.press("down")
        await until(pilot, lambda: "f fix" not in text(app))


async def test_profiles_are_used_saved_compared_and_deleted(services: Recorded) -> None:
    app = begun(services)
    app.session.given["port"] = 8099
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "New Airflow")
        await pilot.press("p")
        await until_seen(pilot, "shipped")
        assert "x delete" not in text(app)
        await pilot.press("end", "d")
        await until_seen(pilot, "8099 → 8090")
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, AskText))
        app.screen.query_one(Input).value = "mine"
        await pilot.press("enter")
        await until_seen(pilot, "saved as profiles/mine.yaml")
        await pilot.press("x")
        await until_seen(pilot, "Delete the profile my-team?")
        await pilot.press("enter")
        await until(pilot, lambda: services.asked("delete_profile") == ["my-team"])
        await pilot.press("u")
        await until_seen(pilot, "11 checked")
    assert app.session.profile_name == "my-team"
