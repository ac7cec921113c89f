"""Build hook: the ready-made profiles live at the top of the repository and travel inside the package."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedProfiles(BuildHookInterface[Any]):
    """Adds ``profiles/`` to the wheel as ``airflow_wizard/profile/shipped/``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Leaves an editable install alone: there the checkout's own folder is read."""
        if version == "standard":
            build_data["force_include"]["profiles"] = "airflow_wizard/profile/shipped"
