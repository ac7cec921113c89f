"""``explain``: causes in a text that somebody else collected."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from airflow_wizard.cli.arguments import JSON
from airflow_wizard.cli.command import Args, Argument, Command, Words
from airflow_wizard.errors import ExitCode, InvalidError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Argument("file", "a log or an error message; - or nothing for standard input", words=Words.FILE)
JSONL = Argument("--jsonl", 'records {"id": …, "text": …} a line; one answer a line', metavar="FILE", words=Words.FILE)
_MOST = 20_000_000  # characters read from one file; evidence is at its end, and memory is not endless


def run(args: Args) -> int:
    """Explains a text, or many."""
    from airflow_wizard.cli.commands.doctor import show

    records = args.text("jsonl")
    if records is not None:
        return _explain_records(records)
    text = _read(args.text("file") or "-")
    from airflow_wizard.workflows.troubleshooting import explain

    return show(explain(text), json=args.json)


def _explain_records(source: str) -> int:
    from airflow_wizard.cli import output
    from airflow_wizard.workflows.troubleshooting import explain, labels

    for number, record in _records(source):
        findings = explain(_text_of(record))
        output.json_line(
            {
                "id": record.get("id", number),
                "labels": labels(findings),
                "findings": [f.to_json() for f in findings],
            }
        )
    return ExitCode.OK


def _records(source: str) -> Iterator[tuple[int, dict[str, object]]]:
    import json

    for number, line in enumerate(_read(source).splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as wrong:
            raise InvalidError(f"not JSON: {wrong}", file=source, line=number, next="one JSON object a line") from wrong
        if not isinstance(record, dict):
            raise InvalidError("not a JSON object", file=source, line=number, next='for example {"id": 1, "text": "…"}')
        yield number, record


def _text_of(record: dict[str, object]) -> str:
    # Everything that is text in the record is evidence, whatever its key; the id is not.
    parts: list[str] = []
    waiting: list[object] = [value for key, value in record.items() if key not in ("id", "labels")]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, str):
            parts.append(value)
        elif isinstance(value, list):
            waiting[:0] = value
        elif isinstance(value, dict):
            waiting[:0] = list(value.values())
    return "\n".join(parts)


def _read(source: str) -> str:
    if source == "-":
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("explain needs a file, or text on standard input", next="airflow-wizard explain FILE")
        return _last(sys.stdin)
    from airflow_wizard.paths import expanded
    from airflow_wizard.text import one_line

    path = expanded(source)
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return _last(file)
    except OSError as refused:
        raise UsageError(
            f"{one_line(source, limit=200)} cannot be read: {refused.strerror or refused}",
            next="airflow-wizard explain FILE",
        ) from refused


def _last(stream: TextIO) -> str:
    kept = ""
    while chunk := stream.read(_MOST):
        kept = (kept + chunk)[-_MOST:]
    return kept


COMMANDS = (
    Command(
        name="explain",
        help="explain a log or an error message from anywhere",
        example="airflow-wizard explain scheduler.log",
        run=run,
        arguments=(FILE, JSONL, JSON),
        about="Looks for known signatures in the text; needs no stack, no engine and no network.",
    ),
)
