"""The plain twin in a real pseudo-terminal: to Review and back, left and resumed, never a hang."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import ExitCode
from airflow_wizard.paths import state_dir
from airflow_wizard.workflows.flow import load_flow
from tests.cli.given import facts_file
from tests.cli.pseudo_terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty

NUMBERED = {"ACCESSIBLE": "1"}
KEEP = ("Keep these for Airflow?", "Keep these for Access?", "Keep these for Your code?", "Keep these for Database?")


def to_options(terminal: Terminal) -> str:
    """From the first question to the options; returns what was shown."""
    came = terminal.answer("Number [1]:", "\n")
    came += terminal.answer("Number [1]:", "\n")
    return came + terminal.answer("Number [1]:", "\n")


def to_review(terminal: Terminal) -> str:
    """From the options to Review, with every default kept."""
    came = "".join(terminal.answer(question, "\n") for question in KEEP)
    came += terminal.answer("Keep these for Resources?", "\n")
    came += terminal.answer("expert options", "\n")
    return came + terminal.until("Leave; the answers are kept")


@pytest.mark.parametrize("variables", [NUMBERED, {"TERM": "dumb"}], ids=["ACCESSIBLE", "dumb"])
def test_the_whole_way_to_review_by_numbers(tmp_path: Path, variables: dict[str, str]) -> None:
    with Terminal("--facts", facts_file(tmp_path), variables={"NO_COLOR": "1", **variables}) as terminal:
        came = to_options(terminal) + to_review(terminal)
        for part in (
            "Checks",
            "Where should Airflow run?",
            "No containers",
            "airflow.cfg",
            "$ ./stack start",
            " steps",
        ):
            assert part in came, part
        assert "\x1b" not in came, "append-only text moves nothing"
        terminal.answer("Number [1]:", "7\n")
        code, _ = terminal.finish()
        assert code == ExitCode.OK
    assert not (state_dir().parent / "stacks").exists()


def test_a_changed_answer_reaches_the_review_and_a_resumed_flow(tmp_path: Path) -> None:
    facts = facts_file(tmp_path)
    with Terminal("--plain", "--facts", facts, variables=NUMBERED) as terminal:
        to_options(terminal)
        terminal.answer(KEEP[0], "\n")
        terminal.answer(KEEP[1], "n\n")
        terminal.answer("Port [8080]:", "80800\n")
        assert "must be from 1 to 65535" in terminal.answer("Port [8080]:", "8099\n")
        terminal.answer("Reachable from [127.0.0.1]:", "\n")
        terminal.until(KEEP[2])
        terminal.type("\x03")
        code, came = terminal.finish()
        assert code == ExitCode.INTERRUPTED
        assert "kept" in came
    state = load_flow()
    assert state is not None
    assert state.given == {"port": 8099}
    with Terminal("--plain", "--facts", facts, variables=NUMBERED) as terminal:
        assert "Go on where you left" in terminal.answer("Number [1]:", "1\n")
        terminal.answer("Number [1]:", "\n")
        assert "8099" in to_review(terminal)
        terminal.type("\x04")
        code, came = terminal.finish()
        assert code == ExitCode.USAGE, "the input ended: said, not guessed"
        assert "Traceback" not in came


def test_the_files_can_be_written_without_launching(tmp_path: Path) -> None:
    out = tmp_path / "my stack"
    with Terminal("--plain", "--facts", facts_file(tmp_path), "--dir", str(out), variables=NUMBERED) as terminal:
        to_options(terminal)
        to_review(terminal)
        terminal.answer("Number [1]:", "2\n")
        assert "nothing was started" in terminal.answer("Leave; the answers are kept", "7\n")
        assert terminal.finish()[0] == ExitCode.OK
    assert (out / "airflow.cfg").is_file()


def test_a_cluster_is_asked_for_as_any_other_target(tmp_path: Path) -> None:
    with Terminal("--plain", "--facts", facts_file(tmp_path), variables=NUMBERED) as terminal:
        terminal.answer("Number [1]:", "\n")
        terminal.answer("Number [1]:", "\n")
        terminal.answer("Number [1]:", "kind\n")
        assert "A throw-away Kubernetes cluster" in terminal.until(KEEP[0])


def test_docker_compose_to_review_by_numbers(tmp_path: Path) -> None:
    with Terminal("--plain", "--facts", facts_file(tmp_path), variables={"NO_COLOR": "1", **NUMBERED}) as terminal:
        terminal.answer("Number [1]:", "\n")
        terminal.answer("Number [1]:", "\n")
        came = terminal.answer("Number [1]:", "compose\n")
        assert "Docker Compose" in came
        came = "".join(terminal.answer(question, "\n") for question in KEEP)
        assert "apache/airflow:3.3.2" in came
        terminal.answer("Keep these for Resources?", "\n")
        terminal.answer("expert options", "\n")
        review = terminal.until("Leave; the answers are kept")
        for part in ("docker-compose.yaml", ".env", "$ docker compose up --detach airflow-init", "Run the smoke DAG"):
            assert part in review, part
        # Nothing was measured of an engine: what is not known is no promise.
        assert "later version" not in review
        terminal.answer("Number [", "7\n")
        assert terminal.finish()[0] == ExitCode.OK


def test_menus_on_a_terminal_that_can(tmp_path: Path) -> None:
    with Terminal("--plain", "--facts", facts_file(tmp_path), variables={}) as terminal:
        terminal.answer("What would you like to do?", "\r")
        terminal.answer("And now?", "\r")
        terminal.answer("Where should Airflow run?", "\r")
        terminal.answer("Keep these for Airflow?", "\r")
        terminal.until("Keep these for Access?")
        terminal.type("\x03")
        code, _ = terminal.finish()
        assert code == ExitCode.INTERRUPTED
    assert load_flow() is not None


def test_a_damaged_flow_is_said_and_not_in_the_way(tmp_path: Path) -> None:
    state_dir().mkdir(parents=True)
    (state_dir() / "flow.json").write_text("{")
    with Terminal("--plain", "--facts", facts_file(tmp_path), variables=NUMBERED) as terminal:
        assert "cannot be used and is ignored" in terminal.answer("Number [1]:", "2\n")
        assert terminal.finish()[0] == ExitCode.OK


def test_a_profile_is_asked_for_where_somebody_is_there(tmp_path: Path) -> None:
    with Terminal("plan", "--facts", facts_file(tmp_path), variables=NUMBERED) as terminal:
        came = terminal.until("Number [")
        assert "standalone-quickstart" in came
        terminal.type("standalone-quickstart\n")
        code, came = terminal.finish()
        assert code == ExitCode.OK
        assert "airflow.cfg" in came


def test_sigterm_ends_it_like_ctrl_c(tmp_path: Path) -> None:
    with Terminal("--plain", "--facts", facts_file(tmp_path), variables=NUMBERED) as terminal:
        terminal.until("Number [1]:")
        terminal._process.kill(signal.SIGTERM)
        code, came = terminal.finish()
        assert code == ExitCode.INTERRUPTED
        assert "Traceback" not in came


def test_json_is_never_mixed_with_questions(tmp_path: Path) -> None:
    with Terminal("up", "--json", "--facts", facts_file(tmp_path), variables={}) as terminal:
        code, came = terminal.finish()
        assert code == ExitCode.USAGE
        assert "--profile" in came
        assert json.loads(next(line for line in came.splitlines() if line.startswith("{")))["event"] == "failed"
