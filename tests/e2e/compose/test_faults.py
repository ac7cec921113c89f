"""What stands in a Compose stack's way on real machines is found before anything starts, and told with its fix."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.e2e.compose.faults_helpers import as_nobody, compose_1, container, facts_with, fill_volume, listener, up
from tests.e2e.faults_helpers import digests, nothing_was_made, small_disk, told
from tests.e2e.wizard import stack_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.compose.engine import ComposeWizard, Engine

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user or mounts, which only root may")
MISSING = "apache/airflow:0.0.1"


def containers_of(engine: Engine, wizard: ComposeWizard) -> list[str]:
    label = f"label=com.docker.compose.project={wizard.name}"
    return engine.names("container", "ls", "--all", "--quiet", "--filter", label)


@pytest.fixture
def half_made(engine: Engine, wizard: ComposeWizard) -> Path:
    """Folder of a stack whose launch stopped before anything was started."""
    with container(engine, f"{wizard.name}-postgres-1"):
        message = told(up(wizard), 1)
    assert f"a container is called {wizard.name}-postgres-1 already" in message
    assert "docker rename" in message
    assert containers_of(engine, wizard) == []
    return stack_folder(wizard, wizard.name)


# The engine


@pytest.mark.parametrize("host", ["tcp://127.0.0.1:9", "unix:///nobody/listens.sock"])
def test_an_engine_that_is_not_there(wizard: ComposeWizard, host: str) -> None:
    nowhere = {"DOCKER_HOST": host}
    message = told(up(wizard, env=nowhere), 4)
    assert f"nothing answers at {host}" in message
    assert "unset DOCKER_HOST" in message
    nothing_was_made(wizard, wizard.name)
    assert f"at {host} cannot be reached" in told(up(wizard, "--ignore-check", "all", env=nowhere), 4)


@needs_root
def test_an_engine_this_user_may_not_talk_to(wizard: ComposeWizard, tmp_path: Path) -> None:
    argv = ("up", "--profile", "laptop-lite", "--name", wizard.name, "--yes")
    message = told(as_nobody(wizard, tmp_path / "nobody", *argv), 4)
    assert "permission denied" in message
    assert "sudo usermod -aG docker nobody" in message
    assert not (tmp_path / "nobody" / "wizard" / "stacks").exists()


@pytest.mark.parametrize(("memory", "code", "words"), [(1_500_000_000, 3, "2.1 GB"), (3_600_000_000, 0, "4 GB")])
def test_too_little_memory(wizard: ComposeWizard, tmp_path: Path, memory: int, code: int, words: str) -> None:
    facts = str(facts_with(wizard, tmp_path / "facts.json", memory=memory))
    checked = wizard.run("check", "--target", "compose", "--facts", facts, "--json").json()["findings"]
    (finding,) = [f for f in checked if f["id"] == "engine.memory"]
    assert finding["level"] == ("fail" if code else "warn")
    assert words in finding["why"] + finding["needed"]
    assert finding["fixes"]
    if code:
        told(up(wizard, "--facts", facts), code)
        nothing_was_made(wizard, wizard.name)


@pytest.mark.parametrize(("version", "level"), [("1", "info"), ("2", "ok")])
def test_control_groups_of_either_version_will_do(
    wizard: ComposeWizard, tmp_path: Path, version: str, level: str
) -> None:
    facts = str(facts_with(wizard, tmp_path / "facts.json", cgroup_version=version))
    checked = wizard.run("check", "--target", "compose", "--facts", facts, "--json").json()["findings"]
    assert [f["level"] for f in checked if f["id"] == "engine.cgroup"] == [level]


# Compose


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="the specimen is a package of Debian")
def test_debians_own_compose_is_too_old(
    wizard: ComposeWizard, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    old = compose_1(tmp_path_factory.mktemp("compose-1"))
    (tmp_path / "no-plugins").mkdir()
    env = {"DOCKER_CONFIG": str(tmp_path / "no-plugins"), "PATH": f"{old}:{os.environ['PATH']}"}
    message = told(up(wizard, env=env), 3)
    assert "1.29.2" in message
    assert "2.14" in message
    nothing_was_made(wizard, wizard.name)


@pytest.mark.parametrize(
    ("script", "words"), [("echo 2.29.1", "not as a plugin"), ("echo broken >&2; exit 1", "cannot be run: broken")]
)
def test_a_compose_that_docker_does_not_find(wizard: ComposeWizard, tmp_path: Path, script: str, words: str) -> None:
    program = tmp_path / "docker-compose"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    env = {"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    message = told(up(wizard, env=env), 3)
    assert words in message
    nothing_was_made(wizard, wizard.name)


# The port


def test_a_port_that_another_container_publishes(engine: Engine, wizard: ComposeWizard) -> None:
    with container(engine, f"{wizard.name}-other", "--publish", f"127.0.0.1:{wizard.port}:80", run=True) as other:
        message = told(up(wizard), 3)
        assert f"held by container {other}" in message
        assert f"docker stop {other}" in message
        assert "kill" not in message
        nothing_was_made(wizard, wizard.name)
        message = told(up(wizard, "--ignore-check", "all"), 1)
        assert f"published by container {other}" in message
        assert containers_of(engine, wizard) == []


def test_a_port_that_another_program_holds(wizard: ComposeWizard) -> None:
    with listener(wizard.port) as pid:
        message = told(up(wizard), 3)
    assert f"(pid {pid}" in message
    assert f"--set port={wizard.port + 1}" in message
    nothing_was_made(wizard, wizard.name)


# The disk and the folder


@needs_root
def test_a_full_disk(engine: Engine, wizard: ComposeWizard, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=24k") as disk:
        place = str(disk / "stack")
        assert "free on" in told(up(wizard, "--dir", place), 3)
        assert not (disk / "stack").exists()
        message = told(up(wizard, "--dir", place, "--ignore-check", "all"), 1)
        assert "df -h" in message
        assert containers_of(engine, wizard) == []


@needs_root
def test_a_folder_that_root_made_names_the_command(wizard: ComposeWizard, tmp_path: Path) -> None:
    home = tmp_path / "nobody"
    (tmp_path / "stack" / "dags").mkdir(parents=True)
    os.chown(tmp_path / "stack", 65534, 65534)
    words = ("write", "--profile", "laptop-lite", "--out", str(tmp_path / "stack"))
    message = told(as_nobody(wizard, home, *words), 1)
    assert f"sudo chown -R $USER {tmp_path / 'stack' / 'dags'}" in message


# The volume


@pytest.mark.parametrize(("image", "words"), [("postgres:13", "was written by PostgreSQL 13; this stack runs 16")])
def test_a_volume_of_another_major(engine: Engine, wizard: ComposeWizard, image: str, words: str) -> None:
    volume = f"{wizard.name}_postgres-db-volume"
    engine.names("volume", "create", "--label", f"com.docker.compose.project={wizard.name}", volume)
    fill_volume(engine, volume, image)
    message = told(up(wizard), 1)
    assert words in message
    assert "pg_dump" in message
    assert f"--project-name {wizard.name} down --volumes" in " ".join(message.split())
    assert containers_of(engine, wizard) == []


# The images


def test_an_image_that_nobody_has(engine: Engine, wizard: ComposeWizard) -> None:
    message = told(up(wizard, "--set", f"image={MISSING}"), 1)
    assert f"{MISSING} cannot be pulled" in message
    assert "here already: apache/airflow:3.3.2" in " ".join(message.split()).replace("- ", "-")
    assert containers_of(engine, wizard) == []


# What the person changed


@pytest.fixture
def compose_file(half_made: Path) -> Path:
    """The compose file of a stack, with the promise that what is written into it stays."""
    return half_made / "docker-compose.yaml"


def test_an_edit_that_breaks_the_file_is_told_by_its_line_and_kept(
    engine: Engine, wizard: ComposeWizard, compose_file: Path
) -> None:
    lines = compose_file.read_text().splitlines()
    number = lines.index("  airflow-scheduler:") + 1
    lines[number - 1] += " [oops"
    compose_file.write_text("\n".join(lines) + "\n")
    kept = digests(compose_file.parent)["docker-compose.yaml"]
    message = told(up(wizard), 1)
    assert f"begins in line {number}" in " ".join(message.split())
    assert f"docker-compose.yaml:{number}: airflow-scheduler: [oops" in message
    assert digests(compose_file.parent)["docker-compose.yaml"] == kept
    assert containers_of(engine, wizard) == []
    failing = [f for f in wizard.run("doctor", wizard.name, "--json").json()["findings"] if f["level"] == "fail"]
    assert [f["id"] for f in failing] == ["files.compose"], failing
    # The way out that is told.
    compose_file.rename(compose_file.with_name("mine.yaml"))
    told(up(wizard, "--set", f"image={MISSING}"), 1)
    assert "airflow-scheduler:\n" in compose_file.read_text()


def test_an_edit_that_compose_does_not_understand_is_told(wizard: ComposeWizard, compose_file: Path) -> None:
    compose_file.write_text(compose_file.read_text().replace("    command: dag-processor", "    comand: dag-processor"))
    message = told(up(wizard), 1)
    assert "comand" in message
    assert "not valid any more" in message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("this is no line", "line"),
        (f"AIRFLOW_IMAGE_NAME={MISSING}", "AIRFLOW_IMAGE_NAME in .env asks for it"),
    ],
)
def test_a_line_added_to_env_is_told(
    engine: Engine, wizard: ComposeWizard, half_made: Path, line: str, words: str
) -> None:
    with (half_made / ".env").open("a") as env:
        env.write(f"{line}\n")
    message = " ".join(told(up(wizard), 1).split())
    assert words in message
    assert line in (half_made / ".env").read_text()
    assert containers_of(engine, wizard) == []
