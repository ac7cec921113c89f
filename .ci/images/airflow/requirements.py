"""Prints what a release of Airflow is installed from, one requirement a line: requirements.py VERSION."""

import sys
import tomllib
from pathlib import Path

EXTRAS = "celery,fab,postgres,redis,statsd"
CATALOG = Path(__file__).resolve().parents[3] / "airflow_wizard/catalog/data/airflow.toml"
# With packages from after its release it is another Airflow than the official image: with a provider for Celery from 2026,
# 3.0.6 writes an airflow.cfg without keys, and the official Compose file never gets healthy.
RELEASED = {"3.3.2": "2026-09-18", "3.1.8": "2026-03-12", "3.0.6": "2025-08-30", "2.11.2": "2026-03-16"}
# What a constraints file would say.
ALWAYS = ["celery<5.6"]
# 3.17 registers execute_command of Airflow 2 under another name than it sends: its worker discards every task.
EXCLUDED = {"2.11.2": ["apache-airflow-providers-celery<3.17"]}


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
    until = [f"# until {RELEASED[chosen]}"] if chosen in RELEASED else []
    print("\n".join([*until, f"apache-airflow[{EXTRAS}]=={chosen}", *ALWAYS, *EXCLUDED.get(chosen, []), *pins(chosen)]))
