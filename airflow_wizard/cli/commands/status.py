"""``status``: one snapshot, or one every second and whenever something happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import JSON, STACK
from airflow_wizard.cli.command import Args, Argument, Command, Takes
from airflow_wizard.errors import ExitCode

if TYPE_CHECKING:
    from airflow_wizard.status.snapshot import Snapshot
    from airflow_wizard.workflows.stacks import StackRecord

WATCH = Argument("--watch", "go on until Ctrl-C: every second, and when something happens", Takes.FLAG)
_PERIOD = 1.0  # seconds


def run(args: Args) -> int:
    """Shows what was observed; exit 1 when something that should run does not, 4 when its engine does not answer."""
    from airflow_wizard.cli.inputs import stack as find

    stack = find(args)
    if args.flag("watch"):
        return _watch(stack, json=args.json)
    from airflow_wizard.workflows.watching import snapshot

    seen = snapshot(stack)
    _show(seen, json=args.json)
    return _exit_code(seen)


def _watch(stack: StackRecord, *, json: bool) -> int:
    from airflow_wizard.cli import narrate, output
    from airflow_wizard.workflows.watching import Watcher

    refresh = output.is_terminal() and narrate.can_be_live()
    with Watcher(stack) as watcher:
        seen = watcher.snapshot()
        try:
            while True:
                if json:
                    output.json_line(seen.to_json())
                else:
                    if refresh:
                        output.clear_screen()
                    _show(seen, json=False)
                watcher.wait(_PERIOD)
                seen = watcher.snapshot()
        except KeyboardInterrupt:
            # Leaving a watch is how it ends, not an interruption of work.
            return _exit_code(seen)


def _show(seen: Snapshot, *, json: bool) -> None:
    import time

    from airflow_wizard.cli import output
    from airflow_wizard.cli.render_status import render

    if json:
        output.json_object(seen.to_json())
    else:
        output.lines(render(seen, now=time.time()))


def _exit_code(seen: Snapshot) -> int:
    from airflow_wizard.status.snapshot import StackState

    if not seen.reachable:
        return ExitCode.UNREACHABLE
    return ExitCode.FAILED if seen.state in (StackState.DEGRADED, StackState.UNKNOWN) else ExitCode.OK


COMMANDS = (
    Command(
        name="status",
        help="show what runs: state, health, heartbeats, restarts, CPU, memory",
        example="airflow-wizard status demo --watch",
        run=run,
        arguments=(STACK, WATCH, JSON),
        about="Exit 0 when it runs, starts or was stopped on purpose; exit 1 when it is degraded or cannot be seen;"
        " exit 4 when its engine does not answer. Memory is PSS where it can be read: shared pages are counted once;"
        " of a unit with a limit it is what the limit counts. With --watch, rows stay while the engine is away, marked"
        " as stale. With --watch --json: one JSON line a second, and one as soon as something happens.",
    ),
)
