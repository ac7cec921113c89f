"""Every option in the order it is asked and resolved."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError
from airflow_wizard.options import (
    access,
    airflow,
    cluster_storage,
    code,
    compose,
    database,
    kubernetes,
    own_cluster,
    resources,
)
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.options.model import Option, Target

OPTIONS: tuple[Option, ...] = (
    *airflow.OPTIONS,
    *access.OPTIONS,
    *code.OPTIONS,
    *database.OPTIONS,
    *resources.OPTIONS,
    *compose.OPTIONS,
    *kubernetes.OPTIONS,
    *cluster_storage.OPTIONS,
    *own_cluster.OPTIONS,
)

_BY_NAME = MappingProxyType({o.name: o for o in OPTIONS})

# Sections of a form, in the order of their first option.
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(o.group for o in OPTIONS))


def find(name: str) -> Option | None:
    """The option of that name, or None."""
    return _BY_NAME.get(name)


def option(name: str) -> Option:
    """The option of that name.

    Raises:
        InvalidError: there is none; the nearest name is suggested.
    """
    known = _BY_NAME.get(name)
    if known is None:
        raise unknown(name)
    return known


def for_target(target: Target) -> tuple[Option, ...]:
    """Options that apply to a target, in order; finer rules (version, executor) are ``Option.applies``."""
    return tuple(o for o in OPTIONS if target in o.targets)


def in_groups(options: Iterable[Option]) -> dict[str, tuple[Option, ...]]:
    """Options by section, sections and options in the order of declaration."""
    chosen = tuple(options)
    grouped = {group: tuple(o for o in chosen if o.group == group) for group in GROUPS}
    return {group: found for group, found in grouped.items() if found}


def unknown(name: str, among: Iterable[str] | None = None) -> InvalidError:
    """The error for a name that is no option, with the nearest known name."""
    from difflib import get_close_matches

    shown = one_line(name, limit=60)
    names = list(_BY_NAME if among is None else among)
    near = get_close_matches(shown, names, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return InvalidError(
        f"there is no option {shown!r}",
        why="an answer under a name that nothing reads would be lost without a word",
        next=f"{hint}all options: airflow-wizard options",
        key=shown,
    )
