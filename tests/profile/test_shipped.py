from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.host import record
from airflow_wizard.options.advice import advise
from airflow_wizard.options.model import Target
from airflow_wizard.profile import shipped
from airflow_wizard.profile.load import load
from airflow_wizard.profile.resolve import resolve
from airflow_wizard.profile.save import to_yaml
from airflow_wizard.profile.sets import with_sets
from tests.options import machines

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts

RECORDED = sorted((Path(__file__).parents[1] / "fixtures" / "facts").glob("*.json"))
PROFILES = pytest.mark.parametrize("path", shipped.files().values(), ids=shipped.files().keys())
NAMES = {
    "standalone-quickstart", "standalone-airflow2", "laptop-lite", "laptop-celery", "kind-dev", "microk8s-team",
    "kubeadm-homeserver", "any-cluster",
}  # fmt: skip


def test_all_are_shipped() -> None:
    assert set(shipped.files()) == NAMES
    assert {load(p.read_bytes()).target for p in shipped.files().values()} == set(Target)


@PROFILES
@pytest.mark.parametrize("facts", machines.ALL.values(), ids=machines.ALL.keys())
def test_it_can_be_used_on_every_machine(path: Path, facts: HostFacts) -> None:
    profile = load(path.read_bytes(), source=str(path))
    answers = resolve(profile, facts)
    assert {name: answers.values[name] for name in profile.given} == dict(profile.given)
    assert not [f for f in advise(answers.target, answers.values) if f.id != "airflow.end_of_life"]


@PROFILES
@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_it_can_be_used_on_every_recorded_machine(path: Path, recorded: Path) -> None:
    facts = record.load(recorded.read_text(), file=recorded.name)
    answers = resolve(load(path.read_bytes(), source=str(path)), facts)
    assert answers.text("airflow_version")
    assert 8080 <= answers.integer("port") <= 8090


@PROFILES
def test_it_explains_itself(path: Path) -> None:
    first, *rest = path.read_text().splitlines()
    assert first.startswith("# ")
    assert first.endswith(".")
    assert sum(line.startswith("#") for line in rest) >= 5
    assert load(path.read_bytes()).name == path.stem


@PROFILES
def test_it_survives_being_saved(path: Path) -> None:
    profile = load(path.read_bytes(), source=str(path))
    assert dict(load(to_yaml(profile).encode()).given) == dict(profile.given)


@pytest.mark.parametrize("version", ["3.3.2", "3.0.6", "2.11.2", "2.10.5"])
def test_the_quickstart_takes_any_version_it_can_run(version: str) -> None:
    path = shipped.files()["standalone-quickstart"]
    profile = with_sets(load(path.read_bytes()), [f"airflow_version={version}"])
    assert resolve(profile, machines.LAPTOP).text("airflow_version") == version
