"""A stack stays where it was launched: another target, cluster or namespace is another stack, with another name."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError, StackStateError
from airflow_wizard.options.model import KUBERNETES_TARGETS
from airflow_wizard.run import journal, registry

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.options.model import Target
    from airflow_wizard.profile.model import Answers

# Steps that make nothing outside the stack's folder.
_NOTHING_YET = frozenset({"files", "register", "nodes", "wake"})
_WHERE = ("context", "namespace")
_NAME = "airflow"


def proposed_name(target: Target) -> str:
    """``airflow``; with the target behind it, and a number, where stacks of other targets have that name."""
    others = {record.name for record in registry.records() if record.target != target}
    names = (f"{_NAME}-{target}{f'-{n}' if n > 1 else ''}" for n in count(1))
    return _NAME if _NAME not in others else next(name for name in names if name not in others)


def refuse_other_place(folder: Path, name: str, answers: Answers) -> None:
    """What a launch has made somewhere would run on there, with its data, and no command would know of it.

    A launch that made nothing yet may be corrected.

    Raises:
        InvalidError: the answers name another place than the one the stack was launched in.
    """
    try:
        known = registry.read_state(folder)
    except StackStateError:
        return  # no stack yet, or one that whatever reads it next refuses in its own words
    target = str(answers.target)
    if known.record.target != target:
        key, there, here = "target", f"a stack of target {known.record.target}", f"of {target}"
    else:
        moved = [k for k in _WHERE if target in KUBERNETES_TARGETS and _differs(known.profile.get(k), answers.text(k))]
        if not moved:
            return
        key = moved[0]
        there, here = f"in {key} {known.profile[key]}", f"in {answers.text(key)}"
    done, unread = journal.read(folder)
    if done and not unread and all(entry.step in _NOTHING_YET for entry in done):
        return
    raise InvalidError(
        f"{key}: {name} is {there}, not {here}",
        why="a launch moves nothing: what runs there would go on, with its data, and no command would know of it",
        next=f"give the other one a name of its own: --name {name}-2; or remove this one first: "
        f"airflow-wizard destroy {name}",
        key=key,
    )


def _differs(known: object, wanted: str) -> bool:
    return isinstance(known, str) and known not in ("", wanted)
