"""Prints what a release of Airflow is installed from, one requirement a line: requirements.py VERSION."""

import sys
import tomllib
from pathlib import Path

EXTRAS = "celery,fab,postgres,redis,statsd"
CATALOG = Path(__file__).resolve().parents[3] / "airflow_wizard/catalog/data/airflow.toml"
# 5.6 was taken without it: the provider's worker command ends at its start. The constraints file would say so.
WITHOUT_CONSTRAINTS = ["celery<5.6"]


def pins(version: str) -> list[str]:
    """What the catalog adds to this release when its constraints file cannot be reached."""
    minor, patch = version.rsplit(".", 1)
    for line in tomllib.loads(CATALOG.read_text(encoding="utf-8"))["line"]:
        if line["minor"] == minor:
            found = line["pins"]
            for change in line.get("change", []):
                first, last = change["patches"]
                if first <= int(patch) <= last:
                    found = change.get("pins", found)
            return list(found)
    return []


if __name__ == "__main__":
    chosen = sys.argv[1]
    print("\n".join([f"apache-airflow[{EXTRAS}]=={chosen}", *WITHOUT_CONSTRAINTS, *pins(chosen)]))
