"""Kubernetes quantities as numbers: ``250m`` of a core, ``16Gi`` of memory."""

from __future__ import annotations

import re

_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,2})|([KMGTPE]i|[numkMGTPE]))?", re.ASCII)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


def number(quantity: object) -> float | None:
    """The value of a quantity: cores for CPU, bytes for memory; None for what is none.

    Source: the reference of ``resource.Quantity`` in the Kubernetes API.
    """
    found = _FORM.fullmatch(str(quantity).strip()) if isinstance(quantity, str | int | float) else None
    if found is None or isinstance(quantity, bool):
        return None
    value, exponent, suffix = float(found[1]), found[2], found[3]
    if exponent:
        return value * 10.0 ** int(exponent)
    if suffix in _BINARY:
        return value * 1024.0 ** _BINARY[suffix]
    return value * 10.0 ** _DECIMAL.get(suffix or "", 0)
