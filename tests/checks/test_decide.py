"""Rules that hold for every check, and thresholds at their edges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_wizard.checks.model import decide
from airflow_wizard.checks.registry import all_checks, judge
from airflow_wizard.finding import Level
from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.options.model import Target
from tests.checks.facts import altered, machine, without

if TYPE_CHECKING:
    from airflow_wizard.checks.model import Check
    from airflow_wizard.finding import Answer, Finding
    from airflow_wizard.host.facts import Json

CHECKS = all_checks()
GIB = 1024**3
MIB = 1024**2

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def of(facts: HostFacts, check: str, target: Target | None, **answers: Answer) -> Finding:
    return next(f for f in judge(facts, target, answers) if f.id == check)


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_what_was_not_measured_is_unknown(check: Check) -> None:
    for target in check.targets:
        assert decide(check, HostFacts(), {}, target).level is Level.UNKNOWN


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_a_probe_that_failed_is_unknown_and_says_why(check: Check) -> None:
    for subject in check.subjects:
        for target in check.targets:
            finding = decide(check, without("roomy-linux", subject, "it hung"), {}, target)
            assert finding.level is Level.UNKNOWN
            assert "it hung" in finding.found


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_recorded_fact_of_any_shape_is_judged_without_a_crash(data: st.DataObject) -> None:
    known = machine("macos-docker-desktop")
    facts: dict[str, Fact] = dict(known.facts)
    for subject, fact in known.facts.items():
        value = data.draw(json_values)
        if isinstance(fact.value, dict) and data.draw(st.booleans()):
            changed: dict[str, Json] = dict(fact.value)
            changed[data.draw(st.sampled_from(sorted(fact.value)))] = value
            value = changed
        facts[subject] = Fact(value, fact.source)
    for target in (None, *Target):
        judge(HostFacts(facts), target)


@pytest.mark.parametrize(
    ("total", "available", "swap", "limit", "level"),
    [
        (16 * GIB, 3 * GIB, 0, None, Level.OK),
        (16 * GIB, int(1.9 * GIB), 0, None, Level.WARN),
        (1 * GIB, 700 * MIB, 0, None, Level.FAIL),
        (1 * GIB, 700 * MIB, 2 * GIB, None, Level.WARN),
        (16 * GIB, 12 * GIB, 2 * GIB, 1 * GIB, Level.FAIL),
    ],
)
def test_memory_counts_swap_and_the_limit_of_the_control_group(
    total: int, available: int, swap: int, limit: int | None, level: Level
) -> None:
    facts = altered("roomy-linux", "memory", total=total, available=available, swap=swap, limit=limit)
    assert of(facts, "memory.enough", Target.STANDALONE).level is level


@pytest.mark.parametrize(
    ("memory", "compose", "kind"),
    [
        (1900 * MIB, Level.FAIL, Level.FAIL),
        (2 * GIB, Level.WARN, Level.WARN),
        (3999 * MIB, Level.WARN, Level.WARN),
        (4000 * MIB, Level.OK, Level.WARN),
        (6 * GIB, Level.OK, Level.OK),
    ],
)
def test_memory_of_the_engine(memory: int, compose: Level, kind: Level) -> None:
    facts = altered("macos-docker-desktop", "docker", memory=memory)
    assert of(facts, "engine.memory", Target.COMPOSE).level is compose
    assert of(facts, "engine.memory", Target.KIND).level is kind


@pytest.mark.parametrize(
    ("provider", "command"),
    [
        ("colima", ("colima", "start", "--memory", "8")),
        ("orbstack", ("orb", "config", "set", "memory_mib", "8192")),
        ("rancher", ("rdctl", "set", "--virtual-machine.memory-in-gb", "8")),
    ],
)
def test_more_memory_is_given_the_way_the_provider_takes_it(provider: str, command: tuple[str, ...]) -> None:
    facts = altered("macos-docker-desktop", "docker", provider=provider)
    assert command in of(facts, "engine.memory", Target.COMPOSE).fixes[0].commands


def test_docker_desktop_under_wsl_gets_its_memory_in_windows() -> None:
    assert ".wslconfig" in of(machine("wsl2-ubuntu"), "engine.memory", Target.COMPOSE).fixes[0].title


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ("1.29.2", Level.FAIL),
        ("2.13.9", Level.FAIL),
        ("2.14.0", Level.OK),
        ("2.26.1-4", Level.OK),
        ("5.0.0", Level.OK),
        ("dev", Level.UNKNOWN),
    ],
)
def test_compose_versions(version: str, level: Level) -> None:
    assert of(altered("roomy-linux", "compose", version=version), "compose.version", Target.COMPOSE).level is level


@pytest.mark.parametrize(
    ("limit", "level"),
    [(1048576, Level.OK), (2**24 - 1, Level.OK), (2**24, Level.WARN), (2147483584, Level.WARN), (-1, Level.WARN)],
)
def test_the_open_files_trap_is_a_threshold(limit: int, level: Level) -> None:
    assert of(altered("roomy-linux", "nofile", limit=limit), "engine.nofile", Target.COMPOSE).level is level


@pytest.mark.parametrize(("skew", "level"), [(60, Level.OK), (-60.0, Level.OK), (61, Level.WARN), (-3600, Level.WARN)])
def test_clock(skew: float, level: Level) -> None:
    assert of(altered("roomy-linux", "clock", skew_seconds=skew), "clock.skew", Target.STANDALONE).level is level


def test_a_stack_that_holds_its_own_port_has_nothing_to_solve() -> None:
    seen: dict[str, Json] = {"free": False, "address": "127.0.0.1", "reason": "in use", "pid": 7, "ours": True}
    facts = altered("roomy-linux", "ports", **{"8080": seen})
    assert of(facts, "port.free", Target.STANDALONE).level is Level.OK


def test_a_port_that_a_container_publishes_is_told_by_the_container_and_nobody_is_to_kill_the_proxy() -> None:
    seen: dict[str, Json] = {
        "free": False,
        "address": "127.0.0.1",
        "reason": "in use",
        "pid": 7,
        "command": "docker-proxy",
        "container": "shop-web-1",
        "project": "shop",
    }
    finding = of(altered("roomy-linux", "ports", **{"8080": seen}), "port.free", Target.COMPOSE)
    assert finding.found == "8080 is held by container shop-web-1 of project shop"
    commands = [command for fix in finding.fixes for command in fix.commands]
    assert ("docker", "stop", "shop-web-1") in commands
    assert not [command for command in commands if "kill" in command]


def test_a_compose_that_is_no_plugin_is_linked_and_one_that_cannot_run_says_why() -> None:
    alone = altered("roomy-linux", "compose", version="2.29.1", kind="standalone", path="/usr/bin/docker-compose")
    finding = of(alone, "compose.version", Target.COMPOSE)
    assert finding.level is Level.FAIL
    assert finding.fixes[0].commands[1][:3] == ("ln", "-s", "/usr/bin/docker-compose")
    broken = altered(
        "roomy-linux", "compose", version=None, kind="none", path="/usr/bin/docker-compose", problem="No module named x"
    )
    assert "No module named x" in of(broken, "compose.version", Target.COMPOSE).found


def test_an_address_from_the_shell_that_nobody_answers_at_is_taken_out_of_the_shell() -> None:
    facts = altered(
        "roomy-linux", "docker", reachable=False, error_kind="not_running", context="", endpoint="tcp://127.0.0.1:9"
    )
    finding = of(facts, "docker.engine", Target.COMPOSE)
    assert "DOCKER_HOST" in finding.found
    assert finding.fixes[0].commands == (("unset", "DOCKER_HOST"),)


@pytest.mark.parametrize(
    ("name", "target", "check", "fix"),
    [
        ("macos-docker-desktop", Target.STANDALONE, "port.free", "port.next-free"),
        ("kubeadm-box", Target.COMPOSE, "port.free", "port.next-free"),
        ("no-network", Target.STANDALONE, "python.version", "python.release"),
        ("fedora-selinux", Target.STANDALONE, "python.version", "python.release"),
    ],
)
def test_a_fix_by_an_answer_makes_its_finding_go_away(name: str, target: Target, check: str, fix: str) -> None:
    facts = machine(name)
    before = of(facts, check, target)
    answers = next(f for f in before.fixes if f.id == fix).answers
    assert before.level in (Level.FAIL, Level.WARN)
    assert of(facts, check, target, **dict(answers)).level is Level.OK


def test_a_python_that_is_here_is_offered_instead_of_one_that_is_not() -> None:
    before = of(machine("roomy-linux"), "python.version", Target.STANDALONE, python="3.13")
    assert before.level is Level.WARN
    assert before.fixes[0].answers == (("python", "3.12"),)
    assert of(machine("roomy-linux"), "python.version", Target.STANDALONE, python="3.12").level is Level.OK


def test_the_asked_release_decides_which_python_will_do() -> None:
    facts = machine("debian-client-only")
    assert of(facts, "python.version", Target.STANDALONE, airflow_version="3.3.2").found.startswith("3.13.0")
    assert of(facts, "python.version", Target.STANDALONE, airflow_version="2.11.2").found.startswith("3.12.1")


def test_a_python_without_sqlite_is_named_but_not_used() -> None:
    finding = of(machine("fedora-selinux"), "python.version", Target.STANDALONE)
    assert any("3.12.7" in line and "SQLite" in line for line in finding.evidence)


@pytest.mark.parametrize(
    ("pypi", "words"),
    [
        (
            {"reason": "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"},
            "SSL_CERT_FILE=/path/to/company-ca.pem",
        ),
        ({"status": 401, "configured_by": "UV_DEFAULT_INDEX", "reason": "it answers with status 401"}, "auth"),
        ({"reason": "timed out"}, "HTTPS_PROXY=http://PROXY:PORT"),
    ],
)
def test_a_package_index_out_of_reach_is_met_by_its_cause(pypi: dict[str, Json], words: str) -> None:
    finding = of(altered("roomy-linux", "pypi", reachable=False, **pypi), "pypi.reachable", Target.STANDALONE)
    assert finding.level is Level.FAIL
    assert words in finding.fixes[0].commands[0]


@pytest.mark.parametrize(
    ("no_proxy", "level"),
    [("", Level.WARN), ("localhost", Level.WARN), ("localhost,127.0.0.1", Level.OK), ("*", Level.OK)],
)
def test_a_proxy_must_leave_this_machine_alone(no_proxy: str, level: Level) -> None:
    names: dict[str, Json] = {"HTTPS_PROXY": "http://proxy:3128", "no_proxy": no_proxy}
    assert of(altered("roomy-linux", "proxy", vars=names), "proxy.set", Target.STANDALONE).level is level


def test_an_address_this_machine_does_not_have_is_told_apart_from_a_taken_port() -> None:
    seen: dict[str, Json] = {"free": False, "address": "10.9.8.7", "reason": "no such address"}
    finding = of(altered("roomy-linux", "ports", **{"8080": seen}), "port.free", Target.STANDALONE)
    assert finding.fixes[0].answers == (("bind", "127.0.0.1"),)
    assert "10.9.8.7" in finding.found


@pytest.mark.parametrize(
    ("kind", "context", "command"),
    [
        ("not_running", "colima", ("colima", "start")),
        ("not_running", "default", ("sudo", "systemctl", "enable", "--now", "docker")),
        ("context", "gone", ("docker", "context", "use", "default")),
        ("permission", "default", ("sudo", "usermod", "-aG", "docker", "ana")),
        ("timeout", "default", ("docker", "info")),
    ],
)
def test_an_engine_out_of_reach_is_met_by_its_cause(kind: str, context: str, command: tuple[str, ...]) -> None:
    facts = altered("daemon-stopped", "docker", error_kind=kind, context=context)
    finding = of(facts, "docker.engine", Target.COMPOSE)
    assert finding.level is Level.FAIL
    assert command in finding.fixes[0].commands


def test_a_context_is_never_assumed_and_a_wrong_one_is_met_with_those_there_are() -> None:
    facts = machine("macos-docker-desktop")
    assert of(facts, "kube.context", Target.CONTEXT).level is Level.INFO
    assert of(facts, "kube.context", Target.CONTEXT, context="prod-eu").level is Level.OK
    wrong = of(facts, "kube.context", Target.CONTEXT, context="prod-us")
    assert wrong.level is Level.FAIL
    assert [fix.answers for fix in wrong.fixes] == [(("context", "docker-desktop"),), (("context", "prod-eu"),)]
    busy = altered("macos-docker-desktop", "kubectl", contexts=None)
    assert of(busy, "kube.context", Target.CONTEXT, context="prod-eu").level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("by", "command"), [("UV_OFFLINE", ("unset", "UV_OFFLINE")), ("/etc/uv/uv.toml", ("export", "UV_OFFLINE=0"))]
)
def test_an_installer_that_must_stay_offline_is_told_how_to_get_out(by: str, command: tuple[str, ...]) -> None:
    reason = f"uv is told to stay offline by {by}"
    facts = altered("roomy-linux", "pypi", reachable=False, offline=True, configured_by=by, reason=reason)
    finding = of(facts, "pypi.reachable", Target.STANDALONE)
    assert finding.level is Level.FAIL
    assert finding.found == reason
    assert finding.fixes[0].commands == (command,)
    folder = facts.get("folder")
    assert folder is not None
    assert isinstance(folder.value, dict)
    installed = facts.with_fact("folder", replace(folder, value={**folder.value, "installed": True}))
    assert of(installed, "pypi.reachable", Target.STANDALONE).level is Level.INFO
