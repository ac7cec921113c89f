"""From a profile and the facts to a plan. Reads what is there; changes nothing."""

from __future__ import annotations

import hashlib
import os
import platform
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard import paths
from airflow_wizard.artifacts import manifest as manifests
from airflow_wizard.artifacts.model import StackRequest
from airflow_wizard.artifacts.preview import FilePreview
from airflow_wizard.artifacts.preview import preview as preview_files
from airflow_wizard.artifacts.writer import read_on_disk
from airflow_wizard.catalog.load import release
from airflow_wizard.errors import HostUnfitError, InvalidError, StackStateError
from airflow_wizard.finding import Finding, Level
from airflow_wizard.options.advice import advise
from airflow_wizard.options.model import Kind, Target
from airflow_wizard.options.registry import option
from airflow_wizard.profile.model import Profile
from airflow_wizard.profile.resolve import resolve
from airflow_wizard.run import registry
from airflow_wizard.run.step import Plan
from airflow_wizard.targets.registry import target
from airflow_wizard.targets.standalone_install import uses_constraints
from airflow_wizard.workflows.moving import refuse_other_place
from airflow_wizard.workflows.secrets import refuse_other_database, stack_secrets

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.profile.model import Answers
    from airflow_wizard.run.registry import StackRecord

__all__ = ["FilePreview", "folder_of", "make_plan", "make_request", "preview", "request_of"]


def make_request(
    profile: Profile,
    facts: HostFacts,
    *,
    name: str | None = None,
    folder: Path | None = None,
    for_display: bool = False,
    existing: bool = False,
) -> StackRequest:
    """Everything a plan is computed from.

    Args:
        profile: what was asked for.
        facts: of the host the plan is for.
        name: of the stack; the profile's when None.
        folder: of the stack; one of its name in the wizard's stacks folder when None.
        for_display: placeholders instead of new secrets, so that the same profile always shows the same plan.
        existing: the stack is there; what it was installed from may be gone by now.

    Raises:
        InvalidError: an answer, the name or the folder cannot be used.
        HostUnfitError: a tool that the target installs with is not there.
        UsageError: a secret that only the person knows was not given.
    """
    answers = _with_homes(resolve(profile, facts))
    stack = registry.check_name(name or profile.name or "airflow")
    place = folder_of(profile, name=name, folder=folder)
    chosen = release(answers.text("airflow_version"))
    keys = target(answers.target).secret_keys(answers, chosen)
    if not existing:
        refuse_other_place(place, stack, answers)
        refuse_other_database(place, answers)
    secrets = stack_secrets(keys, place, answers, for_display=for_display)
    request = StackRequest(
        name=stack,
        folder=str(place),
        answers=answers,
        release=chosen,
        facts=facts,
        secrets=secrets,
        tools=_tools(answers, facts),
        inputs=_inputs(answers, place, missing_ok=existing),
        uid=_uid(),
    )
    target(answers.target).artifacts(request)
    return request


def folder_of(profile: Profile, *, name: str | None = None, folder: Path | None = None) -> Path:
    """Absolute folder that a stack of this profile is put into; checks of the host are about this one.

    Raises:
        InvalidError: no file of a stack could name it.
    """
    stack = name or profile.name or "airflow"
    found = _at_home(folder if folder is not None else paths.stacks_dir() / stack, "dir").absolute()
    try:
        str(found).encode()
    except UnicodeEncodeError as error:
        raise InvalidError(
            f"dir: {str(found)!r} has bytes in its name that are no UTF-8",
            why="the stack's own files name this folder, and they are UTF-8",
            next="choose another folder: --dir /PATH",
            key="dir",
        ) from error
    return found


def request_of(stack: StackRecord) -> StackRequest:
    """The request an existing stack was made from, read back from its folder.

    Raises:
        StackStateError: the folder's state cannot be read.
        InvalidError: it holds an answer that this version cannot use.
    """
    from airflow_wizard.host.facts import HostFacts

    state = registry.read_state(Path(stack.folder))
    given = {k: v for k, v in state.profile.items() if v not in (None, ())}
    profile = Profile(name=stack.name, target=Target(stack.target), given=given)
    return make_request(
        profile, HostFacts(), name=stack.name, folder=Path(stack.folder), for_display=True, existing=True
    )


