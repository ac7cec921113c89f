"""A running stack as rows and lines. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.status.rows import NONE, short_seconds
from airflow_wizard.status.rules import ended_badly
from airflow_wizard.status.snapshot import AirflowHealth, ComponentHealth, Health, Snapshot, StackState, Unit, UnitState
from airflow_wizard.text import human_bytes, human_seconds
from airflow_wizard.tui.spans import Line, Tone, dim, fit, span, width
from airflow_wizard.tui.widgets.rows import Column, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.workflows.access import Credentials
    from airflow_wizard.workflows.stacks import StackRecord

COLUMNS = (
    Column(1),
    Column(16),
    Column(18, flex=1),
    Column(9, right=True),
    Column(5, right=True),
    Column(7, right=True),
    Column(5, right=True, above=72),
    Column(8, right=True, above=80),
)
_NAME = 1  # the column of names, which are longer where a name is a service's
_WIDEST = 24
HEAD = Row(
    "_head",
    ((), dim("Units"), (), dim("heartbeat"), dim("cpu"), dim("memory"), dim("since"), dim("restarts")),
    selectable=False,
)
HIDDEN = "••••••••"
_SENTENCES = {
    StackState.RUNNING: ("●", Tone.OK, "is running"),
    StackState.DEGRADED: ("▲", Tone.WARN, "is running, but not all of it"),
    StackState.STARTING: ("◐", Tone.WORK, "is starting"),
    StackState.STOPPED: ("○", Tone.DIM, "is stopped; everything is kept"),
    StackState.UNKNOWN: ("○", Tone.UNKNOWN, "cannot be seen"),
}
_UNIT = {
    UnitState.RUNNING: ("●", Tone.OK),
    UnitState.STARTING: ("◐", Tone.WORK),
    UnitState.RESTARTING: ("▲", Tone.WARN),
    UnitState.EXITED: ("✖", Tone.FAIL),
    UnitState.DONE: ("●", Tone.DIM),
    UnitState.UNKNOWN: ("○", Tone.UNKNOWN),
}


def unit_row(unit: Unit, now: float, *, stopped: bool = False) -> Row:
    """One component; in a stack that was stopped, one that is down is no failure."""
    glyph, tone = _UNIT[unit.state]
    if stopped and unit.state is UnitState.EXITED and not unit.reason and not ended_badly(unit.exit_code):
        glyph, tone = "○", Tone.DIM
    if unit.state is UnitState.RUNNING and unit.health is Health.UNHEALTHY:
        glyph, tone = "▲", Tone.WARN
    elif unit.state is UnitState.RUNNING and unit.health is Health.STARTING:
        glyph, tone = "◐", Tone.WORK
    state: Line = ((_words(unit), tone if tone in {Tone.FAIL, Tone.WARN} else Tone.PLAIN),)
    if unit.reason:
        state += (("  ", Tone.DIM), span(unit.reason, tone if tone is Tone.FAIL else Tone.WARN))
    restarts = (str(unit.restarts), Tone.WARN if unit.restarts else Tone.DIM)
    return Row(
        unit.id,
        (
            ((glyph, tone),),
            (span(unit.id),),
            state,
            dim(NONE if unit.heartbeat_age is None else f"{short_seconds(unit.heartbeat_age)} ago"),
            ((NONE if unit.cpu is None else f"{unit.cpu * 100:.0f}%", Tone.PLAIN),),
            ((NONE if unit.memory is None else human_bytes(unit.memory), Tone.PLAIN),),
            dim(NONE if unit.since is None else short_seconds(now - unit.since)),
            (restarts,),
        ),
    )


def _words(unit: Unit) -> str:
    if unit.state is UnitState.RUNNING:
        return "running" if unit.health in {Health.NONE, Health.UNKNOWN} else str(unit.health)
    if unit.exit_code is not None and unit.state in {UnitState.EXITED, UnitState.RESTARTING}:
        return f"{unit.state} {unit.exit_code}"
    return str(unit.state)


def unit_rows(snapshot: Snapshot) -> list[Row]:
    """A head and one row for each component."""
    stopped = snapshot.state is StackState.STOPPED
    longest = max((len(unit.id) for unit in snapshot.units), default=0)
    name = replace(COLUMNS[_NAME], width=min(_WIDEST, max(COLUMNS[_NAME].width, longest)))
    columns = (*COLUMNS[:_NAME], name, *COLUMNS[_NAME + 1 :])
    listed = [HEAD, *(unit_row(unit, snapshot.taken, stopped=stopped) for unit in snapshot.units)]
    return [replace(row, columns=columns) for row in listed]


def sentence(stack: StackRecord, snapshot: Snapshot | None, proven: float | None, cells: int) -> Line:
    """How it is, in words."""
    if snapshot is None:
        return (("◐ ", Tone.WORK), (f"Airflow {stack.airflow_version}: looking…", Tone.STRONG))
    glyph, tone, words = _SENTENCES[snapshot.state]
    right: Line = ()
    if proven is not None and snapshot.state is StackState.RUNNING:
        words += " and has run a task"
        right = dim(f"launched and proven in {human_seconds(proven)}")
    left: Line = ((f"{glyph} ", tone), span(f"Airflow {stack.airflow_version} {words}.", Tone.STRONG))
    return left + fit(right, max(0, cells - width(left)), right=True)


def login(stack: StackRecord, credentials: Credentials | None, *, shown: bool) -> Line:
    """Where, who, and the password, hidden unless asked for."""
    parts: Line = (("  ", Tone.PLAIN), span(stack.url, Tone.ACCENT))
    if credentials is None:
        return parts
    secret = span(credentials.password, Tone.STRONG) if shown else (HIDDEN, Tone.DIM)
    return (*parts, ("    ", Tone.PLAIN), span(credentials.user), ("  ", Tone.PLAIN), secret)


def places(found: Sequence[tuple[str, str]]) -> list[Line]:
    """Labelled paths, a fixed number of lines so that nothing moves when they arrive."""
    return [(("  ", Tone.PLAIN), (f"{label:<9}", Tone.DIM), span(text)) for label, text in found]


def health(airflow: AirflowHealth | None) -> Line:
    """Airflow's own word about itself."""
    parts: Line = (("  ", Tone.PLAIN), ("Airflow  ", Tone.DIM))
    if airflow is None:
        return (*parts, ("does not answer", Tone.DIM))
    for name, part in (
        ("metadatabase", airflow.metadatabase),
        ("scheduler", airflow.scheduler),
        ("triggerer", airflow.triggerer),
        ("dag-processor", airflow.dag_processor),
    ):
        if part is not None:
            parts += _component(name, part)
    return parts


