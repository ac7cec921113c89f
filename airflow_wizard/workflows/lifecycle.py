"""Stop, start, restart, down, destroy: each is a plan, run by the same runner as a launch."""

from __future__ import annotations

import os
import shlex
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from airflow_wizard.errors import InvalidError, StackStateError, StepFailedError, UsageError, WizardError
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Target
from airflow_wizard.profile.model import Profile
from airflow_wizard.run import actions, kube_actions
from airflow_wizard.run.runner import Runner
from airflow_wizard.run.step import Outcome, Plan, Step
from airflow_wizard.targets.registry import target
from airflow_wizard.workflows.disk_size import size_of
from airflow_wizard.workflows.own_cluster import with_own_cluster
from airflow_wizard.workflows.planning import make_request, request_of
from airflow_wizard.workflows.secrets import read_secrets, values_to_hide

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.run.registry import StackRecord
    from airflow_wizard.run.step import OutputEvent, StepEvent

Verb = Literal["stop", "start", "restart", "down", "reset", "destroy"]

_WHAT = {
    "venv": "virtual environment with Airflow",
    "airflow.db": "database: runs, connections, variables, users",
    "airflow.db-wal": "its latest changes",
    "airflow.db-shm": "its index of them",
    "webserver_config.py": "made by Airflow",
    "airflow-webserver.pid": "made by Airflow",
    "simple_auth_manager_passwords.json.generated": "made by Airflow",
    "plugins/__pycache__": "made by Python",
    "run": "what the supervisor observed",
    "logs": "logs of Airflow and of every task",
    ".env": "keys and password",
    ".airflow-wizard": "journal, backups, state",
}


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a verb goes.

    Attributes:
        unit: for ``stop``, ``start`` and ``restart``: only this component.
        volumes: for ``down``: the database as well.
        images: for ``destroy``: the images as well.
        cluster: for ``destroy``: the cluster that kubeadm made for the stack as well.
    """

    unit: str | None = None
    volumes: bool = False
    images: bool = False
    cluster: bool = False


ALL = Extent()


def plan_for(verb: Verb, stack: StackRecord, extent: Extent = ALL) -> Plan:
    """The plan of a verb for a stack.

    Args:
        verb: what to do. ``down`` is ``stop`` where nothing but processes runs; ``reset`` takes the database away, and
            the next launch makes it anew.
        stack: which one.
        extent: how far.

    Raises:
        StackStateError: the stack's folder cannot tell what it is.
        UsageError: there is no such unit.
        InvalidError: its keys cannot be read, and it is to be started.
        StepFailedError: it is to be started, and its launch never came to the end of the installation.
    """
    request = with_own_cluster(_request(verb, stack))
    if verb in ("start", "restart"):
        _refuse_unfinished(stack, request)
        read_secrets(Path(stack.folder))
    return Plan(
        purpose=verb,
        target=stack.target,
        stack=stack.name,
        folder=stack.folder,
        steps=_steps(verb, request, extent),
    )


def _request(verb: Verb, stack: StackRecord) -> StackRequest:
    """What the plan is made from; ending a stack must not depend on a state file that can be damaged."""
    try:
        return request_of(stack)
    except (StackStateError, InvalidError) as damaged:
        if verb != "destroy" and not Path(stack.folder).is_dir():
            raise _folder_gone(stack) from damaged
        if verb in ("start", "restart"):
            raise _with_way_out(damaged, stack) from damaged.__cause__
        given = {"airflow_version": stack.airflow_version}
        profile = Profile(name=stack.name, target=Target(stack.target), given=given)
        try:
            return make_request(profile, HostFacts(), name=stack.name, folder=Path(stack.folder), for_display=True)
        except InvalidError:
            raise _with_way_out(damaged, stack) from damaged.__cause__


def _folder_gone(stack: StackRecord) -> StackStateError:
    return StackStateError(
        f"{stack.folder}, the folder of {stack.name}, is gone",
        why="it was moved or removed without the wizard",
        next=f"if it was moved: airflow-wizard status NEW_FOLDER\n"
        f"if it was removed: airflow-wizard destroy {stack.name} --confirm {stack.name}",
    )


def _with_way_out(damaged: WizardError, stack: StackRecord) -> WizardError:
    script = Path(stack.folder) / "stack"
    damaged.next += f"\nto end what runs: {shlex.quote(str(script))} stop" if script.exists() else ""
    return damaged


def _refuse_unfinished(stack: StackRecord, request: StackRequest) -> None:
    """A supervisor would start what is not there again and again.

    Raises:
        StepFailedError: a command of the launch has not left what it produces.
    """
    folder = Path(stack.folder)
    for step in target(request.answers.target).launch(request):
        action = step.action
        if not isinstance(action, actions.RunCommand):
            continue
        missing = [p for p in (action.stamp, *action.produces) if p and not (folder / p).exists()]
        if missing:
            raise StepFailedError(
                f"the launch of {stack.name} was not finished: {step.title!r} is still to be done",
                step=step.id,
                evidence=tuple(f"there is no {folder / path}" for path in missing),
                why="Airflow cannot run before; it would only be started again and again",
                next=f"finish it: airflow-wizard up --name {stack.name}",
            )


def _steps(verb: Verb, request: StackRequest, extent: Extent) -> tuple[Step, ...]:
    module = target(request.answers.target)
    if extent.unit is not None and verb in ("stop", "start", "restart"):
        units = module.single_units(request)
        if extent.unit not in units:
            raise UsageError(f"there is no unit {extent.unit!r}", next=f"choose one of: {', '.join(units)}")
        return module.act(request, verb, extent.unit)
    if verb == "stop":
        return module.stop(request)
    if verb == "down":
        return module.down(request, volumes=extent.volumes)
    if verb == "start":
        return module.start(request)
    if verb == "reset":
        return module.down(request, volumes=True)
    if verb == "destroy":
        return module.destroy(request, images=extent.images, cluster=extent.cluster)
    return (*module.stop(request), *module.start(request))


def run(
    plan: Plan,
    *,
    on_event: Callable[[StepEvent | OutputEvent], None],
    cancel: threading.Event | None = None,
    url: str = "",
) -> Outcome:
    """Run a plan of this module.

    Raises:
        LockedError: another wizard works on the same stack.
        InterruptedByUserError: ``cancel`` was set.
    """
    return Runner(
        plan=plan,
        on_event=on_event,
        cancel=cancel or threading.Event(),
        secrets=values_to_hide(Path(plan.folder)),
        url=url,
    ).run()


def removal_report(verb: Verb, stack: StackRecord, extent: Extent = ALL) -> list[tuple[str, int, str]]:
    """What a verb takes away: (path or name, bytes on disk, what it is), of what is there now.

    Raises:
        EngineUnreachableError: the engine has part of it and does not answer.
    """
    report: list[tuple[str, int, str]] = []
    for step in plan_for(verb, stack, extent).steps:
        action = step.action
        if isinstance(action, actions.RemoveProject):
            from airflow_wizard.workflows.removal import of_project

            report += of_project(action)
        elif isinstance(action, kube_actions.RemoveKindCluster):
            from airflow_wizard.workflows.cluster_removal import of_kind

            report += of_kind(action)
        elif isinstance(action, kube_actions.RemoveRelease):
            from airflow_wizard.workflows.cluster_removal import of_release

            report += of_release(action)
        elif isinstance(action, kube_actions.KubeadmReset):
            from airflow_wizard.workflows.own_cluster import of_kubeadm

            report += of_kubeadm()
        elif isinstance(action, actions.RemovePaths):
            paths = [(name, Path(stack.folder) / name) for name in action.paths]
            report += [(str(p), size_of(p), _WHAT.get(n, "made by the wizard")) for n, p in paths if os.path.lexists(p)]
    return report
