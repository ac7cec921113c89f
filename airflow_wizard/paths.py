"""Every folder the wizard itself uses. Nothing is created by asking."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "AIRFLOW_WIZARD_HOME"
_APP = "airflow-wizard"


def config_dir() -> Path:
    """Folder of saved profiles and settings."""
    home = _home()
    if home is not None:
        return home / "config"
    from platformdirs import user_config_path

    return user_config_path(_APP, appauthor=False)


def state_dir() -> Path:
    """Folder of the stack registry, the unfinished flow and the wizard's own log."""
    home = _home()
    if home is not None:
        return home / "state"
    from platformdirs import user_state_path

    return user_state_path(_APP, appauthor=False)


def stacks_dir() -> Path:
    """Folder where stacks are put when no folder is named."""
    home = _home()
    if home is not None:
        return home / "stacks"
    from platformdirs import user_data_path

    return user_data_path(_APP, appauthor=False) / "stacks"


def _home() -> Path | None:
    value = os.environ.get(HOME_VARIABLE, "").strip()
    # A relative value is read from where the command runs, then fixed: a later chdir must not move state.
    return Path(value).expanduser().absolute() if value else None
