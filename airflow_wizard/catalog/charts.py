"""Releases of the official Helm chart, and which of them runs which Airflow."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_wizard.catalog.load import parse_version
from airflow_wizard.catalog.model import ChartRelease

if TYPE_CHECKING:
    from airflow_wizard.catalog.model import AirflowRelease, Version

_DATA = Path(__file__).parent / "data" / "charts.toml"


@lru_cache(maxsize=1)
def charts() -> tuple[ChartRelease, ...]:
    """Every chart release known, newest first."""
    import tomllib

    # TOML has no static type; a test reads every field of every entry.
    entries: list[dict[str, Any]] = tomllib.loads(_DATA.read_text(encoding="utf-8"))["chart"]
    return tuple(
        ChartRelease(
            version=parse_version(entry["version"]),
            airflow=(_minor(entry["airflow"][0]), _minor(entry["airflow"][1])),
            helm=parse_version(entry["helm"]),
            compared=entry["compared"],
        )
        for entry in entries
    )


def charts_for(airflow: AirflowRelease) -> tuple[ChartRelease, ...]:
    """Those that run this Airflow, newest first; never empty for a release of the catalogue."""
    wanted = (airflow.version.major, airflow.version.minor)
    return tuple(chart for chart in charts() if chart.airflow[0] <= wanted <= chart.airflow[1])


def chart(version: Version) -> ChartRelease | None:
    """What is known of one release; None when nothing is."""
    return next((known for known in charts() if known.version == version), None)


def _minor(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor)
