"""kind by keystrokes: from nothing to a cluster of two nodes with a proven Airflow in it, used, and taken away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.answering import answer, every
from tests.e2e.compose.engine import docker
from tests.e2e.terminal import Terminal
from tests.e2e.wizard import stack_folder

if TYPE_CHECKING:
    from tests.e2e.kube.wizard import KindWizard

pytestmark = [pytest.mark.e2e, pytest.mark.pty, pytest.mark.timeout(1500)]

ENTER = "\r"
PATIENCE = 900.0


def test_from_nothing_to_the_end_panel_used_and_taken_away(kind_wizard: KindWizard) -> None:
    wizard, name = kind_wizard, kind_wizard.name
    saved = wizard.run("profiles", "save", "two-nodes", "--profile", "kind-dev", *wizard.settings(nodes="2"))
    assert saved.code == 0, saved.err
    volumes = _volumes()
    with Terminal(variables=wizard.env) as terminal:
        answer(terminal, name, "two-nodes", target="kind", file="kind.yaml")
        terminal.resize(80, 24)
        terminal.until("write and launch")
        terminal.press(ENTER)
        terminal.until(every("Launching", r"◐ +\d+  Make the cluster"), patience=60)
        terminal.until("Give the images to the nodes", patience=PATIENCE)
        terminal.until(every(r"Migrate the database", r"postgres +(ready|starting)"), patience=PATIENCE)
        terminal.until(every(r"Web page answers", r"scheduler +(starting|ready)"), patience=PATIENCE)
        terminal.picture("kind-launch-80x24")
        terminal.resize(120, 40)
        panel = terminal.until("is running and has run a task", patience=PATIENCE)
        terminal.until(every(r"scheduler +healthy", r"postgres +healthy", r"http://127\.0\.0\.1:\d+"), patience=60)
        terminal.picture("kind-120x40")
        login = wizard.run("credentials", name, "--json").json()
        assert login["password"] not in panel

        folder = stack_folder(wizard, name)
        assert len(wizard.nodes()) == 2
        assert wizard.kubectl(folder, "get", "nodes", "-o", "name").split() == [
            f"node/{n}" for n in sorted(wizard.nodes())
        ]
        pools = wizard.script(folder, "rest", "/api/v2/pools")
        assert '"default_pool"' in pools

        terminal.press("D")
        terminal.until("to remove it for good", patience=60)
        terminal.press(*name)
        terminal.until(every(rf"│ +{name} +│"))
        terminal.press(ENTER)
        terminal.until("New Airflow", patience=300)
        terminal.press("q")
        assert terminal.finish() == 0
    assert wizard.nodes() == []
    assert _volumes() <= volumes
    assert not re.search(name, (wizard.home / "kube-config-of-the-person").read_text(encoding="utf-8"))
    assert wizard.run("stacks", "--json").json() == []


def _volumes() -> set[str]:
    return set(docker("volume", "ls", "--quiet").out.split())
