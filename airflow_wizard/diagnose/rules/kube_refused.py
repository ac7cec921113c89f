"""Rules about containers that the node refuses to start: no program of theirs ever ran. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.kube_config import refers
from airflow_wizard.diagnose.rules.kube_model import describe, means, named, part, part_of, pods
from airflow_wizard.diagnose.rules.model import launch_again
from airflow_wizard.finding import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import PodContainerFact

# The kubelet's words while it waits, and those of an end in which no program had a say. One refusal goes through
# several of them: containerd's is RunContainerError, StartError, then CrashLoopBackOff; Docker's ContainerCannotRun.
_WAITS = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")
_ENDED = ("StartError", "ContainerCannotRun")
# Each layer puts its own words before those of the layer below; the kubelet says behind them which container it is.
_AROUND = re.compile(
    r"^.*(?:unable to start container process|error during container init|runc create failed|create containerd task): "
    r"|: unknown$| \(pod: .*, container: .*\)$"
)


def refusal(container: PodContainerFact) -> str:
    """What the node said when it refused to start a container, or its reason; empty when it did not refuse."""
    if container.state == "waiting" and container.reason in _WAITS:
        return "" if refers(container.message) else container.message or container.reason
    if container.state != "running" and container.ended in _ENDED:
        return container.ended_message or container.ended
    return ""


def refused(evidence: Evidence) -> Iterator[Finding]:
    """Containers whose program is not in the image, whose user is not allowed, and the like."""
    cluster = evidence.cluster
    if cluster is None:
        return
    for pod in pods(evidence):
        for container in pod.containers:
            told = refusal(container)
            if not told:
                continue
            reason = container.reason if container.reason in _WAITS else container.ended
            yield Finding(
                f"component.refused.{part_of(pod, container)}",
                Level.FAIL,
                named(part(pod)),
                f"{container.name} cannot be started: {_AROUND.sub('', told)[:300]}",
                "a container that its node can start",
                means(pod.component),
                evidence=(f"Pod {pod.name}: {reason}: {told[:600]}",),
                fixes=(describe(cluster, "pod", pod.name), launch_again(evidence.subject)),
            )


RULES = (refused,)
