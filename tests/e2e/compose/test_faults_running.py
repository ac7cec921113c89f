"""What happens to a stack that runs, on real machines: told by its cause, and mended by the next command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.compose.engine import ComposeWizard, remove_all
from tests.e2e.compose.faults_helpers import until, up
from tests.e2e.faults_helpers import told
from tests.e2e.wizard import free_port, stack_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.compose.engine import Engine

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

# What a person's shell may have, and what Compose would prefer to the stack's own .env.
FOREIGN = {
    "POSTGRES_PASSWORD": "of-another-project",
    "AIRFLOW_IMAGE_NAME": "example.invalid/airflow:1",
    "AIRFLOW_UID": "4711",
    "AIRFLOW__CORE__EXECUTOR": "NoSuchExecutor",
    "COMPOSE_FILE": "/nowhere/compose.yaml",
    "COMPOSE_PROJECT_NAME": "another-project",
    "COMPOSE_PROFILES": "debug",
}


@pytest.fixture(scope="module")
def stack(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeWizard]:
    """A stack that was launched from a shell full of other projects' variables."""
    one = ComposeWizard(tmp_path_factory.mktemp("running") / "wizard")
    try:
        launched = up(one, env=FOREIGN)
        assert launched.code == 0, launched.out + launched.err
        yield one
    finally:
        remove_all(engine, one)


@pytest.fixture
def folder(stack: ComposeWizard) -> Path:
    return stack_folder(stack, stack.name)


def findings(stack: ComposeWizard) -> list[dict[str, Any]]:
    """What doctor finds, but for what is only worth knowing and for falls that are over."""
    found: list[dict[str, Any]] = stack.run("doctor", stack.name, "--json").json()["findings"]
    return [f for f in found if f["level"] != "info" and not f["id"].startswith("component.restarted.")]


def well(stack: ComposeWizard) -> bool:
    state = stack.run("status", stack.name, "--json").json()
    return state["state"] == "running" and not findings(stack)


def services(engine: Engine, stack: ComposeWizard) -> dict[str, str]:
    label = f"label=com.docker.compose.project={stack.name}"
    words = ("container", "ls", "--all", "--filter", label, "--format")
    rows = engine.names(*words, '{{.Label "com.docker.compose.service"}}\t{{.Image}}')
    return dict(row.split("\t") for row in rows)


def test_nothing_of_the_shell_gets_into_the_stack(engine: Engine, stack: ComposeWizard) -> None:
    assert services(engine, stack)["airflow-scheduler"] == "apache/airflow:3.3.2"
    assert "redis" not in services(engine, stack)
    name = f"{stack.name}-airflow-scheduler-1"
    inside = "\n".join(engine.names("container", "inspect", "--format", "{{json .Config.Env}} {{.Config.User}}", name))
    assert not [value for value in FOREIGN.values() if value in inside and len(value) > 5]
    assert "4711" not in inside


def test_a_stack_that_is_well_has_nothing_wrong_and_is_not_in_its_own_way(stack: ComposeWizard) -> None:
    assert stack.run("doctor", stack.name, "--json").json()["findings"] == []
    again = up(stack)
    assert again.code == 0, again.out + again.err
    assert "done before, nothing changed since" in again.err


def test_a_container_of_a_service_that_is_no_more_is_told_and_removed(engine: Engine, stack: ComposeWizard) -> None:
    name = f"{stack.name}-redis-1"
    labels = (("project", stack.name), ("service", "redis"), ("oneoff", "False"), ("config-hash", "former"))
    words = [word for key, value in labels for word in ("--label", f"com.docker.compose.{key}={value}")]
    engine.names("create", "--name", name, "--entrypoint", "sleep", *words, "postgres:16", "300")
    again = up(stack)
    assert again.code == 0, again.out + again.err
    assert "orphaned, will be removed: redis" in again.err
    assert "redis" not in services(engine, stack)


def test_a_second_stack_beside_it_is_told_who_has_the_port_and_the_name(
    stack: ComposeWizard, tmp_path: Path, folder: Path
) -> None:
    other = ComposeWizard(tmp_path / "other", port=free_port(), name=stack.name)
    message = told(up(other), 1)
    assert f"project {stack.name} is in use by {folder}" in " ".join(message.split())
    assert "--name NAME" in message
    other.name = f"{stack.name}-b"
    message = told(up(other, port=stack.port), 3)
    assert f"container {stack.name}-airflow-apiserver-1 of project {stack.name}" in message


