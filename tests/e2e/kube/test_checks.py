"""What is known of a real cluster before anything is started there, and why one cannot be asked."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.kube import faulty as f

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.wizard import Wizard

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(f.needs()), reason=f"needs {f.needs()}"),
]
# The whole of it on a healthy host may take two seconds; a test machine has more to do than that.
PATIENT = 12.0
STACK = "any-cluster"  # as the profile is called
OURS = {"app.kubernetes.io/managed-by": "airflow-wizard"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[f.FaultCluster]:
    """One for all of them."""
    with f.own_cluster(tmp_path_factory.mktemp("cluster")) as one:
        yield one


@pytest.fixture
def place(cluster: f.FaultCluster, tmp_path: Path) -> Iterator[str]:
    """A namespace of its own."""
    name = f"checks-{abs(hash(tmp_path)) % 10**8}"
    cluster.kubectl("create", "namespace", name)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@dataclass
class Looked:
    """What ``check --json`` said."""

    code: int
    findings: dict[str, dict[str, Any]]
    facts: dict[str, Any]
    seconds: float

    def level(self, check: str) -> str:
        """Of one finding."""
        return str(self.findings[check]["level"])

    def commands(self, check: str) -> list[list[str]]:
        """Every command its fixes name."""
        return [command for fix in self.findings[check]["fixes"] for command in fix["commands"]]


def look(wizard: Wizard, context: str, kubeconfig: str, namespace: str = "", **answers: str) -> Looked:
    """One check of a cluster by the command line."""
    given = {"context": context, "kubeconfig": kubeconfig, **({"namespace": namespace} if namespace else {}), **answers}
    words = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
    started = time.monotonic()
    done = wizard.run("check", "--profile", "any-cluster", *words, "--json").honest()
    seconds = time.monotonic() - started
    said = done.json()
    found = {finding["id"]: finding for finding in said["findings"]}
    assert seconds < PATIENT, seconds
    return Looked(done.code, found, said["facts"], seconds)


def config(tmp_path: Path, cluster: f.FaultCluster, user: dict[str, Any], **server: Any) -> str:  # noqa: ANN401 - JSON
    """A kubeconfig for the real cluster with another user, or another server."""
    view = ("config", "view", "--minify", "--raw", "--flatten", "--output", "json")
    known = json.loads(cluster.kubectl(*view))
    known["clusters"][0]["cluster"].update(server)
    known["users"] = [{"name": "u", "user": user}]
    known["contexts"] = [{"name": "c", "context": {"cluster": known["clusters"][0]["name"], "user": "u"}}]
    # One that is there no more: it must never be taken instead of the one that was named.
    known["current-context"] = "gone"
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(known))
    return str(path)


def mine(cluster: f.FaultCluster) -> dict[str, Any]:
    """How the cluster's administrator signs in."""
    view = ("config", "view", "--minify", "--raw", "--flatten", "--output", "json")
    user: dict[str, Any] = json.loads(cluster.kubectl(*view))["users"][0]["user"]
    return user


def token(cluster: f.FaultCluster, namespace: str, role: str) -> str:
    """A person who has a role in one namespace."""
    cluster.kubectl("-n", namespace, "create", "serviceaccount", "dev")
    bind = ("create", "rolebinding", "dev", f"--clusterrole={role}", f"--serviceaccount={namespace}:dev")
    cluster.kubectl("-n", namespace, *bind)
    return cluster.kubectl("-n", namespace, "create", "token", "dev").strip()


def test_a_healthy_cluster(wizard: Wizard, cluster: f.FaultCluster, place: str) -> None:
    seen = look(wizard, f"kind-{cluster.name}", cluster.kubeconfig, place, executor="LocalExecutor")
    assert {check: seen.level(check) for check in seen.findings if seen.level(check) not in ("ok", "info")} == {}
    assert seen.code == 0
    facts = seen.facts["cluster"]["value"]
    assert facts["user"] == "kubernetes-admin"
    (node,) = facts["nodes"]
    assert node["cpu"] > 0
    assert node["used_pods"] >= 5
    assert seen.facts["cluster_storage"]["value"]["classes"][0]["modes"] == ["ReadWriteOnce"]


def test_an_edit_role_is_told_what_is_missing_and_an_admin_role_is_enough(
    wizard: Wizard, cluster: f.FaultCluster, place: str, tmp_path: Path
) -> None:
    kubeconfig = config(tmp_path, cluster, {"token": token(cluster, place, "edit")})
    seen = look(wizard, "c", kubeconfig, place)
    assert seen.code == 1
    assert seen.level("kube.rights") == "fail"
    assert "rolebindings" in seen.findings["kube.rights"]["found"]
    (command,) = seen.commands("kube.rights")
    # What the finding says is typed by an administrator, word for word.
    cluster.kubectl(*command[1:])
    after = look(wizard, "c", kubeconfig, place)
    assert after.level("kube.rights") == "ok"
    assert after.level("kube.nodes") == "unknown"


