"""Points in time as people write them on a command line."""

from __future__ import annotations

import re
from datetime import datetime

from airflow_wizard.errors import UsageError

_AGO = re.compile(r"([0-9]{1,9})\s*([smhd])", re.IGNORECASE | re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_since(text: str, *, now: float) -> float:
    """Unix seconds for ``10m`` (ago) or an ISO 8601 time (local when it names no zone).

    Raises:
        UsageError: neither of them.
    """
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        return now - int(ago[1]) * _SECONDS[ago[2].lower()]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError) as wrong:
        raise UsageError(
            f"--since {text[:40]!r} is not a time", next="airflow-wizard logs --since 10m (or 2h, 1d, 2026-01-31T09:00)"
        ) from wrong
