"""A launch in containers that is killed or interrupted anywhere continues: nothing doubled, nothing lost."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.interrupting import launch_until
from tests.e2e.wizard import stack_folder

if TYPE_CHECKING:
    from tests.e2e.compose.engine import ComposeWizard, Engine

pytestmark = pytest.mark.e2e

# How long each step runs before the kill: long enough to be in the middle, short enough not to be over.
STEPS = {
    "files": 0.0,
    "register": 0.0,
    "port": 0.0,
    "leftovers": 0.0,
    "pull": 0.0,
    "volume": 0.0,
    "smoke-file": 0.0,
    "init": 2.0,
    "start": 0.3,
    "identity": 1.0,
    "heartbeats": 0.0,
    "login": 0.0,
    "dags-folder": 0.0,
    "smoke-run": 1.0,
    "smoke-log": 0.0,
    "smoke-remove": 0.0,
}


def test_killed_in_every_step_it_still_converges(engine: Engine, wizard: ComposeWizard) -> None:
    words = wizard.up()
    asked = ("--profile", "laptop-lite", "--set", f"port={wizard.port}")
    planned = wizard.run("plan", *asked, "--json").json()
    assert [s["id"] for s in planned["steps"]] == list(STEPS), "a step was added: kill it here too"
    folder = stack_folder(wizard, wizard.name)
    secrets = ""
    for step, into in STEPS.items():
        code, events = launch_until(wizard, words, step, into=into, how=signal.SIGKILL)
        assert code in (-signal.SIGKILL, 0), events[-1:]
        env = folder / ".env"
        if env.exists():
            assert not secrets or env.read_text() == secrets, "secrets were made a second time"
            secrets = env.read_text()
    final = wizard.run(*words)
    assert final.events()[-1]["event"] == "proven", final.out + final.err
    services = planned_services(engine, wizard)
    assert sorted(services) == sorted(set(services)), "a service has two containers"
    assert len(services) == 6
    assert not list((folder / "dags").glob("*.py"))
    assert [s["name"] for s in wizard.run("stacks", "--json").json()] == [wizard.name]
    assert len(engine.names("volume", "ls", "--quiet", "--filter", f"name={wizard.name}")) == 1


def planned_services(engine: Engine, wizard: ComposeWizard) -> list[str]:
    """Services of the stack's containers, each as often as it has one."""
    label = "com.docker.compose"
    listed = ("ps", "-a", "--filter", f"label={label}.project={wizard.name}")
    return engine.names(*listed, "--format", f'{{{{.Label "{label}.service"}}}}')


@pytest.mark.parametrize(("step", "into"), [("init", 2.0), ("identity", 2.0)])
def test_ctrl_c_leaves_nothing_running(engine: Engine, wizard: ComposeWizard, step: str, into: float) -> None:
    code, _ = launch_until(wizard, wizard.up(), step, into=into, how=signal.SIGINT)
    assert code == 130
    assert engine.names("ps", "--quiet", "--filter", f"label=com.docker.compose.project={wizard.name}") == []
    assert not list((stack_folder(wizard, wizard.name) / "dags").glob("*.py"))
