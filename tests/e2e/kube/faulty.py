"""A cluster to break things in, how they are broken, and how long it takes until the reason is named."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_wizard.cluster import Cluster, Release
from airflow_wizard.diagnose.collectors import kube
from airflow_wizard.diagnose.evaluate import evaluate
from airflow_wizard.diagnose.evidence import Subject
from airflow_wizard.diagnose.fixed import still_wrong
from airflow_wizard.finding import Level
from airflow_wizard.run.runner import Runner
from airflow_wizard.workflows.fixing import choose, commands_plan
from tests.e2e.kube import recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.finding import Finding
    from airflow_wizard.run.step import Outcome

Object = dict[str, Any]
IMAGE = "postgres:16"
PROMISED = 15.0  # seconds from the evidence to its name
COMPONENTS = ("postgres", "api-server", "scheduler", "dag-processor", "triggerer")


@dataclass
class FaultCluster:
    """A kind cluster of the tests' own."""

    name: str
    kubeconfig: str

    @property
    def cluster(self) -> Cluster:
        """How it is reached."""
        return Cluster(f"kind-{self.name}", self.kubeconfig)

    @property
    def node(self) -> str:
        """Its only node."""
        return f"{self.name}-control-plane"

    def kubectl(self, *words: str, given: str = "", fine: bool = True) -> str:
        """What kubectl says; it has to succeed unless ``fine`` is False."""
        argv = self.cluster.with_kubectl(*words)
        done = subprocess.run(argv, input=given, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0 or not fine, f"{' '.join(words)}: {done.stderr}"
        return done.stdout + (done.stderr if not fine else "")

    def apply(self, *objects: Object) -> None:
        """Make objects."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply", "--filename", "-", given=json.dumps(listed))


@contextmanager
def own_cluster(folder: Path) -> Iterator[FaultCluster]:
    """A cluster that is there already, by its kubeconfig in the environment, or a new one for these tests alone."""
    given = os.environ.get("AIRFLOW_WIZARD_E2E_KIND", "")
    if given:
        name, _, kubeconfig = given.partition("=")
        yield FaultCluster(name, kubeconfig)
        return
    name, kubeconfig = f"faults-{secrets.token_hex(3)}", str(folder / "kubeconfig")
    image = os.environ.get("AIRFLOW_WIZARD_E2E_NODE", "kindest/node:v1.36.3")
    make = ("kind", "create", "cluster", "--name", name, "--image", image, "--kubeconfig", kubeconfig)
    try:
        subprocess.run((*make, "--wait", "180s"), check=True, capture_output=True, timeout=400)
        subprocess.run(
            ("kind", "load", "docker-image", "--name", name, IMAGE), check=True, capture_output=True, timeout=300
        )
        yield FaultCluster(name, kubeconfig)
    finally:
        subprocess.run(("kind", "delete", "cluster", "--name", name, "--kubeconfig", kubeconfig), check=False)


@dataclass
class Broken:
    """A stack in a namespace of its own, of which something is broken."""

    cluster: FaultCluster
    folder: Path
    name: str = field(default_factory=lambda: f"f{secrets.token_hex(3)}")
    passes: list[float] = field(default_factory=list)
    _recorded: Object = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        """It, as a diagnosis knows it."""
        url = "http://127.0.0.1:8080"
        return Subject(
            self.name, str(self.folder), url, "127.0.0.1", 8080, "v2", f"{self.folder}/dags", "", "uv", "kind"
        )

    @property
    def release(self) -> Release:
        """What of the cluster is its."""
        return Release(str(self.folder), self.cluster.cluster, self.name, self.name, COMPONENTS)

    def kubectl(self, *words: str, fine: bool = True) -> str:
        """In its namespace."""
        return self.cluster.kubectl("--namespace", self.name, *words, fine=fine)

    def look(self) -> tuple[Evidence, list[Finding]]:
        """One pass of the diagnosis."""
        began = time.monotonic()
        evidence = kube.collect(self.subject, self.release)
        self._recorded = recording.taken()
        found = evaluate(evidence)
        self.passes.append(time.monotonic() - began)
        return evidence, found

    def keep_as(self, name: str) -> None:
        """What was answered at the last look, where that is recorded."""
        recording.keep(name, self.name, self._recorded)

    def keep(self, path: str, *objects: Object) -> None:
        """Files of the stack's folder."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n---\n".join(json.dumps(one) for one in objects))

    def named(self, wanted: str, sign: Callable[[Evidence], bool], patience: float = 120.0) -> Named:
        """Wait until the finding is there; from the moment on at which the evidence is."""
        began = time.monotonic()
        seen_at: float | None = None
        found: list[Finding] = []
        while time.monotonic() - began < patience:
            at = time.monotonic()
            evidence, found = self.look()
            if seen_at is None and sign(evidence):
                seen_at = at
            hit = next((f for f in found if f.id == wanted), None)
            if hit is not None:
                now = time.monotonic()
                self.keep_as(wanted)
                return Named(hit, found, 0.0 if seen_at is None else now - seen_at, now - began)
            time.sleep(0.3)  # between two looks at a cluster; nothing could be waited on that all faults share
        raise AssertionError(f"{wanted} was not named; found: {[f.id for f in found]}")

    def fix(self, named: Finding) -> Outcome:
        """With one key: the first fix that can be applied, run by the runner and verified."""
        finding, fix = choose([named], named.id)

        def still() -> str:
            evidence, found = self.look()
            return still_wrong(finding, evidence, found)

        plan = commands_plan(str(self.folder), finding, fix, still)
        return Runner(plan=plan, on_event=lambda _: None).run()


@dataclass(frozen=True)
class Named:
    """A finding, all that were found with it, seconds since its evidence was there, seconds since it was waited for."""

    finding: Finding
    found: list[Finding]
    seconds: float
    waited: float

    @property
    def roots(self) -> list[str]:
        """Ids of what is no consequence and is wrong."""
        ids = {f.id for f in self.found}
        return [f.id for f in self.found if f.level in (Level.FAIL, Level.WARN) and not any(c in ids for c in f.causes)]


@contextmanager
def broken(cluster: FaultCluster, folder: Path) -> Iterator[Broken]:
    """A namespace with nothing in it yet, gone afterwards."""
    one = Broken(cluster, folder)
    cluster.kubectl("create", "namespace", one.name)
    try:
        yield one
    finally:
        cluster.kubectl("delete", "namespace", one.name, "--wait=false", fine=False)
        cluster.kubectl(
            "-n", one.name, "delete", "pods", "--all", "--force", "--grace-period=0", "--wait=false", fine=False
        )


# What keeps it running starts it again; a node need not have systemd, nor pkill.
_END_KUBELET = 'for one in /proc/[0-9]*; do [ "$(cat $one/comm 2>/dev/null)" != kubelet ] || kill "${one#/proc/}"; done'


@contextmanager
def disk_to_keep_free(cluster: FaultCluster, share: str) -> Iterator[None]:
    """The node's kubelet wants so much of its disk free; as it was afterwards, and the node well again."""
    file, kept = "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/config.before"
    inside = ("docker", "exec", cluster.node, "sh", "-c")
    change = (
        f"cp {file} {kept}; sed -i -e 's/nodefs.available: .*/nodefs.available: {share}/' "
        f"-e 's/^evictionPressureTransitionPeriod: .*/evictionPressureTransitionPeriod: 1s/' {file}; "
        f"grep -q 'nodefs.available: {share}' {file} && {_END_KUBELET}"
    )
    back = f"mv {kept} {file} && {_END_KUBELET}"
    try:
        subprocess.run((*inside, change), check=True, capture_output=True, timeout=60)
        yield
    finally:
        subprocess.run((*inside, back), check=True, capture_output=True, timeout=60)
        well = "jsonpath={.spec.taints}"
        cluster.kubectl("wait", "node", cluster.node, "--for=condition=DiskPressure=False", "--timeout=60s")
        cluster.kubectl("wait", "node", cluster.node, "--for=condition=Ready", "--timeout=60s")
        end = time.monotonic() + 60
        while cluster.kubectl("get", "node", cluster.node, "-o", well).strip():
            assert time.monotonic() < end, "the node keeps its taint"
            time.sleep(0.3)  # kubectl cannot wait for a field to go


def needs() -> str:
    """What is missing to have a cluster; empty when nothing is."""
    return ", ".join(tool for tool in ("kind", "kubectl", "docker") if shutil.which(tool) is None)


# What a stack is made of


def metadata(stack: Broken, component: str, name: str = "") -> Object:
    """Labels as the chart gives them."""
    labels = {"release": stack.name, "component": component, "tier": "airflow"}
    return {"name": name or f"{stack.name}-{component}", "namespace": stack.name, "labels": labels}


def container(component: str, script: str = "sleep 3600", **more: object) -> Object:
    """A container that runs a script."""
    asked = {"requests": {"cpu": "10m", "memory": "16Mi"}}
    command = ["sh", "-c", script]
    return {"name": component, "image": IMAGE, "command": command, "resources": asked, **more}


def pod_spec(*containers: Object, **more: object) -> Object:
    """A pod that ends at once when it is told to."""
    return {"terminationGracePeriodSeconds": 0, "containers": list(containers), **more}


def workload(stack: Broken, component: str, spec: Object, kind: str = "Deployment", **more: object) -> Object:
    """A Deployment or StatefulSet."""
    about = metadata(stack, component)
    chosen = {"release": stack.name, "component": component}
    body: Object = {
        "replicas": 1,
        "selector": {"matchLabels": chosen},
        "template": {"metadata": {"labels": about["labels"]}, "spec": spec},
        **({"serviceName": about["name"]} if kind == "StatefulSet" else {}),
        **more,
    }
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": about, "spec": body}


def job(stack: Broken, script: str, component: str = "init", **more: object) -> Object:
    """A job that is tried once."""
    about = metadata(stack, component)
    spec = {**pod_spec(container(component, script, **more)), "restartPolicy": "Never"}
    template = {"metadata": {"labels": about["labels"]}, "spec": spec}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": about,
        "spec": {"backoffLimit": 0, "template": template},
    }


