"""What the engine answers, as values: whatever it leaves out, and whatever a container says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.container_facts import container_of, happening_of, sample_of

LABELS = {
    "com.docker.compose.project": "airflow-demo",
    "com.docker.compose.service": "airflow-scheduler",
    "com.docker.compose.container-number": "2",
    "com.docker.compose.config-hash": "abc",
    "com.docker.compose.project.working_dir": "/stacks/demo",
    "com.docker.compose.oneoff": "False",
}


def _inspected(**state: Any) -> dict[str, Any]:  # noqa: ANN401 - as the engine answers
    return {
        "Id": "0123",
        "Name": "/airflow-demo-airflow-scheduler-2",
        "RestartCount": 3,
        "State": {"Status": "running", "Pid": 77, "StartedAt": "2026-11-21T12:00:00.123456789Z", **state},
        "Config": {"Image": "apache/airflow:3.3.2", "Labels": LABELS},
        "HostConfig": {"PortBindings": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], "1/tcp": None}},
    }


def test_a_running_container_of_a_project() -> None:
    health = {"Status": "unhealthy", "Log": [{"Output": "first"}, {"Output": "curl: (7) refused\n"}]}
    found = container_of(_inspected(Health=health, ExitCode=0, FinishedAt="0001-01-01T00:00:00Z"))
    assert (found.name, found.service, found.number) == ("airflow-demo-airflow-scheduler-2", "airflow-scheduler", 2)
    assert (found.project, found.folder, found.config_hash) == ("airflow-demo", "/stacks/demo", "abc")
    assert (found.running, found.health, found.health_said) == (True, "unhealthy", "curl: (7) refused")
    assert (found.exit_code, found.restarts, found.pid, found.one_off) == (None, 3, 77, False)
    assert found.finished is None
    assert found.started == pytest.approx(1795262400.123, abs=0.001)
    assert found.ports == (("127.0.0.1", 8080),)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"Status": "exited", "ExitCode": 1, "FinishedAt": "2026-11-21T12:00:05Z"}, 1),
        ({"Status": "exited", "ExitCode": 0, "FinishedAt": "2026-11-21T12:00:05Z"}, 0),
        ({"Status": "restarting", "ExitCode": 137, "FinishedAt": "2026-11-21T12:00:05Z"}, 137),
        ({"Status": "created", "ExitCode": 0, "FinishedAt": "0001-01-01T00:00:00Z"}, None),
        ({"Status": "running", "ExitCode": 0, "FinishedAt": "2026-11-21T11:59:00Z"}, None),
    ],
)
def test_an_exit_code_is_told_only_of_what_has_ended(state: dict[str, Any], code: int | None) -> None:
    assert container_of(_inspected(**state)).exit_code == code


def test_a_container_that_compose_did_not_make() -> None:
    found = container_of({"Id": "1", "Name": "/web", "Config": {"Labels": None}, "State": {}})
    assert (found.service, found.project, found.number, found.health, found.ports) == ("", "", 1, "", ())


def test_memory_is_told_without_the_cache_that_can_be_given_back() -> None:
    cpu = {"cpu_usage": {"total_usage": 2_500_000_000}}
    old = {"memory_stats": {"usage": 500, "stats": {"total_inactive_file": 200, "inactive_file": 1}}, "cpu_stats": cpu}
    new = {"memory_stats": {"usage": 500, "stats": {"inactive_file": 100}}, "cpu_stats": cpu}
    seen, other = sample_of(old), sample_of(new)
    assert seen is not None
    assert other is not None
    assert (seen.memory, seen.cpu_seconds, other.memory) == (300, 2.5, 400)
    assert sample_of({"memory_stats": {}}) is None, "a container that does not run has no memory"


def test_an_event_says_what_happened_to_which_service() -> None:
    attributes = {"com.docker.compose.service": "airflow-triggerer", "exitCode": "137"}
    died = happening_of({"Action": "die", "timeNano": 2_000_000_000, "Actor": {"Attributes": attributes}})
    assert died is not None
    assert (died.time, died.service, died.action, died.exit_code) == (2.0, "airflow-triggerer", "die", 137)
    assert happening_of({"Action": "exec_create: sh -c true", "Actor": {"Attributes": attributes}}) is None


@given(st.dictionaries(st.sampled_from(["Action", "timeNano", "Other"]), st.text(max_size=5), max_size=2))
def test_an_event_without_a_subject_is_no_crash(event: dict[str, Any]) -> None:
    event.pop("timeNano", None)
    happening_of(event)
