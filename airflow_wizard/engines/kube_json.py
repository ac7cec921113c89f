"""Plain JSON of a cluster, read without trust: what is missing or of another kind is nothing. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

_EMPTY: dict[str, Any] = {}
_MOST = 2.0**63
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,3}|[numkKMGTPE]i?)?")
# Kubernetes, Quantity: decimal and binary sizes, and parts of one.
_SCALES = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18} | {
    f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", 1)
}


def inner(found: object, *path: str) -> Mapping[str, Any]:
    """The mapping at a path; an empty one where there is none."""
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else _EMPTY


def each(found: object, *path: str) -> list[Mapping[str, Any]]:
    """The mappings in the list at a path."""
    *way, last = path
    listed = inner(found, *way).get(last)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def text(found: object, limit: int = 253) -> str:
    """A word of the cluster's, safe to show; empty for what is none."""
    if not isinstance(found, str):
        return ""
    return found if len(found) <= limit and found.isprintable() else one_line(found, limit=limit)


def whole(found: object) -> int | None:
    """A whole number; None for what is none."""
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def moment(found: object) -> float | None:
    """Unix seconds of a time as Kubernetes writes it (RFC 3339); None for what is none."""
    if not isinstance(found, str) or not 20 <= len(found) <= 40:
        return None
    try:
        return datetime.fromisoformat(f"{found[:19]}{_part(found)}").timestamp()
    except (ValueError, OverflowError):
        return None


def _part(found: str) -> str:
    """What follows the seconds, with no more digits than Python takes."""
    rest = found[19:]
    zone = "+00:00" if rest.endswith("Z") else rest[-6:]
    digits = rest[1 : -1 if rest.endswith("Z") else -6] if rest.startswith(".") else ""
    return (f".{digits[:6].ljust(6, '0')}" if digits else "") + zone


def quantity(found: object) -> float | None:
    """``250m``, ``1Gi``, ``2`` as a number; None for what is none."""
    match = _QUANTITY.fullmatch(str(found)) if isinstance(found, str | int | float) and len(str(found)) < 40 else None
    if match is None:
        return None
    scale = _SCALES.get(match[2] or "")
    value = float(match[0]) if scale is None else float(match[1]) * scale
    return value if value < _MOST else None
