"""Measuring and judging: findings stream, recorded facts measure nothing, this machine is seen in time."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.checks.registry import checks_for, judge
from airflow_wizard.errors import InvalidError
from airflow_wizard.finding import Level
from airflow_wizard.host.facts import Fact
from airflow_wizard.options.model import Target
from airflow_wizard.workflows.checking import check_host, load_facts, record_facts, with_cluster
from tests.checks.facts import FOLDER, MACHINES, machine

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.finding import Answer, Finding
    from airflow_wizard.host.facts import Json


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """What asks the network is sent to a port of this machine where nobody listens."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "localhost,127.0.0.1")


@pytest.mark.parametrize("name", MACHINES)
def test_recorded_facts_are_judged_as_they_are(name: str) -> None:
    seen: list[Finding] = []
    report = check_host(Target.STANDALONE, facts=machine(name), on_finding=seen.append)
    assert report.facts is machine(name)
    assert list(report.findings) == judge(machine(name), Target.STANDALONE) == seen


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("target", [None, Target.STANDALONE, Target.COMPOSE])
def test_this_machine_is_seen_in_time_and_every_check_is_told_once(target: Target | None, tmp_path: Path) -> None:
    seen: list[str] = []
    started = time.monotonic()
    report = check_host(target, folder=tmp_path / "stack", on_finding=lambda f: seen.append(f.id))
    elapsed = time.monotonic() - started
    assert sorted(seen) == sorted(c.id for c in checks_for(target))
    assert [f.id for f in report.findings] == [c.id for c in checks_for(target)]
    # DESIGN: 1.3 times the slowest probe; the second on top is for a machine that runs other tests meanwhile.
    slowest = max(fact.seconds for fact in report.facts.facts.values())
    assert elapsed <= 1.3 * slowest + 1.0
    levels = {f.id: f.level for f in report.findings}
    assert levels["folder.writable"] is Level.OK
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("nowhere")
def test_answers_decide_what_is_looked_at(tmp_path: Path) -> None:
    listener = (
        "import socket,sys; s=socket.create_server(('127.0.0.1',0)); print(s.getsockname()[1],flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", listener], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        port = int(holder.stdout.readline())
        report = check_host(Target.STANDALONE, answers={"port": port}, folder=tmp_path / "stack")
        finding = next(f for f in report.findings if f.id == "port.free")
        assert finding.level is Level.FAIL
        assert f"pid {holder.pid}" in finding.found
        change = next(dict(fix.answers) for fix in finding.fixes if fix.id == "port.next-free")
        assert holder.stdin is not None
        again = check_host(Target.STANDALONE, answers=change, folder=tmp_path / "stack")
        assert next(f for f in again.findings if f.id == "port.free").level is Level.OK
        holder.stdin.write("\n")
        holder.stdin.close()


def test_a_chart_is_looked_at_when_it_is_chosen_and_the_machine_is_not_measured_again(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    for target, answers in ((Target.KIND, {}), (Target.CONTEXT, {"context": "dev", "namespace": "airflow"})):
        gone: dict[str, Answer] = {**answers, "airflow_version": "3.3.2", "chart_source": "/nowhere/airflow"}
        before = machine("cluster-dev")
        if target is Target.CONTEXT:  # so that it is the very cluster that has answered
            left: dict[str, Json] = {"name": "airflow", "release_name": "stack"}
            before = before.with_fact("cluster_leftovers", Fact(left, "helm list"))
        after = with_cluster(before, target, answers=gone, folder=folder, stack="stack")
        assert after.text("chart", "problem") == "it is not there"
        assert {n for n, fact in after.facts.items() if before.facts[n] is not fact} == {"chart"}
        findings = check_host(target, answers=gone, folder=folder, facts=after).findings
        assert {f.id: f.level for f in findings}["helm.chart"] is Level.FAIL


@pytest.mark.usefixtures("nowhere")
def test_stopping_ends_the_measuring_and_leaves_unknown(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    report = check_host(Target.STANDALONE, folder=tmp_path, cancel=cancel)
    assert {f.level for f in report.findings} == {Level.UNKNOWN}
    assert all("stopped" in f.found for f in report.findings)


def test_the_stacks_folder_is_looked_at_when_none_is_named(isolated: Path, nowhere: None) -> None:
    del nowhere
    report = check_host(Target.STANDALONE)
    assert report.facts.text("folder", "path") == str(isolated / "wizard" / "stacks")


def test_facts_are_recorded_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    record_facts(path, machine("small-vm"))
    assert load_facts(path) == machine("small-vm")
    assert json.loads(path.read_text())["schema"] == 1
    with pytest.raises(InvalidError):
        load_facts(tmp_path / "none.json")


def test_the_recorded_machines_hold_every_subject_there_is() -> None:
    from airflow_wizard.host.probes import all_subjects

    for path in FOLDER.glob("*.json"):
        assert set(load_facts(path).facts) == all_subjects(), path.name
