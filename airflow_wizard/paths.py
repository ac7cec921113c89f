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


def tools_dir() -> Path:
    """Folder of programs the wizard has fetched; looked into after PATH."""
    home = _home()
    if home is not None:
        return home / "tools"
    from platformdirs import user_data_path

    return user_data_path(_APP, appauthor=False) / "tools"


def expanded(text: str) -> Path:
    """An absolute path from what a person wrote; ``~`` and ``~user`` are their home folders.

    Raises:
        UsageError: there is no such user.
    """
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        from airflow_wizard.errors import UsageError
        from airflow_wizard.text import one_line

        shown = one_line(text, limit=60)
        raise UsageError(
            f"{shown!r} is in the home folder of somebody who is not known here",
            next="write it as an absolute path",
        ) from error


def is_stream(path: Path) -> bool:
    """Whether a name stands for a device, a pipe or an open file: to be written to, never to be replaced."""
    return (path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",))) or (path.exists() and not path.is_file())


def _home() -> Path | None:
    value = os.environ.get(HOME_VARIABLE, "").strip()
    # A relative value is read from where the command runs, then fixed: a later chdir must not move state.
    return expanded(value) if value else None
