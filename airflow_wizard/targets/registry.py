"""The targets by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from airflow_wizard.options.model import Target

if TYPE_CHECKING:
    from airflow_wizard.targets.model import TargetModule


@cache
def target(name: Target) -> TargetModule:
    """The module of a target; imported when it is first asked for."""
    return cast("TargetModule", import_module(f"airflow_wizard.targets.{name}").TARGET)


def all_targets() -> tuple[TargetModule, ...]:
    """All six, in the order they are declared."""
    return tuple(target(name) for name in Target)