def claim(stack: Broken, name: str, modes: tuple[str, ...] = ("ReadWriteOnce",), **more: object) -> Object:
    """A claim of the stack."""
    spec = {"accessModes": list(modes), "resources": {"requests": {"storage": "1Gi"}}, **more}
    about = {**metadata(stack, "logs"), "name": name}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": about, "spec": spec}


def mounting(name: str) -> Object:
    """What a pod says to mount a claim."""
    return {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": name}}]}


def secret(stack: Broken, name: str, **data: str) -> Object:
    """A Secret."""
    about = {**metadata(stack, "keys"), "name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": about, "stringData": data}


def postgres(stack: Broken) -> tuple[Object, Object]:
    """A database that works, and its service."""
    ready = {"exec": {"command": ["pg_isready", "-h", "127.0.0.1", "-U", "airflow"]}, "periodSeconds": 1}
    one = container("postgres", readinessProbe=ready)
    one["env"] = [{"name": "POSTGRES_USER", "value": "airflow"}, {"name": "POSTGRES_PASSWORD", "value": "right-one"}]
    del one["command"]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(stack, "postgres"),
        "spec": {"selector": {"release": stack.name, "component": "postgres"}, "ports": [{"port": 5432}]},
    }
    return workload(stack, "postgres", pod_spec(one), "StatefulSet"), service


