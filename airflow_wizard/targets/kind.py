"""A Kubernetes cluster inside containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.kube.database import IMAGE as POSTGRES_IMAGE
from airflow_wizard.checks.engine import KIND_COMFORT
from airflow_wizard.options.model import Target
from airflow_wizard.run import actions, kube_actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets import kube_launch
from airflow_wizard.targets.kube import KubeTarget, remove_files
from airflow_wizard.targets.model import Verdict
from airflow_wizard.targets.needs import engine_verdict, missing_tools
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.host.facts import HostFacts

_REDIS = "redis:7.2-bookworm"  # of every chart that is known


class Kind(KubeTarget):
    """See `KubeTarget`. The cluster is the stack's own: it is made, stopped and deleted with it."""

    name = Target.KIND
    title = "kind"
    minutes = 3.0
    memory = KIND_COMFORT
    about = (
        "A throw-away Kubernetes cluster in containers on this machine. Best for trying the chart and pod operators."
    )

    def judge(self, facts: HostFacts) -> tuple[Verdict, str]:
        """Needs an engine with 6 GB, kind, kubectl and helm."""
        if blocked := engine_verdict(facts):
            return blocked
        if facts.text("docker", "cgroup_version") == "1" and facts.value("docker", "rootless") is True:
            return Verdict.CANNOT, "kind refuses a rootless engine on control groups v1"
        if missing := missing_tools(facts, "kind", "kubectl", "helm"):
            return missing
        memory = facts.number("docker", "memory")
        if memory is not None and memory < KIND_COMFORT:
            return Verdict.NEEDS, f"6 GB for the engine, which has {human_bytes(memory)}"
        return Verdict.FITS, "about 3 minutes, 6 GB"

    def cluster_steps(self, request: StackRequest) -> list[Step]:
        """Images and cluster, and the images in it."""
        kind, answers = own_cluster(request), request.answers
        images = images_of(request)
        steps = []
        if answers.integer("node_port"):
            port = kube_actions.CheckKindPort(kind, answers.text("bind"), answers.integer("port"))
            steps.append(Step("port", "Look at the port", port))
        wanted = (answers.text("node_image"), *images)
        pull = ("docker", "pull", wanted[0])
        load = ("kind", "load", "docker-image", *images, "--name", kind.name)
        return [
            *steps,
            Step("pull", "Bring the images", actions.PullImages(wanted, request.folder), pull),
            Step("cluster", "Make the cluster", kube_actions.MakeKindCluster(kind), kind.create(), usual=40.0),
            Step("load", "Give the images to the nodes", kube_actions.LoadImages(kind, images), load, usual=20.0),
            Step("nodes", "Nodes are ready", kube_actions.AwaitNodes(kube_launch.release(request)), usual=10.0),
        ]

    def stop(self, request: StackRequest) -> tuple[Step, ...]:
        """Stop the nodes: nothing of the cluster uses memory then."""
        nodes = self._switch(request, "stop", "Stop the cluster's nodes")
        return (*kube_launch.forward_steps(request, "stop"), nodes)

    def start(self, request: StackRequest) -> tuple[Step, ...]:
        """Start the nodes, and wait until Airflow beats."""
        return (
            self._switch(request, "start", "Start the cluster's nodes"),
            Step("nodes", "Nodes are ready", kube_actions.AwaitNodes(kube_launch.release(request)), usual=15.0),
            *self.way_in(request),
            *kube_launch.wait_steps(request),
        )

    @staticmethod
    def _switch(request: StackRequest, verb: str, title: str) -> Step:
        kind = own_cluster(request)
        action = kube_actions.SwitchKindNodes(kind, "stop" if verb == "stop" else "start")
        return kube_launch.step(verb, title, action, ("docker", verb, f"{kind.name}-control-plane"))

    def destroy(self, request: StackRequest, *, images: bool = False, cluster: bool = False) -> tuple[Step, ...]:
        """Delete the cluster with everything in it, and the stack's files."""
        kind = own_cluster(request)
        action = kube_actions.RemoveKindCluster(kind)
        del images, cluster
        return (
            *kube_launch.forward_steps(request, "stop"),
            kube_launch.step("cluster", "Delete the cluster", action, kind.delete(), destroys=True),
            *remove_files(request),
        )


def own_cluster(request: StackRequest) -> kube_actions.KindCluster:
    """The stack's cluster."""
    nodes = request.answers.integer("nodes")
    return kube_actions.KindCluster(request.folder, settings.cluster(request), kube_launch.cluster(request), nodes)


def images_of(request: StackRequest) -> tuple[str, ...]:
    """Images that pods of the stack run."""
    found = [request.answers.text("image")]
    found += [] if settings.is_external(request) else [POSTGRES_IMAGE]
    return (*found, *([_REDIS] if settings.has_celery(request) else []))


TARGET = Kind()
