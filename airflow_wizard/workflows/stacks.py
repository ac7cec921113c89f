"""Finding the stack that a person means."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from airflow_wizard.artifacts.manifest import PRIVATE
from airflow_wizard.errors import StackStateError, UsageError
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.options.model import Target
from airflow_wizard.paths import expanded
from airflow_wizard.profile.model import Profile
from airflow_wizard.run import registry
from airflow_wizard.run.registry import StackRecord, adopt, read_state
from airflow_wizard.text import one_line

__all__ = ["StackRecord", "adopt", "find_stack", "known_profile", "list_stacks", "problems", "read_state"]


def list_stacks() -> list[StackRecord]:
    """All stacks that are known, by name. One whose folder is gone is still listed; `problems` says so.

    Raises:
        WizardError: the registry's folder cannot be listed.
    """
    return registry.records()


def find_stack(name: str | None) -> StackRecord:
    """The stack called ``name``, or in the folder ``name``; the only one there is when nothing is named.

    A stack found by its folder is put on the registry again when its name is free.

    Raises:
        UsageError: there is none, more than one, or none of this name; says what there is.
        StackStateError: its entry or its folder's state cannot be used.
    """
    if name is not None:
        return _named(name)
    known = list_stacks()
    if len(known) == 1:
        return known[0]
    if not known:
        damaged = registry.broken()
        if len(damaged) == 1:
            raise damaged[0].error
        raise UsageError("There is no stack yet", next="launch one: airflow-wizard up --profile standalone-quickstart")
    names = ", ".join(stack.name for stack in known)
    raise UsageError(
        f"There are {len(known)} stacks: {names}",
        why="Which one is meant cannot be guessed.",
        next=f"name it, for example: {known[0].name}",
    )


def known_profile(name: str | None, folder: Path | None) -> tuple[Profile, Path] | None:
    """The profile and folder of a stack that was launched before, so that its launch can be repeated by name alone.

    Args:
        name: of the stack; None when only the folder is given.
        folder: of the stack; None for the one it is known to be in.

    Returns:
        None when there is no such stack yet.

    Raises:
        StackStateError: there is one, and its state cannot be used.
    """
    if folder is None:
        record = next((s for s in list_stacks() if s.name == name), None)
        if record is None or not _has_state(record):
            return None
        folder = Path(record.folder)
    elif not (folder / PRIVATE / "state.json").is_file():
        return None
    state = read_state(folder)
    given = {key: value for key, value in state.profile.items() if value not in (None, ())}
    return Profile(name=state.record.name, target=Target(state.record.target), given=given), folder


def problems() -> list[Finding]:
    """What is wrong with the registry: entries that cannot be read, and stacks whose folder is gone."""
    return [*map(_damaged, registry.broken()), *(_gone(s) for s in list_stacks() if not _has_state(s))]


def _named(name: str) -> StackRecord:
    for stack in list_stacks():
        if stack.name == name:
            return stack
    for entry in registry.broken():
        if entry.name == name:
            raise entry.error
    folder = expanded(name)
    looks_like_path = os.sep in name or name in (".", "..", "~")
    try:
        if looks_like_path or (folder / PRIVATE / "state.json").is_file():
            return _in_folder(folder)
    except OSError as refused:  # too long, a loop of links, a folder that is closed
        raise UsageError(
            f"{one_line(name, limit=60)!r} names no folder: {refused.strerror or refused}",
            next="see the stacks there are: airflow-wizard stacks",
        ) from refused
    raise _unknown(name)


def _in_folder(folder: Path) -> StackRecord:
    try:
        record = read_state(folder).record
    except StackStateError:
        # The registry knows what its folder cannot say any more; enough to stop or remove it.
        for known in list_stacks():
            if Path(known.folder).resolve() == folder.resolve():
                return known
        raise
    holder = registry.holder_of(record.name)
    return record if holder is not None and holder.resolve() != folder.resolve() else adopt(folder)


def _unknown(name: str) -> UsageError:
    shown = one_line(name, limit=60)
    known = [stack.name for stack in list_stacks()]
    if not known:
        return UsageError(
            f"There is no stack called {shown!r}, and no other either",
            next="launch one: airflow-wizard up --profile standalone-quickstart",
        )
    close = difflib.get_close_matches(name, known, n=1)
    return UsageError(
        f"There is no stack called {shown!r}",
        why=f"Known: {', '.join(known)}.",
        next=f"did you mean {close[0]}?" if close else "see them: airflow-wizard stacks",
    )


def _has_state(stack: StackRecord) -> bool:
    return (Path(stack.folder) / PRIVATE / "state.json").is_file()


def _damaged(entry: registry.BrokenEntry) -> Finding:
    return Finding(
        id="stack.state_damaged",
        level=Level.WARN,
        title=f"Stack {one_line(entry.name, limit=60)}",
        found=entry.error.what,
        why=entry.error.why,
        evidence=(entry.path,),
        fixes=(Fix(entry.error.next),) if entry.error.next else (),
    )


def _gone(stack: StackRecord) -> Finding:
    return Finding(
        id="stack.folder_gone",
        level=Level.WARN,
        title=f"Stack {stack.name}",
        found=f"{stack.folder} holds no stack any more",
        why="It was moved or removed without the wizard.",
        evidence=(stack.folder,),
        fixes=(
            Fix("Point the wizard to where it is now", commands=(("airflow-wizard", "status", "NEW_FOLDER"),)),
            Fix("Launch it again", commands=(("airflow-wizard", "up", "--name", stack.name),)),
        ),
    )