# What the evidence is


def event(reason: str, text: str = "") -> Callable[[Evidence], bool]:
    """An event was told."""

    def sign(evidence: Evidence) -> bool:
        events = (evidence.cluster.events if evidence.cluster else None) or ()
        return any(e.reason == reason and text in e.message for e in events)

    return sign


def state(*reasons: str) -> Callable[[Evidence], bool]:
    """A container is in that state, or ended so."""

    def sign(evidence: Evidence) -> bool:
        pods = (evidence.cluster.pods if evidence.cluster else None) or ()
        return any(c.reason in reasons or c.ended in reasons for p in pods for c in p.containers)

    return sign


def ended_twice(evidence: Evidence) -> bool:
    """A container ended badly, and did so again."""
    pods = (evidence.cluster.pods if evidence.cluster else None) or ()
    return any(c.restarts and c.exit_code and c.state != "running" for p in pods for c in p.containers)


def line(text: str) -> Callable[[Evidence], bool]:
    """A line was written."""

    def sign(evidence: Evidence) -> bool:
        return any(text in one for lines in evidence.lines.values() for one in lines)

    return sign


def at_once(evidence: Evidence) -> bool:
    """It is there as soon as the object is."""
    return bool(evidence.cluster)


# What is promised of each


def as_root(named: Named, told: list[str]) -> Finding:
    """It is what everything else follows from, and was named in time."""
    told.append(f"{named.finding.id}: {named.seconds:.1f} s after its evidence, {named.waited:.1f} s after the fault")
    assert named.roots == [named.finding.id], [(x.id, x.causes) for x in named.found]
    assert named.seconds <= PROMISED
    assert named.finding.evidence
    assert named.finding.fixes
    return named.finding


def fixed(stack: Broken, finding: Finding, told: list[str]) -> None:
    """With one key, and seen to be gone."""
    outcome = stack.fix(finding)
    assert outcome.ok, [x.found for x in outcome.findings]
    told.append(f"fixed in {outcome.elapsed:.1f} s")
