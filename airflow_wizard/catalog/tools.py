"""Programs that can be fetched: where their makers publish them, and what the file must be like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from airflow_wizard.errors import InvalidError
from airflow_wizard.text import one_line

_DATA = Path(__file__).parent / "data" / "tools.toml"
_VERSION = re.compile(r"v?(\d{1,3}\.\d{1,3}\.\d{1,3})", re.ASCII)
# Words of `host.probes.system` to those in the addresses.
_SYSTEMS = {"linux": "linux", "macos": "darwin"}
_PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Published:
    """One file.

    Attributes:
        name: of the program.
        version: three numbers.
        url: where it is.
        digest_url: where its SHA-256 is.
        member: path inside the archive it is in; empty for a file that is the program itself.
    """

    name: str
    version: str
    url: str
    digest_url: str
    member: str


def names() -> tuple[str, ...]:
    """Programs that can be fetched."""
    return tuple(_tools())


def newest(name: str) -> str:
    """The version that is fetched when none is named."""
    return str(_tools()[name]["version"])


def published(name: str, system: str, processor: str, version: str = "") -> Published:
    """Where a program is published for a machine.

    Args:
        name: one of `names`.
        system: ``linux`` or ``macos``.
        processor: ``x86_64`` or ``aarch64``.
        version: three numbers; the newest known when empty.

    Raises:
        InvalidError: no such program or version, or none for this machine.
    """
    tool = _tools().get(name)
    if tool is None:
        known = ", ".join(names())
        raise InvalidError(
            f"{one_line(name, limit=40)!r} is not fetched by the wizard", next=f"one of: {known}", key=name
        )
    if system not in _SYSTEMS or processor not in _PROCESSORS:
        raise InvalidError(
            f"{name} is not published for {one_line(system)} on {one_line(processor)}",
            next="install it as its own documentation says",
            key=name,
        )
    found = _VERSION.fullmatch(version or tool["version"])
    if found is None:
        raise InvalidError(
            f"{one_line(version, limit=40)!r} is not a version of three numbers",
            next=f"for example {tool['version']}",
            key=name,
        )
    words = {"version": found[1], "os": _SYSTEMS[system], "arch": _PROCESSORS[processor]}
    url, digest, member = (str(tool[key]).format(**words) for key in ("url", "digest", "member"))
    return Published(name, found[1], url, digest, member)


@lru_cache(maxsize=1)
def _tools() -> dict[str, dict[str, Any]]:
    import tomllib

    return tomllib.loads(_DATA.read_text(encoding="utf-8"))
