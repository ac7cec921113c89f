"""What a program that failed really said: its last lines without the walk through its source code. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

# Frames of a Python traceback, the source lines below them, carets, and the sentences between chained ones;
# also the boxes that rich draws around the same.
_NOISE = re.compile(
    r"""
      ^\s*File\ "[^"]*",\ line\ \d+
    | ^\s*Traceback\ \(most\ recent\ call\ last\)
    | ^\s*[~^]+\s*$
    | ^\s{4,}\S
    | ^\s*[│╭╰❱]
    | ^The\ above\ exception\ was\ the\ direct\ cause
    | ^During\ handling\ of\ the\ above\ exception
    | (?:Future|Deprecation|RemovedIn\w+|User|Syntax|Pending\w*)Warning\b
    | \{plugins\.py:\d+\}\ INFO
    """,
    re.VERBOSE,
)


# What structlog (Airflow 3) and logging (Airflow 2) put before the words: a time, and a level worth keeping only
# when it is not the usual one.
_STAMP = re.compile(r"^\s*\[?\d{4}-\d\d-\d\d[T ][\d:.,+Z-]+\]?\s*(?:\[info\s*\]\s*|\{\S+:\d+\}\s+(?:INFO - )?)?")


def without_stamp(line: str) -> str:
    """A log line without its time and place, for a pane that shows the present."""
    return _STAMP.sub("", line)


def last_words(lines: Iterable[str], most: int = 12) -> tuple[str, ...]:
    """The last lines that carry a meaning, oldest first; when nothing is left, the last lines as they are."""
    given = [line for line in lines if line.strip()]
    telling = [line for line in given if not _NOISE.search(line)]
    return tuple(one_line(line, limit=400) for line in (telling or given)[-most:])