def _component(name: str, part: ComponentHealth) -> Line:
    good = part.status == "healthy"
    sign = ("● ", Tone.OK) if good else ("✖ ", Tone.FAIL)
    word: Line = () if good else ((" ", Tone.DIM), span(part.status, Tone.FAIL))
    return (sign, (name, Tone.PLAIN), *word, ("   ", Tone.PLAIN))


def connect(stack: StackRecord, found: Sequence[tuple[str, str]], rest: str) -> list[Line]:
    """Everything one needs afterwards, as commands to copy."""
    name = stack.name

    def command(*lines: str) -> list[Line]:
        return [(("  $ ", Tone.DIM), span(text, Tone.ACCENT)) for text in lines]

    lines: list[Line] = [(("Browser", Tone.STRONG),), (("  ", Tone.PLAIN), span(stack.url, Tone.ACCENT)), ()]
    if rest:
        lines += [(("REST", Tone.STRONG),), *command(rest), ()]
    lines += [(("Folders and commands", Tone.STRONG),), *places(found), ()]
    lines += [(("Stop, start, remove", Tone.STRONG),)]
    lines += command(f"airflow-wizard stop {name}", f"airflow-wizard start {name}", f"airflow-wizard destroy {name}")
    lines += [(), (("Login", Tone.STRONG),), *command(f"airflow-wizard credentials {name}")]
    return lines
