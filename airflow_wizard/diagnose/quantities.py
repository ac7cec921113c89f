"""Kubernetes' way to write numbers."""

from __future__ import annotations

import re

_UNITS = {
    "": 1.0, "m": 1e-3, "n": 1e-9, "u": 1e-6, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip
_QUANTITY = re.compile(r"([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?)([A-Za-z]{0,2})$")


def quantity(text: object) -> float:
    """A quantity (``500m``, ``1Gi``) as a number; 0 for what is none."""
    match = _QUANTITY.match(str(text or ""))
    return float(match[1]) * _UNITS.get(match[2], 0.0) if match else 0.0
