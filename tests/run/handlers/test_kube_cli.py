"""What kubectl and Helm say when they fail, and what a person is told about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.process import Finished
from airflow_wizard.errors import EngineUnreachableError, InterruptedByUserError, StepFailedError
from airflow_wizard.run.handlers.kube_cli import refused, run_tool, short
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster

KUBECTL = ("kubectl", "--kubeconfig", "/x/kube config", "--context", "mine", "apply", "-f", "a.yaml")

# What was said; words of why; whether the cluster is out of reach.
SAID = [
    ("Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress", "left its mark", False),
    ('error: context "mine" does not exist', "does not name that cluster", True),
    ('Error: kubernetes cluster unreachable: context "mine" does not exist', "does not name that cluster", True),
    ('error: no context exists with the name: "mine"', "does not name that cluster", True),
    ("The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?\n"
     "Unable to connect to the server: dial tcp 127.0.0.1:6443: connect: connection refused", "does not answer", True),
    ("Unable to connect to the server: dial tcp: lookup k8s.example.org: no such host", "does not answer", True),
    ("Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout", "does not answer", True),
    ("Unable to connect to the server: net/http: TLS handshake timeout", "does not answer", True),
    ('Error: Kubernetes cluster unreachable: Get "https://127.0.0.1:6443/version": EOF', "does not answer", True),
    ('Error: Get "https://127.0.0.1:6443/api/v1/nodes": unexpected EOF', "does not answer", True),
    ("Error: gzip: unexpected EOF", "build on its result", False),
    ("Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not yet "
     "valid: current time 2026-11-25T17:00:00Z is after 2026-01-01T00:00:00Z", "not accepted", True),
    ("error: tls: failed to verify certificate: x509: certificate signed by unknown authority", "not accepted", True),
    ("error: You must be logged in to the server (Unauthorized)", "who you are", True),
    ('Error from server (Forbidden): pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the '
     'namespace "airflow"', "may not do this", False),
    ('Error from server (Forbidden): error when creating "postgres.yaml": persistentvolumeclaims "data" is forbidden: '
     "exceeded quota: small, requested: requests.storage=5Gi, used: 0, limited: 1Gi", "quota is used up", False),
    ('Error from server (Forbidden): error when creating "scripts.yaml": configmaps "demo-scripts" is forbidden: unable '
     "to create new content in namespace airflow because it is being terminated", "is being deleted", False),
    ('The Job "demo-init" is invalid: spec.template: Invalid value: core.PodTemplateSpec{}: field is immutable',
     "does not change this of an object", False),
    ('Error: UPGRADE FAILED: cannot patch "demo-triggerer" with kind StatefulSet: StatefulSet.apps "demo-triggerer" is '
     "invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals' are forbidden",
     "does not change this of an object", False),
    ('error: Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.init.py\nPlease review the fields '
     "above--they currently have other managers.", "somebody else changed", False),
    ('Error: UPGRADE FAILED: conflict occurred while applying object airflow/demo-scheduler apps/v1, Kind=StatefulSet: '
     'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
     "somebody else changed", False),
    ('Error: unable to continue with install: ServiceAccount "demo-scheduler" in namespace "airflow" exists and cannot be '
     "imported into the current release: invalid ownership metadata", "another release or person made it", False),
    ("Error: values don't meet the specifications of the schema(s) in the following chart(s):\nairflow:\n"
     "- (root): Additional property exektor is not allowed", "does not know one of the settings", False),
    ('Error: UPGRADE FAILED: failed to create resource: Service "demo-api-server" is invalid: spec.ports[0].nodePort: '
     "Invalid value: 30080: provided port is already allocated", "has this node port", False),
    ('Error: looks like "https://airflow.apache.org" is not a valid chart repository or cannot be reached: Get '
     '"https://airflow.apache.org/index.yaml": dial tcp: lookup airflow.apache.org: no such host', "chart cannot", False),
    ('Error: failed to perform "FetchReference" on source: Get "https://r.example.org/v2/airflow/manifests/1.22.0": dial '
     "tcp 10.0.0.9:443: i/o timeout", "chart cannot", False),
    ('Error: chart "airflow" matching 9.9.9 not found in https://airflow.apache.org index.', "chart cannot", False),
    ('Error: path "/srv/airflow.tgz" not found', "chart cannot", False),
    ("error: unable to write file: no space left on device", "disk is full", False),
    ("something that nobody knows", "build on its result", False),
]  # fmt: skip


@pytest.mark.parametrize(("said", "why", "gone"), SAID, ids=[said[:50] for said, _, _ in SAID])
def test_why_it_failed_is_read_from_what_it_said(said: str, why: str, gone: bool) -> None:
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