def test_a_namespace_that_may_not_be_made_is_told_before_anything_starts(
    wizard: Wizard, cluster: f.FaultCluster, place: str, tmp_path: Path
) -> None:
    kubeconfig = config(tmp_path, cluster, {"token": token(cluster, place, "admin")})
    seen = look(wizard, "c", kubeconfig, f"{place}-new")
    assert seen.level("kube.rights") == "fail"
    assert ["kubectl", "create", "namespace", f"{place}-new"] in seen.commands("kube.rights")
    up = wizard.run(
        "up", "--profile", "any-cluster", "--name", "demo", "--yes", "--json", "--set", "context=c",
        "--set", f"kubeconfig={kubeconfig}", "--set", f"namespace={place}-new",
    )  # fmt: skip
    assert up.honest().code == 3
    assert not cluster.kubectl("get", "namespace", f"{place}-new", "--ignore-not-found")


def test_nobody_listens(wizard: Wizard, cluster: f.FaultCluster, tmp_path: Path) -> None:
    seen = look(wizard, "c", config(tmp_path, cluster, {"token": "t"}, server="https://127.0.0.1:1"))
    assert seen.facts["cluster"]["value"]["error_kind"] == "refused"
    assert seen.level("kube.reachable") == "fail"
    assert seen.findings["kube.storage"]["causes"] == ["kube.reachable"]
    where = ("--set", "context=c", "--set", f"kubeconfig={tmp_path / 'kubeconfig'}")
    assert wizard.run("up", "--profile", "any-cluster", "--name", "demo", "--yes", "--json", *where).code == 4


def test_a_context_that_is_gone(wizard: Wizard, cluster: f.FaultCluster, tmp_path: Path) -> None:
    seen = look(wizard, "gone", config(tmp_path, cluster, mine(cluster)))
    assert seen.facts["cluster"]["value"]["error_kind"] == "no_context"


def test_the_named_context_is_taken_though_the_current_one_is_dead(
    wizard: Wizard, cluster: f.FaultCluster, tmp_path: Path
) -> None:
    assert look(wizard, "c", config(tmp_path, cluster, mine(cluster))).level("kube.reachable") == "ok"


def test_a_sign_in_that_hangs_is_ended_and_named(wizard: Wizard, cluster: f.FaultCluster, tmp_path: Path) -> None:
    program = tmp_path / "slow-sign-in"
    program.write_text("#!/bin/sh\nexec sleep 3061\n")
    program.chmod(0o755)
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(program), "interactiveMode": "Never"}
    seen = look(wizard, "c", config(tmp_path, cluster, {"exec": plugin}))
    assert seen.facts["cluster"]["value"]["error_kind"] == "plugin_hangs"
    assert "slow-sign-in does not end" in seen.findings["kube.reachable"]["found"]
    left = subprocess.run(("ps", "-eo", "args"), capture_output=True, text=True, check=True).stdout
    assert "sleep 3061" not in left


def test_a_sign_in_that_is_not_installed(wizard: Wizard, cluster: f.FaultCluster, tmp_path: Path) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "aws", "interactiveMode": "Never"}
    seen = look(wizard, "c", config(tmp_path, cluster, {"exec": plugin}))
    if shutil.which("aws") is None:
        assert seen.facts["cluster"]["value"]["error_kind"] == "plugin_missing"
        assert ["aws", "eks", "update-kubeconfig", "--name", "CLUSTER"] in seen.commands("kube.reachable")


def test_a_token_that_is_not_known_there(wizard: Wizard, cluster: f.FaultCluster, tmp_path: Path) -> None:
    seen = look(wizard, "c", config(tmp_path, cluster, {"token": "stale"}))
    assert seen.facts["cluster"]["value"]["error_kind"] == "unauthorized"


def test_a_server_of_another_authority(wizard: Wizard, cluster: f.FaultCluster, tmp_path: Path) -> None:
    made = ("openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=other", "-keyout", "/dev/null")
    other = subprocess.run(made, capture_output=True, check=True).stdout
    authority = base64.b64encode(other).decode()
    seen = look(wizard, "c", config(tmp_path, cluster, mine(cluster), **{"certificate-authority-data": authority}))
    assert seen.facts["cluster"]["value"]["error_kind"] == "unknown_authority"