def test_a_stack_of_the_same_name_elsewhere_is_neither_shown_nor_touched(
    engine: Engine, stack: ComposeWizard, tmp_path: Path, folder: Path
) -> None:
    """The launch of a second one of that name was refused; then somebody tidies up after it."""
    name = stack.name
    other = ComposeWizard(tmp_path / "other", port=free_port(), name=name)
    assert up(other).code == 1
    label = f"label=com.docker.compose.project={name}"
    containers = ("ps", "--no-trunc", "--format", "{{.ID}} {{.Status}}", "--filter", label)
    started = [line.split()[0] for line in engine.names(*containers)]
    volumes = engine.names("volume", "ls", "--quiet", "--filter", label)
    assert started
    assert volumes

    status = other.run("status", name, "--json").json()
    assert status["state"] == "stopped"
    assert f"project {name} is in use by {folder}" in status["error"]
    assert other.run("logs", name).out == ""
    assert other.run("stop", name, "--yes").code == 0
    assert f"project {name} is in use by" in told(other.run("start", name, "--yes"), 1)
    assert other.run("restart", name, "--unit", "airflow-scheduler", "--yes").code == 1
    listed = other.run("down", name, "--volumes", "--confirm", name)
    assert listed.code == 0, listed.err
    assert volumes[0] not in listed.err
    gone = other.run("destroy", name, "--confirm", name)
    assert gone.code == 0, gone.err
    assert f"left alone: project {name} is in use by" in " ".join(gone.err.split())
    assert not stack_folder(other, name).joinpath("docker-compose.yaml").exists()

    assert [line.split()[0] for line in engine.names(*containers)] == started
    assert engine.names("volume", "ls", "--quiet", "--filter", label) == volumes
    assert well(stack)


def test_keys_that_do_not_fit_the_volume_are_found_before_they_bite(stack: ComposeWizard, folder: Path) -> None:
    env = folder / ".env"
    kept = env.read_text()
    env.unlink()
    try:
        message = " ".join(told(up(stack), 1).split())
        assert "belongs to an earlier stack of this name" in message
        assert "put that stack's .env back" in message
    finally:
        env.write_text(kept)
    assert env.stat().st_mode & 0o777 == 0o600
    (folder / "docker-compose.yaml").touch()
    until(lambda: well(stack), 30)


def test_what_runs_with_other_settings_than_the_files_is_told(stack: ComposeWizard, folder: Path) -> None:
    path = folder / "docker-compose.yaml"
    kept = path.read_text()
    path.write_text(kept.replace('AIRFLOW__CORE__PARALLELISM: "', 'AIRFLOW__CORE__PARALLELISM: "1'))
    try:
        (finding,) = findings(stack)
        assert (finding["id"], finding["level"]) == ("config.not_running", "warn")
        assert "airflow-scheduler" in finding["found"]
    finally:
        path.write_text(kept)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder to root")
def test_logs_that_belong_to_root_are_handed_over_by_the_next_launch(stack: ComposeWizard, folder: Path) -> None:
    logs = folder / "logs"
    assert logs.stat().st_uid == 50000
    for path in (logs, *logs.rglob("*")):
        os.chown(path, 0, 0)
    assert [f["id"] for f in findings(stack) if not f["causes"]] == ["permission.logs"]
    again = up(stack)
    assert again.code == 0, again.out + again.err
    assert {path.stat().st_uid for path in (logs, *logs.rglob("*"))} == {50000}


def test_a_scheduler_that_was_stopped_is_the_one_thing_told(engine: Engine, stack: ComposeWizard) -> None:
    name = f"{stack.name}-airflow-scheduler-1"
    engine.names("stop", "--time", "5", name)
    try:
        (finding,) = findings(stack)
        assert finding["id"] == "component.stopped.airflow-scheduler"
        assert finding["fixes"][0]["commands"] == [["airflow-wizard", "start", stack.name]]
    finally:
        engine.names("start", name)
    until(lambda: well(stack), 60)


def test_a_component_that_falls_again_and_again_is_told_with_its_last_words(
    engine: Engine, stack: ComposeWizard, folder: Path
) -> None:
    name = f"{stack.name}-airflow-triggerer-1"
    broken = folder / "config" / "airflow_local_settings.py"
    broken.write_text("raise RuntimeError('broken on purpose')\n")
    try:
        engine.names("restart", "--time", "5", name)
        restarts = ("container", "inspect", "--format", "{{.RestartCount}}", name)
        until(lambda: int(engine.names(*restarts)[0]) >= 3, 60)
        failing = [f for f in findings(stack) if f["level"] == "fail"]
        assert [f["id"] for f in failing] == ["component.crash.airflow-triggerer"]
        assert any("broken on purpose" in line for line in failing[0]["evidence"])
    finally:
        broken.unlink()
    engine.names("restart", "--time", "5", name)
    until(lambda: well(stack), 60)


def test_a_database_that_was_stopped_is_the_cause_and_start_mends_it(engine: Engine, stack: ComposeWizard) -> None:
    engine.names("stop", "--time", "5", f"{stack.name}-postgres-1")
    scheduler = ("container", "inspect", "--format", "{{.RestartCount}}", f"{stack.name}-airflow-scheduler-1")
    until(lambda: int(engine.names(*scheduler)[0]) >= 1, 60)
    first, *rest = findings(stack)
    assert first["id"] == "database.stopped.postgres"
    assert [f["id"] for f in rest if f["level"] == "fail" and not f["causes"]] == []
    started = stack.run("start", stack.name, "--yes", "--json")
    assert started.events()[-1]["event"] == "done", started.out + started.err


def test_containers_and_network_removed_by_hand_are_made_anew(
    engine: Engine, stack: ComposeWizard, folder: Path
) -> None:
    engine.names("compose", "--project-directory", str(folder), "stop", "--timeout", "5")
    engine.names("network", "rm", f"{stack.name}_default")
    started = stack.run("start", stack.name, "--yes", "--json")
    assert started.events()[-1]["event"] == "done", started.out + started.err
    until(lambda: well(stack), 60)
