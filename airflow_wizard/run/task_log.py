"""A task's log as people read it, from what Airflow's API answers. Pure."""

from __future__ import annotations

import ast
import json


def readable(answer: str) -> list[str]:
    """The lines of a task's log; the answer's own lines when it has a shape that is not known.

    Airflow 2 answers with the repr of a list of (host, text), Airflow 3 with a list of structured events
    (``TaskInstanceLogResponse`` in either's OpenAPI description).
    """
    try:
        content = json.loads(answer)["content"]
    except (ValueError, KeyError, TypeError):
        return answer.splitlines()
    if isinstance(content, str):
        return _of_two(content)
    if isinstance(content, list):
        return [line for entry in content for line in _of_three(entry)]
    return answer.splitlines()


def _of_two(content: str) -> list[str]:
    try:
        parts = ast.literal_eval(content)
        texts = [str(text) for _, text in parts]
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return content.splitlines()
    return [line for text in texts for line in text.splitlines()]


def _of_three(entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return str(entry).splitlines()
    lines = str(entry.get("event", "")).splitlines()
    for detail in entry.get("error_detail") or ():
        if isinstance(detail, dict):
            lines.append(f"{detail.get('exc_type', 'error')}: {detail.get('exc_value', '')}")
    return lines
