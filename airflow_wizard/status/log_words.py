"""What a log line says, made readable: Airflow's JSON as words, the level wherever its program puts it. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from airflow_wizard.log_line import GAP
from airflow_wizard.run.masks import MASK
from airflow_wizard.text import plain

if TYPE_CHECKING:
    from airflow_wizard.log_line import LogLine

ERROR, WARNING = "error", "warning"
_LEVELS = {
    "critical": ERROR, "fatal": ERROR, "panic": ERROR, "error": ERROR, "exception": ERROR,
    "warning": WARNING, "warn": WARNING,
}  # fmt: skip
# What Airflow and PostgreSQL put before each line.
_STAMP = re.compile(r"^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,]*(?: ?UTC(?: \[\d+\])?|Z|[+-]\d\d:?\d\d)?\]? +")
# Airflow pads its levels, and padding is folded to one space when a line is drawn.
_PADDED = re.compile(r"^\[(\w+) +\]")
# [info     ] of structlog, [INFO] of gunicorn, {file.py:1} INFO - of Airflow 2, LOG: of PostgreSQL
_SAID = re.compile(
    r"^\[(debug|info|notice|warn|warning|error|exception|critical|fatal) *\] "
    r"|^\[\d+\] \[(\w+)\] |^\{[^}]*\} (\w+) - |^(DEBUG|INFO|LOG|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT): ",
    re.IGNORECASE,
)
# Where no level is told, the words tell it.
_BAD = re.compile(r"\b(?:ERROR|CRITICAL|FATAL|Traceback|[A-Z]\w*(?:Error|Exception)\b(?=[:(]|$))")
_WARN = re.compile(r"\bWARN(?:ING)?\b|\b[A-Z]\w*Warning\b")
# A line may have an error or a warning only if one of these is in it; most have none, and the test is cheap.
_MAYBE = re.compile(r"r(?:ror|aceback)|RROR|xcept|a(?:rn|tal|nic)|A(?:RN|TAL|NIC)|[cC]rit|CRIT")
# The level stands near the beginning; a message that quotes one further back is no error.
_HEAD = 200
# Longer ones are shown as they are; reading them takes too long for something that is drawn.
_LONGEST = 20_000
_SAYS = ("event", "message", "msg")
_WHEN = ("timestamp", "ts", "time", "asctime")


def without_time(text: str) -> str:
    """A line without the time its program put before it, and with its level unpadded."""
    return _PADDED.sub(r"[\1]", _STAMP.sub("", text))


def readable(text: str) -> str:
    """A JSON line of structlog as ``[error] event  key=value …``; any other line as it is."""
    data = fields(text)
    said = next((data[name] for name in _SAYS if name in data), None) if data else None
    if not data or said is None:
        return text
    level = str(data.get("level") or data.get("levelname") or "")
    told = [f"[{level.lower()}]" if level else "", _value(said)]
    left = {k: v for k, v in data.items() if k not in {*_SAYS, *_WHEN, "level", "levelname"}}
    more = [f"{name}={_value(value)}" for name, value in left.items()]
    words = " ".join(part for part in told if part)
    return plain("  ".join([words, " ".join(more)]) if more else words)


def fields(text: str) -> dict[str, Any]:
    """What stands in a line that is one JSON object; nothing of any other line."""
    if not text.startswith("{") or len(text) > _LONGEST:
        return {}
    return _object(text) or _object(text.replace(f": {MASK}", f': "{MASK}"').replace(f":{MASK}", f':"{MASK}"'))


def pretty(text: str) -> str:
    """A line to read at leisure: JSON with its structure, everything else as it is."""
    start = text.find("{")
    # Something may stand in front of it: a time, a level.
    data = _object(text[start:]) if 0 <= start < _HEAD else {}
    if not data:
        return plain(text)
    return plain(f"{text[:start]}\n" if text[:start].strip() else "") + plain(
        json.dumps(data, indent=2, ensure_ascii=False)
    )


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def severity(line: LogLine) -> str:
    """``error``, ``warning`` or nothing: by the level the program told, else by its words."""
    if line.kind == GAP:
        return WARNING
    text = line.text
    if line.kind or not _MAYBE.search(text, 0, 2 * _HEAD):
        return ""
    if text.startswith("{") and (data := fields(text)):
        level = str(data.get("level") or data.get("levelname") or "").lower()
        return _LEVELS.get(level, "")
    head = _STAMP.sub("", text[: 2 * _HEAD])[:_HEAD]
    if told := _SAID.match(head):
        level = next(group for group in told.groups() if group)
        return _LEVELS.get(level.lower(), "")
    if _BAD.search(head):
        return ERROR
    return WARNING if _WARN.search(head) else ""
