"""The catalogue read from its data file: which Airflow releases there are and what each of them needs."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from airflow_wizard.catalog.model import AirflowRelease, Version
from airflow_wizard.errors import InvalidError
from airflow_wizard.text import one_line

_DATA = Path(__file__).parent / "data" / "airflow.toml"
# No leading zeros: 3.03.2 is a typing error, not a release. Four digits are more than any release ever had.
_VERSION = re.compile(r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})", re.ASCII)
_OF_A_LINE = frozenset(f.name for f in fields(AirflowRelease)) - {"version", "tested"}


def parse_version(text: str) -> Version:
    """``"3.3.2"`` as a version.

    Raises:
        InvalidError: it is not three numbers; a lone minor version gets its newest patch as a suggestion.
    """
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        raise _unknown(text, "is not a release number of three parts")
    major, minor, patch = (int(part) for part in found.groups())
    return Version(major, minor, patch)


@lru_cache(maxsize=64)
def release(version: str) -> AirflowRelease:
    """Everything known about one Airflow release.

    Any patch release of a known minor version is accepted; ``tested`` says whether this very one was proven.

    Raises:
        InvalidError: no such minor version in the catalogue, or not a version at all.
    """
    wanted = parse_version(version)
    line = _lines().get(f"{wanted.major}.{wanted.minor}")
    if line is None:
        raise _unknown(version, "is not in the catalogue")
    return _release(line, wanted)


@lru_cache(maxsize=1)
def releases() -> tuple[AirflowRelease, ...]:
    """The newest known patch release of every minor version, newest first."""
    found = [_release(line, _newest_of(line)) for line in _lines().values()]
    return tuple(sorted(found, key=lambda r: r.version, reverse=True))


def newest() -> AirflowRelease:
    """The newest release known."""
    return releases()[0]


def newest_patch(minor: str) -> AirflowRelease | None:
    """The newest known patch release of a minor version such as ``3.3``; None when the minor is unknown."""
    return next((r for r in releases() if r.minor == minor), None)


@lru_cache(maxsize=1)
def _lines() -> dict[str, dict[str, Any]]:
    import tomllib

    # TOML has no static type; _release reads every field by its declared name and a test loads all of them.
    lines: list[dict[str, Any]] = tomllib.loads(_DATA.read_text(encoding="utf-8"))["line"]
    return {line["minor"]: line for line in lines}


def _newest_of(line: dict[str, Any]) -> Version:
    major, minor = line["minor"].split(".")
    return Version(int(major), int(minor), line["newest"])


def _release(line: dict[str, Any], version: Version) -> AirflowRelease:
    values = {name: line[name] for name in _OF_A_LINE}
    for change in line.get("change", ()):
        first, last = change["patches"]
        if first <= version.patch <= last:
            values |= {name: change[name] for name in _OF_A_LINE & change.keys()}
    frozen: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
    return AirflowRelease(version=version, tested=version.patch in line["tested"], **frozen)


def _unknown(text: str, what: str) -> InvalidError:
    from difflib import get_close_matches

    shown = one_line(text, limit=40)
    known = [str(r.version) for r in releases()]
    minor = newest_patch(text.strip())
    near = [str(minor.version)] if minor else get_close_matches(shown, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}? " if near else ""
    return InvalidError(
        f"Airflow version {shown!r} {what}",
        why=f"known are every patch release of {', '.join(r.minor for r in reversed(releases()))}",
        next=f"{hint}newest is {known[0]}; all: airflow-wizard versions",
        key="airflow_version",
    )
