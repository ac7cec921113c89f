"""The tests' own chart, as Helm takes it."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

SOURCE = Path(__file__).parent / "chart"
_DATA = Path(__file__).parents[2] / "data" / "chart"
OFFICIAL = "1.21.0"  # the nearest release whose files are here


def unpacked(folder: Path) -> Path:
    """A copy of the chart with the official schema beside it; returns its path."""
    place = folder / "airflow"
    shutil.copytree(SOURCE, place)
    official = json.loads(gzip.decompress((_DATA / f"{OFFICIAL}.json.gz").read_bytes()))
    (place / "values.schema.json").write_text(json.dumps(official["schema"]))
    return place
