"""How one container of a pod is, in words. Pure.

Kubernetes, "Pod Lifecycle": a container is waiting, running or terminated; its reason is what says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.engines.kube_pods import Part
from airflow_wizard.status.rules import how_it_ended
from airflow_wizard.status.snapshot import Health, UnitState
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.engines.kube_pods import PodContainer

# Nothing of it runs yet, and nothing is wrong.
_ON_ITS_WAY = ("", "ContainerCreating", "PodInitializing")
_NO_IMAGE = {
    "ErrImagePull": "its image cannot be pulled",
    "ImagePullBackOff": "its image cannot be pulled",
    "ErrImageNeverPull": "its image is not on the node, and must not be pulled",
    "InvalidImageName": "the name of its image is none",
    "ImageInspectError": "its image cannot be read",
    "RegistryUnavailable": "the registry does not answer",
}
_NOT_MADE = {
    "CreateContainerConfigError": "what it is configured with is missing",
    "CreateContainerError": "it cannot be made",
    "RunContainerError": "it cannot be started",
    "ContainerCannotRun": "it cannot be started",
    "StartError": "it cannot be started",
}
OOM = "OOMKilled"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How something is: state, health, and why it is not fine."""

    state: UnitState
    health: Health = Health.NONE
    why: str = ""

    @property
    def fine(self) -> bool:
        """Nothing is wrong with it."""
        return self.health is not Health.UNHEALTHY


def verdict(container: PodContainer, *, once: bool) -> Verdict:
    """How a container is.

    Args:
        container: which.
        once: it is not started again after its end.
    """
    if container.state == "running":
        return Verdict(UnitState.RUNNING)
    if container.state == "terminated":
        return _over(container, once=once or container.part is Part.INIT)
    return _waiting(container)


def _over(container: PodContainer, *, once: bool) -> Verdict:
    code = container.exit_code
    if code == 0 and once:
        return Verdict(UnitState.DONE)
    ended = how_ended(container.reason, code, container)
    if container.part is Part.INIT or not once:
        return Verdict(UnitState.RESTARTING, Health.UNHEALTHY, f"{ended}; is started again{_times(container)}")
    return Verdict(UnitState.EXITED, Health.UNHEALTHY, ended)


def _waiting(container: PodContainer) -> Verdict:
    reason = container.reason
    if reason in _ON_ITS_WAY:
        again = container.last_code is not None and container.restarts
        if again:
            ended = how_ended(container.last_reason, container.last_code, container)
            return Verdict(UnitState.RESTARTING, Health.UNHEALTHY, f"{ended}; is started again{_times(container)}")
        return Verdict(UnitState.STARTING, Health.STARTING)
    if reason == "CrashLoopBackOff":
        ended = how_ended(container.last_reason, container.last_code, container)
        return Verdict(UnitState.RESTARTING, Health.UNHEALTHY, f"{ended}; is started again{_times(container)}")
    known = _NO_IMAGE.get(reason) or _NOT_MADE.get(reason)
    said = _said(container)
    return Verdict(UnitState.PENDING, Health.UNHEALTHY, f"{known or reason}{f': {said}' if said else ''}")


def _said(container: PodContainer) -> str:
    """The registry's own words: those that every such message begins with say nothing."""
    said = container.message.strip()
    if container.reason in _NO_IMAGE and container.image:
        found = said.partition("failed to pull and unpack image")[2] or said
        last = found.rpartition(": ")[2].strip(' "') if ": " in found else found
        said = f"{container.image}: {last}" if last and last != container.image else container.image
    return said


def how_ended(reason: str, code: int | None, container: PodContainer) -> str:
    """The end of a run in words, by Kubernetes' reason and the exit code."""
    if reason == OOM:
        limit = f" (limit {human_bytes(container.memory_limit)})" if container.memory_limit else ""
        return f"ran out of memory and was killed{limit}"
    if reason in _NOT_MADE:
        said = f": {container.message}" if container.message else ""
        return f"{_NOT_MADE[reason]}{said}"
    return how_it_ended(code)


def _times(container: PodContainer) -> str:
    return f", {container.restarts} times so far" if container.restarts > 1 else ""


def short(container: PodContainer, seen: Verdict) -> str:
    """Its state in a word or two: the field's own, where there is one."""
    if container.state == "waiting" and container.reason:
        return container.reason
    if container.state == "terminated" and seen.state is not UnitState.DONE:
        return container.reason or f"exit {container.exit_code}"
    if container.state == "running" and not container.ready and container.part is not Part.INIT:
        return "running, not ready"
    return str(seen.state)
