"""The targets by name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from airflow_wizard.options.model import Target

if TYPE_CHECKING:
    from airflow_wizard.targets.model import TargetModule


def target(name: Target | str) -> TargetModule:
    """The module of a target."""
    module: TargetModule = import_module(f"airflow_wizard.targets.{Target(name)}").TARGET
    return module
