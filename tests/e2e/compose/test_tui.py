"""From the first screen to a proven Airflow in containers by keystrokes alone, and what one can do with it then."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.answering import answer, every
from tests.e2e.terminal import Terminal
from tests.e2e.wizard import stack_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.compose.engine import ComposeWizard, Engine
    from tests.e2e.compose.registry import LocalRegistry

pytestmark = [pytest.mark.e2e, pytest.mark.pty, pytest.mark.timeout(900)]

ENTER, ESCAPE, DOWN, RIGHT, END, BACKSPACE, F8 = "\r", "\x1b", "\x1b[B", "\x1b[C", "\x1b[F", "\x7f", "\x1b[19~"
CTRL_C = "\x03"
PATIENCE = 500.0
PROJECT = "label=com.docker.compose.project"


def test_celery_from_the_first_screen_to_the_end_panel_used_and_taken_away(
    engine: Engine, wizard: ComposeWizard
) -> None:
    name = wizard.name
    with Terminal(variables=wizard.env) as terminal:
        answer(terminal, wizard.name, "laptop-celery")
        terminal.resize(80, 24)
        terminal.until("write and launch")
        terminal.press(ENTER)
        terminal.until("Launching")
        terminal.until(
            every(r"Create database and login", r"postgres +healthy", r"airflow-init +running"), patience=120
        )
        terminal.until(every(r"Web page answers", r"airflow-worker +(starting|healthy)"), patience=PATIENCE)
        terminal.resize(120, 40)
        panel = terminal.until("is running and has run a task", patience=PATIENCE)
        panel = terminal.until(every(r"airflow-worker +healthy", r"redis +healthy", r"http://127\.0\.0\.1:\d+"))
        assert re.search(r"proven: .*init .*first heartbeat .*login ", panel)

        login = wizard.run("credentials", name, "--json").json()
        assert login["password"] not in panel
        terminal.press("i")
        told = terminal.until("rest /api/v2/pools")
        assert "/airflow" in told
        _the_scripts_work(stack_folder(wizard, name), login["password"])
        terminal.press("q")
        terminal.until("i connect")

        _take_away(terminal, name)
        assert terminal.finish() == 0
    assert engine.names("container", "ls", "--all", "--quiet", "--filter", f"{PROJECT}={name}") == []
    assert engine.names("volume", "ls", "--quiet", "--filter", f"{PROJECT}={name}") == []
    assert wizard.run("stacks", "--json").json() == []


def test_lite_is_stopped_in_the_middle_and_continued_to_the_end_panel(wizard: ComposeWizard) -> None:
    with Terminal(variables=wizard.env) as terminal:
        answer(terminal, wizard.name, "laptop-lite")
        terminal.press(ENTER)
        terminal.until(every("Create database and login", r"airflow-init +running"), patience=120)
        terminal.press(CTRL_C)
        terminal.until("Stop here and continue later?")
        terminal.press(ENTER)
        assert terminal.finish(patience=60) == 0
    assert wizard.run("status", wizard.name, "--json").json()["state"] != "running"
    with Terminal(variables=wizard.env) as terminal:
        terminal.until(every(rf"❯ .*Continue .*at Launch of {wizard.name}"))
        terminal.press(ENTER)
        terminal.until("is running and has run a task", patience=PATIENCE)
        terminal.until(every("proven: .*init ", r"airflow-scheduler +healthy"))
        terminal.press("q")
        assert terminal.finish() == 0
    assert wizard.run("status", wizard.name, "--json").json()["state"] == "running"


def test_what_is_pulled_is_seen_by_its_bytes_and_rate(
    engine: Engine, registry: LocalRegistry, wizard: ComposeWizard, tmp_path: Path
) -> None:
    image = registry.stock(engine, tmp_path, "e2e/airflow:1", layers=3, mebibytes=64)
    saved = wizard.run("profiles", "save", "pulled", "--profile", "laptop-lite", "--set", f"image={image}")
    assert saved.code == 0, saved.err
    try:
        with Terminal(variables=wizard.env) as terminal:
            answer(terminal, wizard.name, "pulled")
            terminal.press(ENTER)
            short = r"…/airflow:1 +\d+ MB of 192 MB, (downloading|unpacking)"
            terminal.until(
                every(r"◐ +5  Bring the images", r"\d+ MB of 192 MB, \d+ MB/s", short, r"postgres:16 +is there")
            )
            # What was pulled is no Airflow; that is said by the step that needs one, and nothing of it stays behind.
            terminal.until(every(r"● +5  Bring the images", r"✖ +8  Create database", "not launched"), patience=120)
            terminal.press("q")
            assert terminal.finish(patience=60) == 0
    finally:
        engine.docker("image", "rm", image)


def _the_scripts_work(folder: Path, password: str) -> None:
    """`./airflow` needs nothing but Docker, from wherever it is called."""
    pools = _airflow(folder, "rest", "/api/v2/pools")
    assert json.loads(pools.stdout)["pools"][0]["name"] == "default_pool"
    made = _airflow(folder, "rest", "POST", "/api/v2/variables", "-", given='{"key": "a b", "value": "ä"}')
    assert json.loads(made.stdout)["key"] == "a b"
    assert _airflow(folder, "variables", "get", "a b").stdout.strip() == "ä"
    info = _airflow(folder, "info")
    assert re.search(r"executor\s+\| CeleryExecutor", info.stdout)
    assert password not in pools.stderr + made.stderr + info.stdout + info.stderr
    assert _airflow(folder, "python", "-c", "import sys; print(sys.argv[1:])", "a  b").stdout.strip() == "['a  b']"


def _airflow(folder: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    argv = [str(folder / "airflow"), *words]
    done = subprocess.run(argv, cwd="/", input=given, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def _take_away(terminal: Terminal, name: str) -> None:
    """First the containers, then the rest; the name has to be typed for what does not come back."""
    terminal.press("d")
    terminal.until("Take away what of")
    terminal.press(ENTER)
    terminal.until("Remove the containers of")
    terminal.press(ENTER)
    terminal.until("down done in", patience=120)
    terminal.press("D")
    terminal.until(every("images as well", "to remove it for good"), patience=60)
    terminal.press(*"no", ENTER)
    terminal.until(f"that is not {name}")
    terminal.press(ESCAPE)
    terminal.until(lambda text: "to remove it for good" not in text)
    terminal.press("D")
    terminal.until("to remove it for good", patience=60)
    terminal.press(*name)
    terminal.until(every(rf"│ +{name} +│"))
    terminal.press(ENTER)
    terminal.until("New Airflow", patience=120)
    terminal.press("q")
