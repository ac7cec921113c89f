"""Which stacks there are: one small file each in the wizard's state folder, and a copy in the stack itself.

The copy (``.airflow-wizard/state.json``) is what a stack is adopted from when the registry was lost or the folder
moved. A file that cannot be read is reported, never deleted, and never in the way of the others.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.manifest import PRIVATE, private_folder
from airflow_wizard.atomic import explain, make_folder, sync_folder, write_text_atomic
from airflow_wizard.errors import InvalidError, StackStateError, UsageError, WizardError
from airflow_wizard.paths import state_dir
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.finding import Answer

STATE_SCHEMA = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class StackRecord:
    """One stack, as it is known.

    Attributes:
        name: unique on this machine.
        target: name of its target.
        folder: absolute folder.
        url: where its Airflow answers.
        airflow_version: exact release.
        created: when it was first launched, ISO 8601 in UTC.
    """

    name: str
    target: str
    folder: str
    url: str
    airflow_version: str
    created: str

    def to_json(self) -> dict[str, object]:
        """The stack as ``stacks --json`` shows it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class StackState:
    """What a stack's own folder says of it: the record, and the profile it was made from (no secret)."""

    record: StackRecord
    profile: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """A file of the registry that cannot be used: the stack's name by its file name, the file, and why."""

    name: str
    path: str
    error: StackStateError


