"""What the checks say about recorded machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.checks.registry import all_checks, checks_for, judge
from airflow_wizard.finding import Finding, Level
from airflow_wizard.options.model import ALL_TARGETS, Target
from airflow_wizard.options.registry import find
from airflow_wizard.text import plain
from tests.checks.facts import MACHINES, altered, machine

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json

S, C, K, A = Target.STANDALONE, Target.COMPOSE, Target.KIND, Target.KUBEADM
OK, INFO, WARN, FAIL, UNKNOWN = Level.OK, Level.INFO, Level.WARN, Level.FAIL, Level.UNKNOWN

# (machine, target, check, level, words of what was found)
TABLE = [
    ("roomy-linux", S, "memory.enough", OK, "11.0 GB available of 16.0 GB"),
    ("roomy-linux", S, "python.version", OK, "3.12.3"),
    ("roomy-linux", C, "docker.engine", OK, "28.2.2, API 1.50, overlay2"),
    ("roomy-linux", C, "compose.version", OK, "2.40.3"),
    ("debian-client-only", S, "constraints.reachable", WARN, "Name or service not known"),
    ("debian-client-only", S, "python.version", OK, "3.13.0"),
    ("debian-client-only", C, "docker.engine", FAIL, "nothing answers at unix:///var/run/docker.sock"),
    ("debian-client-only", C, "compose.version", FAIL, "not installed"),
    ("macos-docker-desktop", S, "port.free", FAIL, "8080 is held by node server.js (pid 4121, user ana)"),
    ("macos-docker-desktop", S, "python.version", OK, "3.13.7"),
    ("macos-docker-desktop", C, "engine.memory", WARN, "3.6 GB"),
    ("macos-docker-desktop", C, "compose.version", OK, "2.40.3-desktop.1"),
    ("macos-docker-desktop", C, "engine.disk", UNKNOWN, "not on this machine"),
    ("macos-docker-desktop", C, "engine.nofile", UNKNOWN, "virtual machine"),
    ("wsl2-ubuntu", S, "system.supported", OK, "WSL 2"),
    ("wsl2-ubuntu", S, "folder.writable", WARN, "(9p)"),
    ("wsl2-ubuntu", S, "clock.skew", WARN, "347 s behind"),
    ("wsl2-ubuntu", C, "engine.memory", FAIL, "1.9 GB"),
    ("windows-native", S, "system.supported", FAIL, "Windows without WSL"),
    ("windows-native", S, "locale.utf8", WARN, "cp1252"),
    ("fedora-selinux", S, "python.version", WARN, "3.9.21"),
    ("fedora-selinux", C, "engine.nofile", WARN, "1073741816"),
    ("fedora-selinux", C, "selinux.mode", INFO, "enforcing"),
    ("fedora-selinux", C, "docker.context", WARN, "context rootless"),
    ("fedora-selinux", C, "compose.version", OK, "5.5.0"),
    ("debian-compose-v1", C, "docker.engine", FAIL, "permission denied"),
    ("debian-compose-v1", C, "compose.version", FAIL, "1.29.2"),
    ("debian-compose-v1", S, "proxy.set", WARN, "proxy.corp.example:3128"),
    ("small-vm", S, "cpu.enough", WARN, "1 core"),
    ("small-vm", S, "memory.enough", FAIL, "of 1006 MB"),
    ("small-vm", S, "disk.free", FAIL, "1.1 GB free"),
    ("small-vm", A, "cpu.enough", FAIL, "1 core"),
    ("small-vm", A, "memory.enough", FAIL, "1006 MB"),
    ("small-vm", C, "compose.version", FAIL, "2.12.2"),
    ("small-vm", C, "engine.memory", FAIL, "1006 MB"),
    ("small-vm", C, "engine.cpu", WARN, "1 core"),
    ("small-vm", C, "engine.cgroup", INFO, "v1"),
    ("small-vm", K, "engine.cgroup", WARN, "v1"),
    ("small-vm", C, "engine.disk", FAIL, "1.1 GB free on /var/lib/docker"),
    ("small-vm", C, "engine.snap", INFO, "snap"),
    ("no-network", S, "pypi.reachable", FAIL, "Temporary failure in name resolution"),
    ("no-network", S, "clock.skew", UNKNOWN, "nothing answered"),
    ("no-network", S, "python.version", FAIL, "3.9.19"),
    ("kubeadm-box", S, "port.free", FAIL, "another program (user root)"),
    ("kubeadm-box", A, "tool.helm", FAIL, "3.18.6"),
    ("kubeadm-box", A, "tool.kubeadm", OK, "1.34.2"),
    ("kubeadm-box", C, "engine.nofile", UNKNOWN, "could not be asked"),
    ("kubeadm-box", Target.CONTEXT, "kube.context", INFO, "current is kubernetes-admin@home"),
    ("daemon-stopped", S, "folder.writable", FAIL, "Read-only file system"),
    ("daemon-stopped", S, "python.version", UNKNOWN, "no answer within 5 s"),
    ("daemon-stopped", S, "cpu.enough", FAIL, "0.5 cores"),
    ("daemon-stopped", S, "memory.enough", FAIL, "control group"),
    ("daemon-stopped", C, "docker.engine", FAIL, "nothing answers"),
    ("daemon-stopped", C, "engine.memory", UNKNOWN, "could not be asked"),
]


@pytest.mark.parametrize(("name", "target", "check", "level", "words"), TABLE)
def test_a_recorded_machine_is_judged(name: str, target: Target, check: str, level: Level, words: str) -> None:
    found = {f.id: f for f in judge(machine(name), target)}[check]
    assert (found.level, words in found.found) == (level, True), found


def test_a_machine_with_everything_passes_every_check_of_its_targets() -> None:
    for target in (S, C):
        assert {f.id: f.level for f in judge(machine("roomy-linux"), target) if f.level is not OK} == {}


def every(name: str) -> list[Finding]:
    """What is found on a machine, while the target is open and for each of them."""
    return [finding for target in (None, *Target) for finding in judge(machine(name), target)]


@pytest.mark.parametrize("name", MACHINES)
def test_what_must_be_solved_says_what_is_needed_why_and_how(name: str) -> None:
    for finding in every(name):
        assert finding.title, finding
        assert finding.found, finding
        assert finding.why, finding
        if finding.level in (FAIL, WARN):
            assert finding.needed, finding
            assert any(fix.commands or fix.answers for fix in finding.fixes), finding
            assert finding.evidence, finding


@pytest.mark.parametrize("name", MACHINES)
def test_every_command_can_be_pasted_as_it_is_shown(name: str) -> None:
    for command in _commands(every(name)):
        # Faces quote every word, and a quoted word is not expanded by a shell.
        assert all(word and not word.startswith("~") and "$" not in word and "%" not in word for word in command)


@pytest.mark.parametrize("name", MACHINES)
def test_an_answer_that_a_fix_gives_is_one_that_can_be_given(name: str) -> None:
    for finding in every(name):
        for fix in finding.fixes:
            assert bool(fix.id) == bool(fix.answers), fix
            for option, _ in fix.answers:
                assert find(option) is not None, fix


def _commands(findings: list[Finding]) -> list[tuple[str, ...]]:
    return [command for finding in findings for fix in finding.fixes for command in fix.commands]


def test_ids_are_unique_and_every_target_has_checks() -> None:
    ids = [check.id for check in all_checks()]
    assert len(ids) == len(set(ids))
    for target in ALL_TARGETS:
        assert {"system.supported", "folder.writable"} <= {c.id for c in checks_for(target)}


def test_while_the_target_is_open_only_what_stops_every_target_fails() -> None:
    findings = {f.id: f for f in judge(machine("windows-native"))}
    assert findings["system.supported"].level is FAIL
    assert findings["docker.engine"].level is INFO
    small = {f.id: f for f in judge(machine("small-vm"))}
    assert small["memory.enough"].level is WARN
    assert "standalone" in small["memory.enough"].why
    assert small["disk.free"].level is FAIL


def test_no_control_character_of_a_foreign_program_reaches_a_screen() -> None:
    seen: dict[str, Json] = {
        "free": False,
        "address": "127.0.0.1",
        "reason": "in use",
        "pid": 7,
        "command": "\x1b[31mevil\x07\n",
    }
    seen["user"] = "\u202eroot"
    facts = altered("roomy-linux", "ports", **{"8080": seen})
    finding = next(f for f in judge(facts, S) if f.id == "port.free")
    shown = [finding.found, *(fix.title for fix in finding.fixes)]
    assert all(text == plain(text) and "\n" not in text for text in shown)
