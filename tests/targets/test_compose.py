"""The compose target: its files, its plans, and what it refuses."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest

from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.checks.registry import checks_for
from airflow_wizard.errors import InvalidError
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Target
from airflow_wizard.profile import shipped
from airflow_wizard.profile.load import load
from airflow_wizard.profile.sets import with_sets
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions
from airflow_wizard.targets.compose import TARGET
from airflow_wizard.workflows.planning import make_plan, make_request
from airflow_wizard.workflows.writing import write
from tests.artifacts.compose_stacks import CELERY, request

if TYPE_CHECKING:
    from pathlib import Path

URL = "postgresql://air@db.example.org/air"


def _write(folder: Path, name: str, *sets: str) -> tuple[str, ...]:
    profile = with_sets(load(shipped.files()[name].read_bytes(), source=name), list(sets))
    report = write(make_request(profile, HostFacts(), folder=folder), folder)
    return (*report.written, *report.merged)


@pytest.mark.parametrize("name", ["laptop-lite", "laptop-celery"])
@pytest.mark.parametrize("version", ["2.8.4", "2.11.2", "3.0.6", "3.3.2"])
def test_a_shipped_profile_is_written_whole_and_once(tmp_path: Path, name: str, version: str) -> None:
    assert {"docker-compose.yaml", ".env", ".gitignore", "airflow", "README.md"} <= set(
        _write(tmp_path, name, f"airflow_version={version}")
    )
    assert all((tmp_path / folder).is_dir() for folder in ("dags", "logs", "plugins", "config", "scripts"))
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "airflow").stat().st_mode) == 0o755
    assert _write(tmp_path, name, f"airflow_version={version}") == ()


def test_secrets_are_random_and_stay(tmp_path: Path) -> None:
    _write(tmp_path / "one", "laptop-lite")
    _write(tmp_path / "two", "laptop-lite")
    one, two = (values_of((tmp_path / name / ".env").read_text()) for name in ("one", "two"))
    assert one.keys() == two.keys()
    assert [key for key in one if one[key] == two[key]] == ["AIRFLOW_UID"]
    assert all(len(one[key]) >= 20 for key in one if key != "AIRFLOW_UID")


def test_a_newer_release_takes_effect_and_keeps_keys_and_edits(tmp_path: Path) -> None:
    _write(tmp_path, "laptop-lite", "airflow_version=3.2.2")
    before = (tmp_path / ".env").read_text()
    file = tmp_path / "docker-compose.yaml"
    file.write_text(file.read_text() + "\nx-mine: kept\n")
    _write(tmp_path, "laptop-lite", "airflow_version=3.3.2")
    assert (tmp_path / ".env").read_text() == before
    assert "apache/airflow:3.3.2" in file.read_text()
    assert file.read_text().endswith("x-mine: kept\n")


def test_a_launch_looks_before_it_starts_and_proves_after() -> None:
    asked = request(executor=CELERY)
    plan = make_plan(asked)
    ids = [step.id for step in plan.steps]
    assert ids[:6] == ["files", "register", "port", "leftovers", "pull", "volume"]
    assert ids[6:9] == ["smoke-file", "init", "start"]
    assert ids[9:] == ["identity", "heartbeats", "login", "dags-folder", "smoke-run", "smoke-log", "smoke-remove"]
    start = next(step for step in plan.steps if step.id == "start")
    assert start.command is not None
    assert start.command == ("docker", "compose", "up", "--detach", "--remove-orphans")
    assert start.undo is not None
    assert not any(step.risk is Risk.DESTRUCTIVE for step in plan.steps)


def test_an_image_of_ones_own_is_built_on_the_chosen_one() -> None:
    plan = make_plan(request(packages=("httpx",)))
    steps = {step.id: step.action for step in plan.steps}
    pull, build = steps["pull"], steps["build"]
    assert isinstance(pull, actions.PullImages)
    assert isinstance(build, actions.BuildImage)
    assert pull.images == ("apache/airflow:3.3.2", "postgres:16")
    assert build.image.startswith("airflow-demo:3.3.2-")


def test_a_database_of_ones_own_has_no_volume_to_look_at() -> None:
    plan = make_plan(request(database="external", database_url=URL))
    assert "volume" not in [step.id for step in plan.steps]


def test_only_what_takes_data_away_is_destructive() -> None:
    asked = request()
    assert [step.risk for step in TARGET.stop(asked)] == [Risk.DISRUPTIVE]
    assert [step.risk for step in TARGET.down(asked)] == [Risk.DISRUPTIVE]
    assert [step.risk for step in TARGET.down(asked, volumes=True)] == [Risk.DESTRUCTIVE]
    remove = TARGET.destroy(asked, images=True)[0]
    assert remove.risk is Risk.DESTRUCTIVE
    assert isinstance(remove.action, actions.RemoveProject)
    assert remove.action.images == ("apache/airflow:3.3.2", "postgres:16")
    kept = TARGET.destroy(asked)[0].action
    assert isinstance(kept, actions.RemoveProject)
    assert kept.images == ()


def test_the_endpoint_is_this_machine_with_four_heartbeats() -> None:
    endpoint = TARGET.endpoint(request("2.11.2", port=8085, bind="0.0.0.0"))  # noqa: S104
    assert (endpoint.url, endpoint.api, endpoint.health_path) == ("http://127.0.0.1:8085", "v1", "/health")
    assert endpoint.components == ("metadatabase", "scheduler", "triggerer", "dag_processor")
    assert endpoint.secrets_file == "/stacks/demo/.env"


def test_it_names_the_checks_that_matter_for_it() -> None:
    assert TARGET.check_ids() == tuple(check.id for check in checks_for(Target.COMPOSE))


def test_units_are_what_keeps_running() -> None:
    lite = ("postgres", "airflow-apiserver", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")
    assert TARGET.units(request()) == lite
    celery = TARGET.units(request("2.11.2", executor=CELERY, flower=True))
    assert celery[:3] == ("postgres", "redis", "airflow-webserver")
    assert celery[-1] == "flower"
    assert TARGET.units(request(database="external", database_url=URL)) == lite[1:]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"dags": "/home/a:b"}, "colon"),
        ({"requirements": "../requirements.txt"}, "leads out"),
        ({"database": "external", "database_url": "postgresql://air@localhost/air"}, "localhost"),
        ({"database": "external", "database_url": "postgresql://air@db/air?application_name=$me"}, "'\\$'"),
    ],
)
def test_what_containers_cannot_use_is_refused(answers: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidError, match=words) as caught:
        TARGET.artifacts(request(**answers))
    assert caught.value.next


def test_ports_of_one_stack_differ() -> None:
    asked = request(executor=CELERY, port=5555, publish_database=True)
    assert asked.answers.integer("flower_port") != 5555
    with pytest.raises(InvalidError, match="also the answer to port"):
        request(port=5432, publish_database=True, database_port=5432)


@pytest.mark.parametrize(
    ("unit", "names"),
    [
        ("airflow-scheduler", ("airflow-demo-airflow-scheduler-1",)),
        ("airflow-worker", ("airflow-demo-airflow-worker-1", "airflow-demo-airflow-worker-2")),
        ("airflow-worker-2", ("airflow-demo-airflow-worker-2",)),
    ],
)
def test_one_unit_alone_by_the_names_of_its_containers(unit: str, names: tuple[str, ...]) -> None:
    made = request(executor=CELERY, workers=2)
    assert unit in TARGET.single_units(made)
    (step,) = TARGET.act(made, "stop", unit)
    assert (step.command, step.risk) == (("docker", "stop", *names), Risk.DISRUPTIVE)
    assert "airflow-scheduler-1" not in TARGET.single_units(made)
