"""Profiles written by an older wizard, brought to the present schema one version at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from airflow_wizard.errors import InvalidError
from airflow_wizard.profile.model import PROFILE_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.profile.read import Entry

    Entries: TypeAlias = dict[str, Entry]

# Schema 0 was the draft before the first release, with the words of the compose file.
_RENAMED_IN_1 = {"version": "airflow_version", "webserver_port": "port", "host": "bind", "dags_folder": "dags"}


def _to_1(entries: Entries) -> Entries:
    moved: Entries = {}
    for key, entry in entries.items():
        name = _RENAMED_IN_1.get(key, key)
        if name in moved or (name != key and name in entries):
            raise InvalidError(
                f"the profile has both {key!r} and {name!r}, which is its new name",
                next=f"remove {key!r}",
                key=key,
                line=entry.line,
            )
        moved[name] = entry
    return moved


# From a schema to the next one. A new schema adds one function here and one number in model.py.
MIGRATIONS: dict[int, Callable[[Entries], Entries]] = {0: _to_1}


def migrate(entries: Entries, schema: int) -> Entries:
    """Entries in the present schema.

    Raises:
        InvalidError: the profile was written by a newer wizard, or two of its keys became one.
    """
    if not 0 <= schema <= PROFILE_SCHEMA:
        raise InvalidError(
            f"the profile has schema {schema}; this wizard knows up to {PROFILE_SCHEMA}",
            why="a newer wizard wrote it, and what it means here can only be guessed",
            next="pip install --upgrade airflow-wizard",
            key="schema",
        )
    for step in range(schema, PROFILE_SCHEMA):
        entries = MIGRATIONS[step](entries)
    return entries
