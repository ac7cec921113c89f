"""What people read: clean, aligned, coloured only where wanted, whole without colour."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.cli import narrate
from airflow_wizard.cli.end_panel import end_panel
from airflow_wizard.cli.render_findings import render, summary
from airflow_wizard.cli.render_status import render as render_status
from airflow_wizard.cli.style import Line, Meaning, coloured, paint, table, width
from airflow_wizard.cli.when import parse_since
from airflow_wizard.errors import InvalidError, StepFailedError, UsageError
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.run.registry import StackRecord
from airflow_wizard.status.kube_assemble import assemble_release
from airflow_wizard.status.snapshot import AirflowHealth, ComponentHealth, Health, Snapshot, StackState, Unit, UnitState
from airflow_wizard.workflows.access import Credentials
from tests.status.kube_values import replayed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(lines: list[Line]) -> str:
    return "\n".join(paint(line, colour=False) for line in lines)


@pytest.mark.parametrize(
    ("variables", "terminal", "expected"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "xterm", "FORCE_COLOR": "1"}, False, True),
        ({"TERM": "xterm", "FORCE_COLOR": "0"}, False, False),
        ({"TERM": "xterm", "FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colours_only_where_wanted(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], terminal: bool, expected: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert coloured(Terminal() if terminal else io.StringIO()) is expected


@given(st.text(), st.sampled_from(Meaning))
def test_nothing_foreign_reaches_the_terminal(text: str, meaning: Meaning) -> None:
    painted = paint((text, (text, meaning)), colour=True)
    inner = painted.replace(f"\x1b[{meaning.value}m", "").replace("\x1b[0m", "")
    assert "\x1b" not in inner
    assert "\x9b" not in inner
    assert "\x1b" not in paint((text, (text, meaning)), colour=False)


@given(st.lists(st.lists(st.text(alphabet="ab漢é\n\x1b[", max_size=8), min_size=2, max_size=2), min_size=1, max_size=5))
def test_columns_align_whatever_is_in_them(rows: list[list[str]]) -> None:
    lines = [paint(line, colour=False) for line in table([[a, "|" + b] for a, b in rows])]
    places = {width(line[: line.index("|")]) for line in lines}
    assert len(places) == 1
    assert not any("\n" in line for line in lines)


FAIL = Finding(
    "port.taken",
    Level.FAIL,
    "Port 8080",
    "held by node\x1b[31m (pid 4121)",
    needed="a free port",
    why="Airflow's web page listens there.",
    evidence=("psutil\x07",),
    fixes=(
        Fix("Use port 8081", answers=(("port", 8081),)),
        Fix("End node", Risk.DISRUPTIVE, commands=(("kill", "4121"),)),
    ),
)
OK = Finding("cpu", Level.OK, "CPU", "4 cores", why="never shown")
UNKNOWN = Finding("clock", Level.UNKNOWN, "Clock", "could not be compared")


def test_a_finding_says_found_needed_why_and_the_exact_fix() -> None:
    text = shown(render([OK, UNKNOWN, FAIL]))
    first = text.splitlines()[0]
    assert first.startswith("✖")
    assert "must be solved" in first
    for part in (
        "held by node (pid 4121)",
        "a free port",
        "listens there",
        "--set port=8081",
        "$ kill 4121",
        "disruptive",
    ):
        assert part in text
    assert "never shown" not in text
    assert "(unknown)" in text
    assert "\x1b" not in text


def test_the_summary_counts() -> None:
    assert shown([summary([OK, UNKNOWN, FAIL])]) == "3 checked, 1 must be solved, 1 could not be measured"
    assert shown([summary([OK])]) == "1 checked, nothing failing"


def test_status_shows_one_row_for_each_component() -> None:
    seen = Snapshot(
        stack="demo",
        target="standalone",
        state=StackState.DEGRADED,
        units=(
            Unit("scheduler", "scheduler", UnitState.RUNNING, Health.HEALTHY, 0, 940.0, 2.0, 1, 3, 0.031, 301 * 2**20),
            Unit(
                "worker",
                "worker",
                UnitState.EXITED,
                Health.NONE,
                3,
                991.0,
                exit_code=137,
                reason="killed \x1b[31mfor memory",
            ),
        ),
        airflow=AirflowHealth(metadatabase=ComponentHealth("healthy")),
        url="http://127.0.0.1:8080",
        taken=1000.0,
        events=((990.0, "worker", "exit 137"),),
        error="one unit could not be read",
    )
    text = shown(render_status(seen, now=1000.0))
    head, names, scheduler, worker, *rest = text.splitlines()
    assert "degraded" in head
    assert "http://127.0.0.1:8080" in head
    for word in ("component", "state", "health", "heartbeat", "restarts", "cpu", "memory", "since"):
        assert word in names
    for word in ("●", "running", "healthy", "2 s ago", "3.1%", "301 MB", "1 m"):
        assert word in scheduler
    for word in ("✖", "exited 137", "3", "9 s", "killed for memory"):
        assert word in worker
    assert any("part of the picture is missing" in line for line in rest)


@pytest.mark.parametrize("show", [True, False])
def test_the_end_panel_shows_the_password_to_people_only(show: bool) -> None:
    stack = StackRecord(
        "my demo", "standalone", "/srv/my demo", "http://127.0.0.1:8080", "3.3.2", "2026-01-31T09:00:00+00:00"
    )
    login = Credentials("http://127.0.0.1:8080", "admin", "correct-horse")
    text = shown(
        end_panel(
            stack,
            login,
            places=[("DAGs", "/srv/my demo/dags")],
            rest="curl …",
            elapsed=20.4,
            took="init 4 s",
            show_password=show,
        )
    )
    assert ("correct-horse" in text) is show
    assert ("airflow-wizard credentials 'my demo'" in text) is not show
    for part in (
        "3.3.2",
        "http://127.0.0.1:8080",
        "admin",
        "/srv/my demo/dags",
        "curl …",
        "destroy 'my demo'",
        "stop 'my demo'",
    ):
        assert part in text


def test_an_error_is_three_sentences_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    narrate.error(InvalidError("port: 'x' is not a number", file="a.yaml", line=3, key="port", next="write 8080"))
    narrate.error(
        StepFailedError("it ended", step="install", evidence=("line 1\x1b[2J",), why="no network", next="again")
    )
    text = capsys.readouterr().err
    for part in ("a.yaml:3: port", "Next: write 8080", "line 1", "Why:  no network"):
        assert part in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 9_910.0), ("10m", 9_400.0), ("2h", 2_800.0), ("1970-01-01T00:00:05+00:00", 5.0)]
)
def test_since(text: str, expected: float) -> None:
    assert parse_since(text, now=10_000.0) == expected


@given(st.text(max_size=20))
def test_since_is_a_time_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(parse_since(text, now=0.0), float)


def test_what_is_wrong_in_a_cluster_beside_its_pods_is_said() -> None:
    seen = assemble_release(replayed("faults", 1_795_626_340.0))
    lines = shown(render_status(seen, now=seen.taken)).splitlines()
    assert '▲ claim demo-logs Pending: storageclass.storage.k8s.io "nfs" not found' in lines
    assert any(line.startswith("▲ job demo-create-user failed: BackoffLimitExceeded") for line in lines)
    assert not any("data-demo-postgres-0" in line or "demo-init" in line for line in lines)
