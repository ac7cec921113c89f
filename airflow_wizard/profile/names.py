"""Names of profiles, which are file names too."""

from __future__ import annotations

import re

from airflow_wizard.errors import InvalidError
from airflow_wizard.text import one_line

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
# What Windows reserves whatever the extension: a profile is committed, and checked out there.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
SUFFIXES = (".yaml", ".yml")


def usable(name: str) -> bool:
    """Whether a name is safe as a file name everywhere."""
    return (
        _NAME.fullmatch(name) is not None and not name.endswith((".", *SUFFIXES)) and _RESERVED.fullmatch(name) is None
    )


def checked(name: str) -> str:
    """The name itself.

    Raises:
        InvalidError: it cannot be a file name everywhere.
    """
    if not usable(name):
        raise InvalidError(
            f"{one_line(name, limit=60)!r} cannot be the name of a profile",
            why="it becomes a file name: letters, digits, dot, dash and underscore, at most 63",
            next="for example: my-airflow",
            key="name",
        )
    return name