def valid_name(name: str) -> bool:
    """True for lower-case letters, digits and dashes, at most 41, not starting with a dash."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> str:
    """``name``, when a stack can be called so.

    Raises:
        InvalidError: it cannot.
    """
    if valid_name(name):
        return name
    suggestion = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:41].rstrip("-")
    raise InvalidError(
        f"A stack cannot be called {one_line(name, limit=60)!r}",
        why="The name becomes part of folders, containers and web addresses: lower-case letters, digits, dashes.",
        next=f"choose another: --name {suggestion or 'airflow'}",
        key="name",
    )


def remember(
    name: str, target: str, folder: Path, url: str, airflow_version: str, profile: Mapping[str, Answer]
) -> StackRecord:
    """Write a stack into its folder and into the registry; when it is known already, bring it up to date.

    Raises:
        InvalidError: no such name is possible.
        UsageError: another stack that still exists has this name.
        WizardError: the file system refused.
    """
    check_name(name)
    folder = folder.absolute()
    _refuse_taken(name, folder)
    created = _created(folder) or datetime.now(UTC).isoformat(timespec="seconds")
    record = StackRecord(name, target, str(folder), url, airflow_version, created)
    state = {"schema": STATE_SCHEMA, **record.to_json(), "profile": dict(profile)}
    write_text_atomic(private_folder(folder) / "state.json", _dump(state), 0o600)
    _register(record)
    return record


def forget(name: str) -> None:
    """Take a stack off the registry; its folder stays as it is. Nothing happens when it is not on it.

    Raises:
        WizardError: the file system refused.
    """
    path = _entry_path(check_name(name))
    try:
        path.unlink()
        sync_folder(path.parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise explain(error, path, "remove") from error


def records() -> list[StackRecord]:
    """All stacks whose entry can be read, by name.

    Raises:
        WizardError: the registry's folder cannot be listed.
    """
    return [entry for entry in _entries() if isinstance(entry, StackRecord)]


def broken() -> list[BrokenEntry]:
    """The entries that cannot be read, by name.

    Raises:
        WizardError: the registry's folder cannot be listed.
    """
    return [entry for entry in _entries() if isinstance(entry, BrokenEntry)]


def read_state(folder: Path) -> StackState:
    """What the stack in ``folder`` says of itself; the folder is where it is now, not where it was made.

    Raises:
        StackStateError: there is no stack, or its state cannot be used.
    """
    folder = folder.absolute()
    path = folder / PRIVATE / "state.json"
    data = _load(path)
    profile = data.get("profile", {})
    if not isinstance(profile, dict):
        raise _unusable(path, "its profile is not a mapping")
    answers = {key: tuple(value) if isinstance(value, list) else value for key, value in profile.items()}
    return StackState(replace(_record(data, path), folder=str(folder)), answers)


def adopt(folder: Path) -> StackRecord:
    """Put the stack in ``folder`` on the registry, from what its folder says.

    Raises:
        StackStateError: there is no stack, or its state cannot be used.
        UsageError: another stack that still exists has its name.
        WizardError: the file system refused.
    """
    record = read_state(folder).record
    _refuse_taken(record.name, Path(record.folder))
    _register(record)
    return record


def holder_of(name: str) -> Path | None:
    """The folder of the stack that has ``name`` and still exists; None when the name is free."""
    try:
        known = Path(_record(_load(_entry_path(name)), _entry_path(name)).folder)
    except StackStateError:
        return None
    return known if (known / PRIVATE / "state.json").exists() else None


def _refuse_taken(name: str, folder: Path) -> None:
    holder = holder_of(name)
    if holder is not None and holder.resolve() != folder.resolve():
        raise UsageError(
            f"There is already a stack called {name}, in {holder}",
            why="A stack is found by its name.",
            next=f"choose another name with --name, or remove that one: airflow-wizard destroy {name}",
        )


def _created(folder: Path) -> str:
    try:
        return read_state(folder).record.created
    except StackStateError:
        return ""


def _register(record: StackRecord) -> None:
    path = _entry_path(record.name)
    make_folder(path.parent, 0o700)
    write_text_atomic(path, _dump({"schema": STATE_SCHEMA, **record.to_json()}), 0o600)


def _entry_path(name: str) -> Path:
    return state_dir() / "stacks" / f"{name}.json"


def _entries() -> list[StackRecord | BrokenEntry]:
    folder = state_dir() / "stacks"
    try:
        paths = sorted(p for p in folder.iterdir() if p.suffix == ".json" and not p.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise explain(error, folder, "list") from error
    return [_entry(path) for path in paths]


def _entry(path: Path) -> StackRecord | BrokenEntry:
    try:
        record = _record(_load(path), path)
        if record.name != path.stem:
            raise _unusable(path, f"it says that its name is {one_line(record.name, limit=60)!r}")
        return record
    except StackStateError as error:
        return BrokenEntry(path.stem, str(path), error)


def _load(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StackStateError(
            f"There is no {path}",
            why="It is what tells a folder that holds a stack from any other.",
            next="see the stacks that are known: airflow-wizard stacks",
        ) from error
    except OSError as error:
        refused: WizardError = explain(error, path, "read")
        raise StackStateError(refused.what, why=refused.why, next=refused.next) from error
    except (ValueError, RecursionError) as error:
        raise _unusable(path, f"it is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise _unusable(path, "it is not a mapping")
    schema = data.get("schema")
    if isinstance(schema, int) and schema > STATE_SCHEMA:
        raise StackStateError(
            f"{path} was written by a newer airflow-wizard (schema {schema}, this one knows {STATE_SCHEMA})",
            why="What it means is not known here.",
            next="update the wizard: pip install --upgrade airflow-wizard",
        )
    return data


def _record(data: Mapping[str, object], path: Path) -> StackRecord:
    values: dict[str, str] = {}
    for key in StackRecord.__slots__:
        value = data.get(key)
        if not isinstance(value, str):
            raise _unusable(path, f"it has no usable {key!r}")
        values[key] = value
    if not valid_name(values["name"]):
        raise _unusable(path, f"{one_line(values['name'], limit=60)!r} is no name of a stack")
    if not Path(values["folder"]).is_absolute():
        raise _unusable(path, "its folder is not absolute")
    return StackRecord(**values)


def _unusable(path: Path, reason: str) -> StackStateError:
    quoted = shlex.quote(str(path))
    return StackStateError(
        f"{path} cannot be used: {one_line(reason, limit=200)}",
        why="Without it the wizard does not know this stack; the stack itself is not touched.",
        next=f"set it aside: mv {quoted} {quoted}.damaged; then repeat the launch in the stack's folder with --dir",
    )


def _dump(data: Mapping[str, object]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
