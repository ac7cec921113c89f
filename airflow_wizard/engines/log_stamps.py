"""When a log line was written, by what stands in it. Formats of Airflow 2.8 to 3.3, its servers and our supervisor."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

# 2026-11-21T10:00:18.331094Z …            structlog, Airflow 3
# [2026-11-21T10:01:06.736+0000] {file.py}  Airflow 2
# [2026-11-21 10:01:06 +0000] [77] [INFO]   gunicorn
# 2026-11-21 10:01:06,736 …                 Python's own default, in local time
# {"timestamp":"2026-11-21T10:00:18Z", …}   structlog as JSON, when that is its first key
_ISO = re.compile(
    r"""\s*(?:\[|\{"(?:timestamp|ts|time)":\s?")?
        (\d{4})-(\d\d)-(\d\d)[T\ ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\ ?(Z|[+-]\d\d:?\d\d)?""",
    re.VERBOSE | re.ASCII,
)
# 127.0.0.1 - - [21/Nov/2026:10:01:20 +0000] "GET …    gunicorn's access log
_ACCESS = re.compile(
    r"\S{1,80} \S{1,80} \S{1,80} \[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]", re.ASCII
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def stamp_of(line: str) -> float | None:
    """Unix seconds when ``line`` was written; None when it does not start with a time."""
    match = _ISO.match(line)
    if match is not None:
        year, month, day, hour, minute, second, part, zone = match.groups()
        micro = int((part or "0")[:6].ljust(6, "0"))
        return _moment((year, month, day, hour, minute, second), micro, zone)
    match = _ACCESS.match(line)
    if match is not None and match[2] in _MONTHS:
        month = str(_MONTHS.index(match[2]) + 1)
        return _moment((match[3], month, match[1], match[4], match[5], match[6]), 0, match[7])
    return None


def _moment(parts: tuple[str, ...], micro: int, zone: str | None) -> float | None:
    year, month, day, hour, minute, second = map(int, parts)
    try:
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=_zone(zone)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _zone(zone: str | None) -> timezone | None:
    if zone is None:
        return None
    if zone == "Z":
        return UTC
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if zone[0] == "-" else offset)