def test_a_certificate_of_ours_that_has_ended(wizard: Wizard, cluster: f.FaultCluster, tmp_path: Path) -> None:
    # Signed by the cluster's own authority, for a day that is over.
    for name in ("ca.crt", "ca.key"):
        copy = ("docker", "cp", f"{cluster.node}:/etc/kubernetes/pki/{name}", str(tmp_path / name))
        subprocess.run(copy, check=True, capture_output=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "old.key")
    ask = ("openssl", "req", *key, "-subj", "/O=system:masters/CN=old", "-out", "old.csr")
    sign = ("openssl", "x509", "-req", "-in", "old.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial")
    for command in (ask, (*sign, "-days", "-1", "-out", "old.crt")):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    user = {
        "client-certificate-data": base64.b64encode((tmp_path / "old.crt").read_bytes()).decode(),
        "client-key-data": base64.b64encode((tmp_path / "old.key").read_bytes()).decode(),
    }
    seen = look(wizard, "c", config(tmp_path, cluster, user))
    facts = seen.facts["cluster"]["value"]
    assert (facts["error_kind"], facts["expired"][:2]) == ("certificate_expired", "20")
    assert "valid until" in seen.findings["kube.reachable"]["found"]
    assert "PRIVATE KEY" not in json.dumps(seen.facts)


def test_a_release_that_is_stuck(wizard: Wizard, cluster: f.FaultCluster, place: str) -> None:
    labels = {"owner": "helm", "name": "any-cluster", "status": "pending-upgrade", "version": "2"}
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "helm.sh/release.v1",
            "metadata": {"name": "sh.helm.release.v1.any-cluster.v2", "namespace": place, "labels": labels},
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "any-cluster-identity", "namespace": place, "labels": OURS},
        },
    )
    seen = look(wizard, f"kind-{cluster.name}", cluster.kubeconfig, place)
    assert seen.level("kube.leftovers") == "fail"
    assert "pending-upgrade (revision 2)" in seen.findings["kube.leftovers"]["found"]
    assert any(command[0] == "helm" and "rollback" in command for command in seen.commands("kube.leftovers"))


def test_what_somebody_else_installed_under_the_same_name_is_neither_changed_nor_removed(
    wizard: Wizard, cluster: f.FaultCluster, place: str, tmp_path: Path
) -> None:
    chart = tmp_path / "airflow"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: airflow\nversion: 1.22.0\n")
    thing = {"name": "data", "labels": {"release": "{{ .Release.Name }}"}}
    (chart / "templates" / "data.yaml").write_text(
        json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": thing})
    )
    helm = ("helm", "--kubeconfig", cluster.kubeconfig, "--namespace", place)
    subprocess.run([*helm, "install", STACK, str(chart)], check=True, capture_output=True, timeout=60)

    where = {"context": f"kind-{cluster.name}", "kubeconfig": cluster.kubeconfig, "namespace": place}
    given = {**where, "chart_source": str(chart), "executor": "LocalExecutor", "airflow_version": "3.3.2"}
    words = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
    up = wizard.up(*words, "--confirm-context", where["context"], profile="any-cluster")
    refused = wizard.run(*up)
    assert (refused.code, refused.events()[-1]["event"]) == (3, "failed"), refused.out + refused.err
    assert "was not installed by airflow-wizard" in refused.out

    insisted = wizard.run(*up, "--ignore-check", "all")
    assert insisted.code == 1, insisted.out + insisted.err
    assert "was not installed by airflow-wizard" in insisted.out
    left = wizard.run("destroy", STACK, "--confirm", STACK)
    assert left.code == 0, left.out + left.err
    listed = subprocess.run([*helm, "list", "--short"], check=True, capture_output=True, text=True, timeout=60).stdout
    assert listed.split() == [STACK]
    assert cluster.kubectl("-n", place, "get", "secrets", "-l", f"release={STACK}", "-o", "name").split()


def test_a_quota_that_leaves_too_little(wizard: Wizard, cluster: f.FaultCluster, place: str) -> None:
    cluster.kubectl("-n", place, "create", "quota", "small", "--hard=requests.memory=512Mi,pods=20")
    quota = ("get", "quota", "small", "-n", place, "--output=jsonpath={.status.hard.pods}")
    while cluster.kubectl(*quota) != "20":
        time.sleep(0.1)
    seen = look(wizard, f"kind-{cluster.name}", cluster.kubeconfig, place)
    assert seen.level("kube.quota") == "fail"
    assert "512 MB" in seen.findings["kube.quota"]["found"]


def test_a_namespace_that_restricts_pods_and_one_that_goes(wizard: Wizard, cluster: f.FaultCluster, place: str) -> None:
    cluster.kubectl("label", "namespace", place, "pod-security.kubernetes.io/enforce=restricted")
    seen = look(wizard, f"kind-{cluster.name}", cluster.kubeconfig, place)
    assert seen.level("kube.pod-security") == "warn"
    held = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x", "namespace": place, "finalizers": ["a/b"]},
    }
    cluster.apply(held)
    cluster.kubectl("delete", "namespace", place, "--wait=false")
    seen = look(wizard, f"kind-{cluster.name}", cluster.kubeconfig, place)
    cluster.kubectl("-n", place, "patch", "configmap", "x", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert "being deleted" in seen.findings["kube.leftovers"]["found"]
