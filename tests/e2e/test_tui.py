"""The whole way through the screens by keystrokes alone, with a real Airflow at the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import Terminal
from tests.e2e.wizard import processes_in, stack_folder

if TYPE_CHECKING:
    from tests.e2e.wizard import Wizard

pytestmark = [pytest.mark.e2e, pytest.mark.pty]

ENTER, ESCAPE = "\r", "\x1b"


def test_from_the_first_screen_to_a_running_airflow_and_away_again(wizard: Wizard) -> None:
    with Terminal(variables=wizard.env) as terminal:
        terminal.until("New Airflow")
        terminal.press(ENTER)
        terminal.until(lambda text: "Is this machine ready?" in text and re.search(r"\d+ checked", text) is not None)
        terminal.until(" next ")
        terminal.press("\x1b[C")
        terminal.until("Where should Airflow run?")
        terminal.until(lambda text: "No containers" in text and "fits" in text)
        terminal.press(ENTER)
        terminal.until("This stack")
        terminal.until("F8 review")
        terminal.press("\x1b[19~")
        terminal.until("This is what would be done")
        terminal.until("write and launch")
        terminal.resize(80, 24)
        terminal.until("write and launch")
        terminal.press(ENTER)
        terminal.until("Launching")
        terminal.resize(120, 40)
        terminal.until("is running and has run a task", patience=400.0)
        panel = terminal.until(lambda text: "scheduler" in text and "healthy" in text)
        assert "http://127.0.0.1:" in panel
        known = wizard.run("stacks", "--json").json()
        assert [s["target"] for s in known] == ["standalone"]
        name = known[0]["name"]
        login = wizard.run("credentials", name, "--json").json()
        assert login["password"] not in panel
        terminal.press("v")
        terminal.until(login["password"])
        terminal.press("v")
        terminal.until(lambda text: login["password"] not in text)
        assert wizard.run("status", name, "--json").json()["state"] == "running"
        terminal.press("q")
        assert terminal.finish() == 0
    # Leaving the wizard leaves Airflow running; it is stopped by name.
    folder = stack_folder(wizard, name)
    assert processes_in(folder)
    assert wizard.run("destroy", name, "--confirm", name).code == 0
    assert processes_in(folder) == []
    assert not folder.exists()
