"""Consent: a foreign cluster by its name, an administrator's commands by themselves, the rest by --yes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.cli import asking
from airflow_wizard.cli.command import Args
from airflow_wizard.cli.inputs import consent
from airflow_wizard.engines import kubeadm
from airflow_wizard.errors import ConsentError, ExitCode
from airflow_wizard.risk import Risk
from airflow_wizard.run.actions import RunCommand
from airflow_wizard.run.step import Plan, Step
from tests.cli.given import facts_file, ran
from tests.workflows.made_stack import made_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PLAIN = Step("files", "Write the files", RunCommand(("true",), "/"))
ROOT = Step("cluster", "Make the cluster", RunCommand(("true",), "/"), ("kubeadm", "init", "a b"), Risk.PRIVILEGED)
STOP = Step("stop", "Stop every pod", RunCommand(("true",), "/"), ("kubectl", "scale"), Risk.DISRUPTIVE)
SAFE = Plan("launch", "context", "demo", "/srv/demo", steps=(PLAIN,))
THEIRS = replace(SAFE, confirm="prod eu")
ADMIN = replace(SAFE, steps=(PLAIN, ROOT))
DISRUPTIVE = replace(SAFE, steps=(STOP,))


class Person:
    """Answers what is asked, and remembers it."""

    def __init__(self, *, typed: str = "", agrees: bool = False) -> None:
        self.typed, self.agrees = typed, agrees
        self.asked: list[str] = []

    def confirm(self, question: str, *, default: bool) -> bool:
        assert default is False, "Enter alone is no consent"
        self.asked.append(question)
        return self.agrees

    def text(
        self, question: str, *, default: str, refuse: Callable[[str], str] | None = None, hidden: bool = False
    ) -> str:
        assert (default, refuse, hidden) == ("", None, False)
        self.asked.append(question)
        return self.typed

    def select(self, question: str, items: Sequence[object], *, default: str = "") -> str:
        raise NotImplementedError


def asked(monkeypatch: pytest.MonkeyPatch, person: Person) -> Person:
    """A terminal with somebody at it."""
    monkeypatch.setattr("airflow_wizard.cli.terminal.interactive", lambda: True)
    monkeypatch.setattr(asking, "prompter", lambda: person)
    return person


def test_what_is_safe_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    person = asked(monkeypatch, Person())
    consent(SAFE, Args({}), "up")
    assert person.asked == []


@pytest.mark.parametrize(
    ("plan", "given", "words", "following"),
    [
        (THEIRS, {}, "would change the cluster of context prod eu", "--confirm-context 'prod eu'"),
        (THEIRS, {"yes": True}, "would change the cluster", "--confirm-context"),
        (THEIRS, {"confirm_context": "prod-us"}, "'prod-us' is not the context of this plan", "--confirm-context"),
        (ADMIN, {}, "change this machine as its administrator: Make the cluster", "--allow-privileged"),
        (ADMIN, {"yes": True}, "as its administrator", "--allow-privileged"),
        (DISRUPTIVE, {}, "would interrupt what runs: Stop every pod", "--yes"),
    ],
)
def test_nobody_there_is_no_consent(plan: Plan, given: dict[str, object], words: str, following: str) -> None:
    with pytest.raises(ConsentError, match=words) as caught:
        consent(plan, Args(given), "up")
    assert following in caught.value.next
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("plan", "given"),
    [(THEIRS, {"confirm_context": "prod eu"}), (ADMIN, {"allow_privileged": True}), (DISRUPTIVE, {"yes": True})],
)
def test_each_flag_is_its_own_consent(plan: Plan, given: dict[str, object]) -> None:
    consent(plan, Args(given), "up")


def test_a_name_is_typed_and_commands_are_shown_before_they_are_agreed_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    person = asked(monkeypatch, Person(typed="prod eu", agrees=True))
    consent(THEIRS, Args({}), "up")
    assert "This changes the cluster of prod eu" in person.asked[0]
    consent(ADMIN, Args({}), "up")
    assert "Make the cluster: kubeadm init 'a b'" in capsys.readouterr().err
    refusing = asked(monkeypatch, Person(typed="", agrees=False))
    for plan in (THEIRS, ADMIN, DISRUPTIVE):
        with pytest.raises(ConsentError):
            consent(plan, Args({}), "up")
    assert len(refusing.asked) == 3


def test_nothing_is_written_before_the_context_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    argv = ["up", "--profile", "any-cluster", "--dir", str(tmp_path / "stack"), "--facts", facts_file(tmp_path)]
    result = ran(capsys, *argv, "--ignore-check", "all", "--yes")
    assert result.code == ExitCode.USAGE
    assert "--confirm-context my-cluster" in result.err
    assert not (tmp_path / "stack").exists()


def test_a_cluster_goes_only_with_consent_of_its_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubeadm, "ADMIN_CONF", tmp_path / "admin.conf")
    (tmp_path / "admin.conf").touch()
    made_stack(tmp_path / "demo", profile="kubeadm-homeserver")
    whole = ("destroy", "demo", "--confirm", "demo", "--cluster")
    refused = ran(capsys, *whole, "--allow-privileged")
    assert refused.code == ExitCode.USAGE
    assert "no cluster was made with kubeadm for demo" in refused.err

    kubeadm.write_note(tmp_path / "demo", kubeadm.Note("begun"))
    refused = ran(capsys, *whole, "--yes")
    assert refused.code == ExitCode.USAGE
    assert "Remove the cluster: kubeadm reset --force" in refused.err
    assert "--allow-privileged" in refused.err
    assert (tmp_path / "demo" / kubeadm.NOTE).exists()
    shown = ran(capsys, "destroy", "demo", "--dry-run")
    assert shown.code == ExitCode.OK
    assert "kubeadm reset --force" in shown.out
