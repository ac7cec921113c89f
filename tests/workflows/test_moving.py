"""A launch never leaves behind what an earlier one made somewhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Target
from airflow_wizard.profile.model import Answers
from airflow_wizard.run import registry
from airflow_wizard.run.journal import Journal
from airflow_wizard.run.step import StepState
from airflow_wizard.workflows.moving import proposed_name, refuse_other_place

if TYPE_CHECKING:
    from pathlib import Path

HERE = {"context": "prod", "namespace": "airflow"}


def answers(target: Target = Target.CONTEXT, **given: str) -> Answers:
    return Answers(target, {**(HERE if target is Target.CONTEXT else {}), **given}, {})


@pytest.fixture
def folder(isolated: Path, tmp_path: Path) -> Path:
    """A stack that was launched in a cluster."""
    del isolated
    place = tmp_path / "demo"
    place.mkdir()
    registry.remember("demo", "context", place, url="http://127.0.0.1:8080", airflow_version="3.3.2", profile=HERE)
    for step in ("files", "register", "nodes", "apply"):
        Journal.open(place).record(step, StepState.DONE)
    return place


def test_the_same_place_is_gone_on_with(folder: Path) -> None:
    refuse_other_place(folder, "demo", answers())
    refuse_other_place(folder, "demo", answers(executor="LocalExecutor"))


@pytest.mark.parametrize(
    ("wanted", "key", "words"),
    [
        (answers(namespace="other"), "namespace", "demo is in namespace airflow, not in other"),
        (answers(context="dev"), "context", "demo is in context prod, not in dev"),
        (answers(Target.COMPOSE), "target", "demo is a stack of target context, not of compose"),
        (answers(Target.KIND, **HERE), "target", "demo is a stack of target context, not of kind"),
    ],
)
def test_another_place_is_refused(folder: Path, wanted: Answers, key: str, words: str) -> None:
    with pytest.raises(InvalidError) as refused:
        refuse_other_place(folder, "demo", wanted)
    assert words in str(refused.value)
    assert refused.value.key == key
    assert "airflow-wizard destroy demo" in refused.value.next


def test_what_made_nothing_yet_may_be_corrected(folder: Path) -> None:
    journal = folder / ".airflow-wizard" / "journal.jsonl"
    begun = journal.read_text().splitlines()
    journal.write_text("\n".join(begun[:3]) + "\n")
    refuse_other_place(folder, "demo", answers(namespace="other"))
    for lost in ("", "\n".join([*begun[:3], "{torn"]) + "\n"):
        journal.write_text(lost)
        with pytest.raises(InvalidError):
            refuse_other_place(folder, "demo", answers(namespace="other"))


def test_no_stack_is_nowhere_and_one_from_before_an_option_may_have_it(folder: Path, tmp_path: Path) -> None:
    refuse_other_place(tmp_path / "nothing", "nothing", answers(namespace="other"))
    registry.remember("demo", "context", folder, url="", airflow_version="3.3.2", profile={"context": "prod"})
    refuse_other_place(folder, "demo", answers(namespace="other"))


def test_a_name_that_another_target_has_is_not_proposed(isolated: Path, tmp_path: Path) -> None:
    del isolated
    wanted = []
    for target in (Target.COMPOSE, Target.KIND, Target.CONTEXT, Target.CONTEXT):
        wanted.append(name := proposed_name(target))
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        registry.remember(name, str(target), folder, "http://127.0.0.1:8080", "3.3.2", {})
    assert wanted == ["airflow", "airflow-kind", "airflow-context", "airflow-context"]
    (tmp_path / "x").mkdir()
    registry.remember("airflow-kubeadm", "kind", tmp_path / "x", "http://127.0.0.1:8080", "3.3.2", {})
    assert proposed_name(Target.KUBEADM) == "airflow-kubeadm-2"
