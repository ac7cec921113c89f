"""A fault of a real stack is fixed by a person: on the command line, and by one key in Troubleshoot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.answering import ENTER
from tests.e2e.kube import faulty as f
from tests.e2e.kube.faults_fixtures import cluster, stack
from tests.e2e.kube.staged import stage
from tests.e2e.terminal import Terminal

if TYPE_CHECKING:
    from tests.e2e.wizard import Wizard

__all__ = ["cluster", "stack"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(f.needs()), reason=f"needs {f.needs()}"),
]


@pytest.fixture
def folder(stack: f.Broken, wizard: Wizard) -> Path:
    """Of a stack that the wizard knows, whose release and namespace are those that are broken."""
    made = wizard.home / "stacks" / stack.name
    stage(stack.name, made, wizard.env, kubeconfig=Path(stack.cluster.kubeconfig))
    return made


def test_a_secret_comes_back_from_the_stacks_own_files(stack: f.Broken, wizard: Wizard, folder: Path) -> None:
    stack.kubectl("apply", "--filename", str(folder / "postgres.yaml"))
    stack.named("config.secret_missing.postgres", f.state("CreateContainerConfigError"))
    told = wizard.run("doctor", stack.name, "--json")
    assert told.code == 1
    (finding,) = told.json()["findings"]
    assert finding["id"] == "config.secret_missing.postgres"
    assert f"airflow-wizard fix restore-postgres {stack.name}" in wizard.run("doctor", stack.name).out
    shown = wizard.run("fix", "restore-postgres", stack.name, "--dry-run")
    assert f"{folder}/secrets/postgres.yaml" in shown.out
    assert stack.kubectl("get", "secrets", "--output", "name").strip() == ""
    done = wizard.run("fix", "restore-postgres", stack.name, "--json", timeout=300)
    assert done.code == 0, done.err
    last = json.loads(done.out.splitlines()[-1])
    assert last["event"] == "done"
    assert list(last["ledger"]) == ["fix-1", "verify"]
    ready = "jsonpath={.items[0].status.containerStatuses[0].ready}"
    assert stack.kubectl("get", "pods", "--output", ready) == "true"
    password = (folder / "secrets" / "postgres.yaml").read_text(encoding="utf-8").split("password: ")[1].split()[0]
    journal = (folder / ".airflow-wizard" / "journal.jsonl").read_text(encoding="utf-8")
    assert password not in done.out + done.err + journal


def test_what_interrupts_wants_consent(stack: f.Broken, wizard: Wizard, folder: Path) -> None:
    assert folder.is_dir()
    one = f.container("scheduler", resources={"requests": {"cpu": "64"}})
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    stack.named("pending.cpu.scheduler", f.event("FailedScheduling"))
    refused = wizard.run("fix", "ask-less-scheduler", stack.name, "--json")
    assert refused.code == 2
    assert "--yes" in refused.err + refused.out
    assert wizard.run("fix", "nothing-like-it", stack.name).code == 2
    done = wizard.run("fix", "pending.cpu.scheduler", stack.name, "--yes", timeout=300)
    assert done.code == 0, done.err
    assert "is gone" in done.err


def test_one_key_in_troubleshoot(stack: f.Broken, wizard: Wizard, folder: Path) -> None:
    assert folder.is_dir()
    spec = f.pod_spec(f.container("triggerer"), nodeSelector={"faults.example/key": "pressed"})
    stack.cluster.apply(f.workload(stack, "triggerer", spec))
    stack.named("pending.selector.triggerer", f.event("FailedScheduling"))
    try:
        with Terminal(variables=wizard.env) as terminal:
            terminal.until("New Airflow")
            terminal.press("t")
            terminal.until("1 to look at", patience=60.0)
            while "does not answer" in terminal.text:  # a busy cluster; a person looks again
                terminal.press("r")
                terminal.until("gathering evidence")
                terminal.until("1 to look at", patience=60.0)
            terminal.until("f fix")
            terminal.picture("troubleshoot-kube")
            terminal.press("f")
            terminal.until("the label?")
            assert "labelnodes" in "".join(terminal.text.replace("│", "").split())
            terminal.picture("troubleshoot-kube-fix")
            terminal.press(ENTER)
            terminal.until("seen to be gone", patience=240.0)
            terminal.until("nothing is wrong that the wizard knows how to see")
            terminal.picture("troubleshoot-kube-fixed")
    finally:
        stack.cluster.kubectl("label", "nodes", stack.cluster.node, "faults.example/key-", fine=False)
