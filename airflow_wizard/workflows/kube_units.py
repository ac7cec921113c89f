"""What can be done to a pod, as commands for kubectl. Pure but for `release_of`."""

from __future__ import annotations

import shlex
from functools import lru_cache
from typing import TYPE_CHECKING

from airflow_wizard.status.snapshot import UnitState
from airflow_wizard.workflows.places import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.cluster import Release
    from airflow_wizard.run.registry import StackRecord
    from airflow_wizard.status.snapshot import Unit

SHELL = "command -v bash >/dev/null && exec bash || exec sh"
# The wizard's own, labelled as Kubernetes recommends; the rest is the chart's.
_OWN = ("postgres",)
_GOING = (UnitState.DONE, UnitState.TERMINATING)


@lru_cache(maxsize=8)
def release_of(stack: StackRecord) -> Release | None:
    """What of a cluster is a stack's; read once, since a key that is pressed must not wait for a file.

    Raises:
        StackStateError: the stack's folder cannot tell what it is.
    """
    return place_of(stack).release


def shell_command(release: Release, unit: Unit) -> tuple[str, ...]:
    """A shell in the main container of a pod."""
    words = ("exec", "--stdin", "--tty", unit.container, *_container(unit), "--", "sh", "-c", SHELL)
    return release.cluster.with_kubectl("--namespace", release.namespace, *words)


def verbs(release: Release, unit: Unit) -> Iterator[tuple[str, str, str]]:
    """(id, title, command) of what restarts, stops and starts; a component is stopped as a whole."""
    component = unit.component
    if component not in release.components or unit.state in _GOING:
        return
    own = component in _OWN
    instance, which = ("app.kubernetes.io/instance", "app.kubernetes.io/component") if own else ("release", "component")
    labels = f"{instance}={release.name},{which}={component}"

    def command(*words: str) -> str:
        kubectl = release.cluster.with_kubectl("--namespace", release.namespace, *words)
        return shlex.join((*kubectl, "--selector", labels))

    many = f" all of {component}" if unit.id != component else ""
    if not unit.container and unit.state is UnitState.EXITED:
        yield "start", "Start", command("scale", "statefulset,deployment", "--replicas=1")
        return
    yield "restart", f"Restart{many}", command("rollout", "restart", "statefulset,deployment")
    yield "stop", f"Stop{many}", command("scale", "statefulset,deployment", "--replicas=0")


def previous_command(release: Release, unit: Unit) -> str:
    """The log of the run before."""
    words = ("logs", "--previous", unit.container, *_container(unit))
    return shlex.join(release.cluster.with_kubectl("--namespace", release.namespace, *words))


def _container(unit: Unit) -> tuple[str, ...]:
    main = next((part.name for part in unit.parts if part.kind == "main"), "")
    return ("--container", main) if main else ()
