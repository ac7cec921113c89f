"""Killed or interrupted anywhere, the same command continues: nothing doubled, nothing lost, nobody left behind."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.interrupting import launch_until
from tests.e2e.wizard import processes_in, stack_folder

if TYPE_CHECKING:
    from tests.e2e.wizard import Wizard

pytestmark = pytest.mark.e2e


# How long each step runs before the kill: long enough to be in the middle, short enough not to be over.
STEPS = {
    "files": 0.0,
    "register": 0.0,
    "port": 0.0,
    "venv": 0.02,
    "install": 1.0,
    "migrate": 1.0,
    "wal": 0.0,
    "smoke-file": 0.0,
    "start": 0.03,
    "identity": 1.0,
    "heartbeats": 0.0,
    "login": 0.0,
    "dags-folder": 0.0,
    "smoke-run": 1.0,
    "smoke-log": 0.0,
    "smoke-remove": 0.0,
}


def test_killed_in_every_step_it_still_converges(wizard: Wizard) -> None:
    planned = wizard.run("plan", "--profile", "standalone-quickstart", "--set", f"port={wizard.port}", "--json").json()
    assert [s["id"] for s in planned["steps"]] == list(STEPS), "a step was added: kill it here too"
    folder = stack_folder(wizard, "demo")
    secrets = ""
    for step, into in STEPS.items():
        code, events = launch_until(wizard, wizard.up("--name", "demo"), step, into=into, how=signal.SIGKILL)
        assert code in (-signal.SIGKILL, 0), events[-1:]
        env = folder / ".env"
        if env.exists():
            assert not secrets or env.read_text() == secrets, "secrets were made a second time"
            secrets = env.read_text()
    final = wizard.run(*wizard.up("--name", "demo"))
    assert final.events()[-1]["event"] == "proven", final.out + final.err
    supervisors = [p for p in processes_in(folder) if "supervisor" in p.cmdline()]
    assert len(supervisors) == 1
    assert len([p for p in processes_in(folder) if p.ppid() == supervisors[0].pid]) == 4
    assert not list((folder / "dags").glob("*.py"))
    assert [s["name"] for s in wizard.run("stacks", "--json").json()] == ["demo"]
    assert wizard.run("destroy", "demo", "--confirm", "demo").code == 0
    assert not folder.exists()


@pytest.mark.parametrize(("step", "into"), [("install", 0.5), ("identity", 2.0)])
def test_ctrl_c_leaves_no_process_behind(wizard: Wizard, step: str, into: float) -> None:
    code, _ = launch_until(wizard, wizard.up("--name", "demo"), step, into=into, how=signal.SIGINT)
    folder = stack_folder(wizard, "demo")
    assert code == 130
    assert processes_in(folder) == []
    assert not list((folder / "dags").glob("*.py"))


def test_a_killed_component_comes_back_and_is_counted(wizard: Wizard) -> None:
    assert wizard.run(*wizard.up("--name", "demo")).code == 0
    folder = stack_folder(wizard, "demo")
    triggerer = next(u for u in wizard.run("status", "demo", "--json").json()["units"] if u["id"] == "triggerer")
    victim = next(p for p in processes_in(folder) if p.pid == triggerer["pid"])
    victim.kill()
    victim.wait(10)
    assert wizard.run("restart", "demo", "--unit", "scheduler", "--yes").code == 0
    after = {u["id"]: u for u in wizard.run("status", "demo", "--json").json()["units"]}
    assert after["triggerer"]["restarts"] == 1
    assert after["triggerer"]["pid"] not in (None, triggerer["pid"])
    assert wizard.run("stop", "demo", "--yes").code == 0
    assert processes_in(folder) == []
