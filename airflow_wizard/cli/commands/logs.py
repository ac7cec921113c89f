"""``logs``: what the components wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import STACK
from airflow_wizard.cli.command import Args, Argument, Command, Takes
from airflow_wizard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.cli.style import Line
    from airflow_wizard.errors import EngineUnreachableError
    from airflow_wizard.log_line import LogLine

UNIT = Argument("--unit", "only this component; repeatable", Takes.MANY, "U")
FOLLOW = Argument("--follow", "go on until Ctrl-C", Takes.FLAG)
SINCE = Argument("--since", "only newer than: 90s, 10m, 2h, 1d, or 2026-01-31T09:00", metavar="WHEN")
GREP = Argument("--grep", "only lines that match this regular expression", metavar="REGEX")
TAIL = Argument("--tail", "how many of the last lines; default 200", metavar="N")
JSON_LINES = Argument("--json", "one JSON object a line", Takes.FLAG)


def run(args: Args) -> int:
    """Prints log lines; with ``--follow`` until Ctrl-C."""
    import threading
    import time

    from airflow_wizard.cli.inputs import stack as find
    from airflow_wizard.cli.when import parse_since

    since_text = args.text("since")
    since = parse_since(since_text, now=time.time()) if since_text is not None else None
    grep = _pattern(args.text("grep"))
    tail = _number(args.text("tail"))
    from airflow_wizard.workflows.logs import follow_logs, read_logs

    stack = find(args)
    units = args.many("unit") or None
    write = _Writer(json=args.json)
    if not args.flag("follow"):
        write.lines(read_logs(stack, units=units, since=since, grep=grep, tail=tail))
        return ExitCode.OK
    cancel = threading.Event()
    try:
        for batch in follow_logs(stack, units=units, since=since, grep=grep, cancel=cancel, trouble=_trouble):
            write.lines(batch)
    except KeyboardInterrupt:
        # Leaving is how following ends.
        return ExitCode.OK
    finally:
        cancel.set()
    return ExitCode.OK


class _Writer:
    """Lines as they are printed. A batch is written at once, and seen at once."""

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._wide = 14

    def lines(self, batch: Sequence[LogLine]) -> None:
        """Prints them."""
        from airflow_wizard.cli import output

        if self._json:
            output.json_lines([_fields(line) for line in batch])
        else:
            self._wide = max([self._wide, *(len(line.unit) for line in batch)])
            output.lines([self._line(line) for line in batch])

    def _line(self, line: LogLine) -> Line:
        from datetime import datetime

        from airflow_wizard.cli.style import Meaning
        from airflow_wizard.status.log_words import readable

        clock = ""
        if line.time is not None:
            clock = datetime.fromtimestamp(line.time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        text = (f"── {line.text} ──", Meaning.DIM) if line.kind else readable(line.text)
        return ((f"{clock:<19} ", Meaning.DIM), (f"{line.unit:<{self._wide}} ", Meaning.ACCENT), text)


def _fields(line: LogLine) -> dict[str, object]:
    return {"time": line.time, "unit": line.unit, "text": line.text, "kind": line.kind or "line"}


def _trouble(error: EngineUnreachableError | None) -> None:
    from airflow_wizard.cli import narrate

    if error is None:
        narrate.say("the engine is back; the log goes on where it stopped")
    else:
        narrate.warn(f"{error.what}; the log goes on when it is back, Ctrl-C ends it")


def _pattern(text: str | None) -> str | None:
    import re

    if text is None:
        return None
    try:
        re.compile(text)
    except re.error as wrong:
        raise UsageError(
            f"--grep is not a regular expression: {wrong}", next="airflow-wizard logs --grep ERROR"
        ) from wrong
    return text


def _number(text: str | None) -> int:
    if text is None:
        return 200
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise UsageError(f"--tail {text[:40]!r} is not a whole number", next="airflow-wizard logs --tail 500")
    return int(text)


COMMANDS = (
    Command(
        name="logs",
        help="show what the components wrote",
        example="airflow-wizard logs demo --unit scheduler --follow",
        run=run,
        arguments=(STACK, UNIT, FOLLOW, SINCE, GREP, TAIL, JSON_LINES),
    ),
)
