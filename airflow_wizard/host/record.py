"""Host facts as a file: what ``--record`` writes and ``--facts`` reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError
from airflow_wizard.host.facts import FACTS_SCHEMA, HostFacts
from airflow_wizard.paths import is_stream

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.host.facts import Json

_LARGEST = 16 * 1024 * 1024  # bytes; a record has about ten thousand


def dump(facts: HostFacts) -> str:
    """The facts as JSON text, with the schema they follow."""
    document: dict[str, Json] = {"schema": FACTS_SCHEMA, "facts": facts.to_json()}
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def load(text: str, *, file: str) -> HostFacts:
    """Facts from JSON text. What ``check --json`` printed is accepted too.

    Raises:
        InvalidError: the text is not JSON, not a record of facts, or written by a newer wizard; it names file and key.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidError(
            f"{file} is not JSON: {error.msg}", file=file, line=error.lineno, next="airflow-wizard check --record FILE"
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("facts"), dict):
        raise InvalidError(
            f"{file} holds no facts",
            file=file,
            key="facts",
            next="airflow-wizard check --record FILE makes such a file",
        )
    schema = document.get("schema", FACTS_SCHEMA)
    if schema != FACTS_SCHEMA:
        raise InvalidError(
            f"{file} has schema {schema!r}, this wizard reads {FACTS_SCHEMA}",
            why="a newer wizard may have recorded values that this one would misread",
            file=file,
            key="schema",
            next="record the facts again with this wizard, or update it",
        )
    return HostFacts.from_json(document["facts"], file=file)


def read(path: Path) -> HostFacts:
    """Facts from a file.

    Raises:
        InvalidError: it cannot be read, or see `load`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise InvalidError(f"{path} is too large to hold facts", file=str(path), next=f"ls -l {path}")
        return load(data.decode("utf-8"), file=str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InvalidError(f"{path} cannot be read: {reason}", file=str(path), next=f"ls -l {path}") from error


def write(path: Path, facts: HostFacts) -> None:
    """Record facts in a file; an existing one is replaced in one go.

    Raises:
        InvalidError: the file cannot be written.
    """
    try:
        if is_stream(path):
            # Replacing it would take it away from everybody.
            path.write_text(dump(facts), encoding="utf-8")
            return
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(dump(facts), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise InvalidError(
            f"{path} cannot be written: {error.strerror}", file=str(path), next="name a file in a folder of your own"
        ) from error
