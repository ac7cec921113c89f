"""A running stack as rows and lines. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.status.snapshot import AirflowHealth, ComponentHealth, Snapshot, StackState
from airflow_wizard.text import human_seconds
from airflow_wizard.tui.spans import Line, Tone, dim, fit, span, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.workflows.access import Credentials
    from airflow_wizard.workflows.stacks import StackRecord

HIDDEN = "••••••••"
_SENTENCES = {
    StackState.RUNNING: ("●", Tone.OK, "is running"),
    StackState.DEGRADED: ("▲", Tone.WARN, "is running, but not all of it"),
    StackState.STARTING: ("◐", Tone.WORK, "is starting"),
    StackState.STOPPED: ("○", Tone.DIM, "is stopped; everything is kept"),
    StackState.UNKNOWN: ("○", Tone.UNKNOWN, "cannot be seen"),
}


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


def away(picture: Snapshot, now: float, cells: int) -> Line:
    """What is shown while the engine does not answer, and when it is asked again."""
    seen = (
        "nothing was seen yet"
        if picture.seen is None
        else f"rows as of {human_seconds(max(0.0, now - picture.seen))} ago"
    )
    left = None if picture.retry_at is None else max(0.0, picture.retry_at - now)
    again = "" if left is None else ("; asking again now" if left < 0.1 else f"; asked again in {left:.1f} s")
    who = "cluster" if any(unit.component for unit in picture.units) else "engine"
    return fit((("▲ ", Tone.WARN), (f"the {who} does not answer: ", Tone.WARN), (f"{seen}{again}", Tone.PLAIN)), cells)


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
