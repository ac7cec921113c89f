"""Profiles as both faces use them: by name, by path or from standard input."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from airflow_wizard import paths
from airflow_wizard.errors import InvalidError, UsageError, WizardError
from airflow_wizard.profile import compare, names, shipped
from airflow_wizard.profile import load as loading
from airflow_wizard.profile import resolve as resolving
from airflow_wizard.profile import save as saving
from airflow_wizard.profile.read import SIZE_LIMIT
from airflow_wizard.profile.sets import with_sets
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.options.model import Target
    from airflow_wizard.profile.model import Answers, Profile


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """One profile that can be named.

    Attributes:
        name: what ``--profile`` takes.
        target: where it runs Airflow; None when the file cannot be read.
        source: ``shipped`` or ``saved``.
        path: its file.
        summary: one line about it, or what is wrong with the file.
    """

    name: str
    target: Target | None
    source: str
    path: Path
    summary: str


def load(ref: str, *, sets: Sequence[str] = (), stdin: TextIO | None = None) -> Profile:
    """The profile named by NAME, PATH or ``-``, with ``--set`` answers on top.

    A saved profile hides a shipped one of the same name.

    Raises:
        InvalidError: no such profile, or something in it cannot be used.
        UsageError: a ``--set`` that is not NAME=VALUE.
    """
    if ref == "-":
        stream = sys.stdin if stdin is None else stdin
        # One character more than the limit, so that a longer text is refused and not cut.
        profile = loading.load(stream.read(SIZE_LIMIT + 1).encode("utf-8", "surrogateescape"), source="-")
    else:
        path = _find(ref)
        profile = loading.load(_bytes(path), source=str(path))
    return with_sets(profile, sets)


def known() -> list[ProfileEntry]:
    """Saved profiles, then the shipped ones they do not hide; a broken file is listed and says so."""
    saved = _saved()
    found = [_entry(name, path, "saved") for name, path in saved.items()]
    return found + [_entry(name, path, "shipped") for name, path in shipped.files().items() if name not in saved]


def save(profile: Profile, *, overwrite: bool = False) -> Path:
    """Keeps a profile in the user's configuration folder and returns its file.

    Raises:
        UsageError: the name is taken and ``overwrite`` is false.
        InvalidError: the name cannot be a file name, or the profile holds a secret.
        WizardError: the file system refused.
    """
    return saving.save(profile, _folder(), overwrite=overwrite)


def delete(name: str) -> None:
    """Removes a saved profile.

    Raises:
        UsageError: it is a shipped one.
        InvalidError: there is no profile of that name.
        WizardError: the file system refused.
    """
    path = _saved().get(name)
    if path is None:
        if name in shipped.files():
            raise UsageError(
                f"{name!r} is a ready-made profile and stays",
                next="save a profile of the same name to use instead of it",
            )
        raise _no_such(name)
    try:
        path.unlink()
    except OSError as error:
        from airflow_wizard.atomic import explain

        raise explain(error, path, "delete") from error


def export(profile: Profile) -> str:
    """The profile as commented YAML.

    Raises:
        InvalidError: it holds a secret or an unknown option.
    """
    return saving.to_yaml(profile)


def diff(a: Profile, b: Profile) -> list[tuple[str, str, str]]:
    """(option, in ``a``, in ``b``) for everything that differs."""
    return compare.diff(a, b)


def answers_for(profile: Profile, facts: HostFacts) -> Answers:
    """Every option that applies, with its value on this machine.

    Raises:
        InvalidError: everything that cannot be used here, in one error.
    """
    return resolving.resolve(profile, facts)


def _folder() -> Path:
    return paths.config_dir() / "profiles"


def _saved() -> dict[str, Path]:
    with suppress(OSError):
        return {path.stem: path for path in sorted(_folder().glob("*.yaml")) if names.usable(path.stem)}
    return {}


def _find(ref: str) -> Path:
    as_path = Path(ref).expanduser() if ref.startswith("~/") else Path(ref)
    if "/" in ref or "\\" in ref or ref.endswith(names.SUFFIXES):
        return as_path
    by_name = {**shipped.files(), **_saved()}
    if ref in by_name:
        return by_name[ref]
    raise _no_such(ref)


def _no_such(ref: str) -> InvalidError:
    by_name = {**shipped.files(), **_saved()}
    shown = one_line(ref, limit=60)
    near = get_close_matches(shown, by_name, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    # os.path asks without raising for a name that is too long or holds a NUL.
    file_hint = f"a file is named with its folder: ./{shown}. " if ref and os.path.isfile(ref) else ""  # noqa: PTH113
    return InvalidError(
        f"there is no profile {shown!r}", next=f"{hint}{file_hint}known: {', '.join(sorted(by_name))}", key="profile"
    )


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise InvalidError(f"{path} is not a file", next="name a YAML file", file=str(path))
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "not a usable path"
        raise InvalidError(
            f"the profile {one_line(path)} cannot be read: {one_line(reason)}",
            next="known profiles: airflow-wizard profiles list",
            file=one_line(path),
        ) from error


def _entry(name: str, path: Path, source: str) -> ProfileEntry:
    try:
        data = _bytes(path)
        profile = loading.load(data, source=str(path))
    except WizardError as error:
        return ProfileEntry(name, None, source, path, f"cannot be used: {one_line(error.what, limit=120)}")
    summary = _first_comment(data) if source == "shipped" else _facts_of(profile)
    return ProfileEntry(name, profile.target, source, path, summary)


def _first_comment(data: bytes) -> str:
    first = data.decode("utf-8").partition("\n")[0]
    return one_line(first.removeprefix("#"), limit=120)


def _facts_of(profile: Profile) -> str:
    version = profile.given.get("airflow_version", "newest")
    executor = profile.given.get("executor", "")
    return one_line(f"Airflow {version} {executor}".strip(), limit=120)
