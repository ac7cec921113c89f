"""What kubectl and Helm say when they fail, and what a person is told about it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.process import Finished
from airflow_wizard.errors import EngineUnreachableError, InterruptedByUserError, StepFailedError
from airflow_wizard.run.handlers.kube_cli import refused, run_tool, short
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from tests.engines.kube import FakeCluster

KUBECTL = ("kubectl", "--kubeconfig", "/x/kube config", "--context", "mine", "apply", "-f", "a.yaml")

SAID = tomllib.loads((Path(__file__).parents[2] / "fixtures/kube/refusals.toml").read_text(encoding="utf-8"))["said"]


@pytest.mark.parametrize("case", SAID, ids=[case["text"][:50] for case in SAID])
def test_why_it_failed_is_read_from_what_it_said(case: dict[str, Any]) -> None:
    said, why, gone = case["text"], case["why"], case["gone"]
    error = refused(KUBECTL, Finished(1, tuple(said.splitlines()), 0.1))
    assert why in error.why
    assert error.next
    assert isinstance(error, EngineUnreachableError) == gone
    told = error.what if isinstance(error, EngineUnreachableError) else " ".join(error.evidence)
    assert said.splitlines()[-1][:30] in told or said.splitlines()[0][:30] in told
    assert "kube config" not in error.what, "which cluster is said elsewhere"


@given(st.text(alphabet=st.sampled_from("\x1b]0;\x07\x9b\u202e[31mEOF: x509:refusd\n"), max_size=120))
def test_whatever_it_says_never_steers_a_terminal(said: str) -> None:
    error = refused(KUBECTL, Finished(1, tuple(f"connection refused {said}".splitlines()), 0.1))
    evidence = error.evidence if isinstance(error, StepFailedError) else ()
    assert all(text.isprintable() for text in (error.what, error.why, error.next, *evidence))


def test_a_command_is_shown_without_which_cluster() -> None:
    assert short(KUBECTL) == "kubectl apply -f a.yaml"
    assert short(("helm", "--kube-context", "mine", "list", "-n", "a b")) == "helm list -n 'a b'"
    assert short(("kubectl", "x" * 500)).endswith("…")


def test_lines_are_told_and_the_command_is_logged(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.says("get pods", "one\ntwo\n")
    heard = Heard()
    finished = run_tool(heard.context(), ("kubectl", "get", "pods"), str(tmp_path))
    assert finished.tail == ("one", "two")
    assert heard.output == [("kubectl", "one"), ("kubectl", "two")]
    assert heard.commands == ["kubectl get pods", "exit 0"]
    with pytest.raises(StepFailedError, match="cannot be started"):
        run_tool(heard.context(), ("no-such-program",), str(tmp_path / "gone"))


def test_a_failure_can_be_looked_at_instead(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.says("get pods", "no\n", 3)
    assert run_tool(Heard().context(), ("kubectl", "get", "pods"), str(tmp_path), fail=False).code == 3
    with pytest.raises(StepFailedError, match="ended with exit 3"):
        run_tool(Heard().context(), ("kubectl", "get", "pods"), str(tmp_path))


def test_what_a_shell_has_set_for_another_cluster_is_not_taken(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELM_NAMESPACE", "elsewhere")
    monkeypatch.setenv("HELM_KUBECONTEXT", "production")
    cluster.says("list", more='echo "$HELM_NAMESPACE$HELM_KUBECONTEXT."')
    assert run_tool(Heard().context(), ("helm", "list"), str(tmp_path)).tail == (".",)


def test_it_ends_when_the_person_does_not_want_it(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.says("get", more="echo here; sleep 60")
    heard = Heard()
    heard.on_progress = heard.cancel.set
    with pytest.raises(InterruptedByUserError):
        run_tool(heard.context(), ("kubectl", "get"), str(tmp_path))
