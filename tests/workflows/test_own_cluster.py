"""A cluster that kubeadm made for a stack: known from its folder and the machine as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines import kubeadm
from airflow_wizard.engines.kubeadm import Note, write_note
from airflow_wizard.workflows import own_cluster
from airflow_wizard.workflows.lifecycle import Extent, plan_for, removal_report
from tests.workflows.made_stack import made_stack

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.workflows.stacks import StackRecord


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of Kubernetes on a machine of this test's own, with a cluster in them."""
    etcd, admin = tmp_path / "etcd", tmp_path / "kubernetes" / "admin.conf"
    for folder in (etcd, admin.parent):
        folder.mkdir()
        (folder / "some").write_bytes(b"x" * 50_000)
    admin.touch()
    monkeypatch.setattr(kubeadm, "ADMIN_CONF", admin)
    monkeypatch.setattr(own_cluster, "_GOES", {etcd: "all that is in it", admin.parent: "its certificates"})
    return tmp_path


def steps_of(stack: StackRecord, *, cluster: bool) -> list[str]:
    steps = plan_for("destroy", stack, Extent(cluster=cluster)).steps
    return [step.id for step in steps if step.id in ("alone", "down", "cluster")]


@pytest.mark.parametrize(
    ("note", "gone", "plain", "whole"),
    [
        (None, False, ["down"], ["down"]),
        (Note("made", "u"), False, ["down"], ["alone", "down", "cluster"]),
        (Note("begun", "u"), False, ["cluster"], ["cluster"]),
        (Note("made", "u"), True, [], []),
    ],
)
def test_what_goes_depends_on_whose_it_is_and_whether_it_is_there(
    machine: Path, note: Note | None, gone: bool, plain: list[str], whole: list[str]
) -> None:
    stack = made_stack(machine / "demo", profile="kubeadm-homeserver")
    if note:
        write_note(machine / "demo", note)
    if gone:
        (machine / "kubernetes" / "admin.conf").unlink()
    assert (steps_of(stack, cluster=False), steps_of(stack, cluster=True)) == (plain, whole)


def test_what_goes_with_the_cluster_is_told_in_bytes(machine: Path) -> None:
    stack = made_stack(machine / "demo", profile="kubeadm-homeserver")
    write_note(machine / "demo", Note("begun"))
    report = {what: size for _, size, what in removal_report("destroy", stack)}
    assert 50_000 <= report["all that is in it"] < 100_000
    assert "its certificates" in report


@pytest.mark.parametrize("text", ["", "gone\n", "\x00\xff", "made"])
def test_a_note_that_says_nothing_makes_no_cluster_the_stack_s(tmp_path: Path, text: str) -> None:
    (tmp_path / ".airflow-wizard").mkdir()
    (tmp_path / kubeadm.NOTE).write_text(text, encoding="latin-1")
    note = kubeadm.read_note(tmp_path)
    assert note == (Note("made") if text == "made" else None)
    assert kubeadm.made_here(tmp_path) is (text == "made")
    assert not kubeadm.half_made(tmp_path)
