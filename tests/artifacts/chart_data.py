"""What releases of the official chart take: their defaults and their schemas."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from airflow_wizard.catalog.load import parse_version

_FOLDER = Path(__file__).parents[1] / "data" / "chart"
KNOWN = sorted((path.name.removesuffix(".json.gz") for path in _FOLDER.glob("*.json.gz")), key=parse_version)


def stand_in(chart: str) -> str:
    """The release whose files are here: the very one, else the nearest older one, else the oldest."""
    older = [known for known in KNOWN if parse_version(known) <= parse_version(chart)]
    return older[-1] if older else KNOWN[0]


@cache
def defaults(chart: str) -> dict[str, Any]:
    found: dict[str, Any] = _data(stand_in(chart))["defaults"]
    return found


@cache
def schema(chart: str) -> dict[str, Any]:
    found: dict[str, Any] = _data(stand_in(chart))["schema"]
    return found


@cache
def validator(chart: str) -> Draft7Validator:
    return Draft7Validator(schema(chart))


@cache
def _data(known: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((_FOLDER / f"{known}.json.gz").read_bytes()))
    return found