def make_plan(request: StackRequest) -> Plan:
    """The launch plan: artifacts, steps from nothing to proven, and what is worth knowing beforehand."""
    module = target(request.answers.target)
    return Plan(
        purpose="launch",
        target=str(request.answers.target),
        stack=request.name,
        folder=request.folder,
        artifacts=module.artifacts(request),
        steps=module.launch(request),
        findings=tuple(_notes(request)),
        confirm=_confirm(request),
    )


def _confirm(request: StackRequest) -> str:
    """Name of the context, where the cluster is somebody else's and this stack was not put there before."""
    if request.answers.target is not Target.CONTEXT:
        return ""
    context = request.answers.text("context")
    try:
        known = registry.read_state(Path(request.folder)).profile.get("context")
    except StackStateError:
        known = None
    return "" if known == context else context


def preview(plan: Plan) -> list[FilePreview]:
    """What writing the plan's files would do to each of them; secrets are masked.

    Raises:
        StackStateError: the stack was written by a newer wizard.
    """
    folder = Path(plan.folder)
    return preview_files(plan.artifacts, read_on_disk(folder, plan.artifacts), manifests.load(folder))


def _with_homes(answers: Answers) -> Answers:
    """The answers with ``~`` expanded in paths: Airflow takes it literally."""
    changed = {
        name: str(_at_home(Path(value), name))
        for name, value in answers.values.items()
        if isinstance(value, str) and value.startswith("~") and option(name).kind is Kind.PATH
    }
    return replace(answers, values={**answers.values, **changed}) if changed else answers


def _at_home(path: Path, key: str) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise InvalidError(
            f"{key}: {str(path)!r} is in the home folder of somebody who is not known here",
            next=f"write it as an absolute path: {key}=/PATH",
            key=key,
        ) from error


def _tools(answers: Answers, facts: HostFacts) -> dict[str, str]:
    if answers.target is not Target.STANDALONE:
        return {}
    uv = facts.text("uv", "path")
    uv_fact = facts.get("uv")
    if uv_fact is not None and not uv:
        raise HostUnfitError(
            "uv was not found",
            why="it makes the virtual environment and installs Airflow",
            next="python3 -m pip install uv",
        )
    wanted = answers.text("python")
    python = wanted
    found = facts.value("pythons", "found")
    for entry in found if isinstance(found, list) else ():
        if isinstance(entry, dict) and entry.get("version") == wanted and isinstance(entry.get("path"), str):
            python = str(entry["path"])
            break
    return {"uv": uv or "uv", "python": python}


def _uid() -> int | None:
    # On a Mac the engine lives in a virtual machine that gives shared files to whoever asks.
    return os.getuid() if platform.system() == "Linux" else None


def _inputs(answers: Answers, folder: Path, *, missing_ok: bool) -> dict[str, str]:
    name = answers.text("requirements")
    if not name:
        return {}
    path = folder / name
    try:
        return {"requirements": hashlib.sha256(path.read_bytes()).hexdigest()[:16]}
    except OSError as error:
        if missing_ok:
            return {}
        raise InvalidError(
            f"the requirements file {path} cannot be read: {error.strerror}",
            why="the packages your DAGs import are installed from it",
            next="name an existing file: --set requirements=PATH",
            key="requirements",
        ) from error


def _notes(request: StackRequest) -> list[Finding]:
    notes = list(advise(request.answers.target, request.answers.values))
    if request.answers.target is Target.STANDALONE and not uses_constraints(request):
        notes.append(
            Finding(
                "constraints.reachable",
                Level.INFO,
                "Constraints file",
                "the official constraints file was not seen to be reachable",
                why="packages are resolved to their newest releases, but for those that were found to break Airflow",
            )
        )
    return notes
