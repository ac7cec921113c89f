"""All about one unit: how it is, why, and what it said. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.finding import Level
from airflow_wizard.status.rows import Mood, memory, mood, pressure, short_seconds
from airflow_wizard.status.rules import how_it_ended
from airflow_wizard.status.snapshot import UnitState
from airflow_wizard.text import one_line
from airflow_wizard.tui.present.findings import fix_lines
from airflow_wizard.tui.present.log_lines import Look, drawn
from airflow_wizard.tui.present.units import MOODS, words
from airflow_wizard.tui.spans import LEVEL_TONES, Line, Span, Tone, dim, span
from airflow_wizard.tui.widgets.rows import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.finding import Finding
    from airflow_wizard.log_line import LogLine
    from airflow_wizard.status.snapshot import Snapshot, Unit, UnitPart
    from airflow_wizard.workflows.units import UnitAction

EVENTS = 6
LINES = 20
_HEALTH_LINES = 6
_LONGEST = 300
# So many findings are told; their place is kept while they are worked out.
_FINDINGS = 2
_KEPT = 5
_INDENT: Span = ("  ", Tone.PLAIN)
_LOOK = Look(unit_cells=0)


def about(unit: Unit, picture: Snapshot) -> list[Line]:
    """How it is: a sentence, why, and what it is made of."""
    how = mood(unit)
    tone = MOODS[how]
    sentence = span(_sentence(unit, picture), tone)
    lines: list[Line] = [
        ((f"{how.glyph} ", tone), span(one_line(unit.id, limit=60), Tone.STRONG), ("  ", Tone.PLAIN), sentence)
    ]
    if unit.reason:
        # Something to know about what is well is no praise.
        lines.append((_INDENT, span(one_line(unit.reason, limit=_LONGEST), Tone.PLAIN if how is Mood.OK else tone)))
    made = [
        unit.image,
        unit.container,
        unit.node and f"on {unit.node}",
        *(f"{address}:{port}" for address, port in unit.ports),
    ]
    made += [f"pid {unit.pid}"] if unit.pid else []
    if any(made):
        whole = " · ".join(one_line(part, limit=80) for part in made if part)
        lines.append((_INDENT, span(whole, Tone.DIM)))
    if unit.cpu is not None or unit.memory is not None:
        lines.append(_takes(unit))
    return lines + [_part(part) for part in unit.parts]


def _part(part: UnitPart) -> Line:
    """One container of a pod."""
    tone = Tone.PLAIN if part.fine else Tone.FAIL
    again = f", started again {part.restarts} times" if part.restarts > 1 else ", started again once" * part.restarts
    again = again if part.fine else ""  # the reason says it
    kind = "" if part.kind == "main" else f"{part.kind} container "
    how = Mood.OK if part.state in ("running", "done") else Mood.WORKING
    sign = (f"{how.glyph if part.fine else Mood.FAIL.glyph} ", Tone.DIM if part.fine else Tone.FAIL)
    why: Line = (("  ", Tone.PLAIN), span(part.reason, tone)) if part.reason else ()
    return (
        _INDENT, sign, (kind, Tone.DIM), span(one_line(part.name, limit=60)), ("  ", Tone.PLAIN),
        span(f"{part.state}{again}", tone), *why,
    )  # fmt: skip


def _sentence(unit: Unit, picture: Snapshot) -> str:
    if unit.stale:
        seen = "" if picture.seen is None else f" {short_seconds(picture.taken - picture.seen)} ago"
        return f"cannot be seen now; was {unit.was}{seen}"
    since = "" if unit.since is None else f" for {short_seconds(picture.taken - unit.since)}"
    again = f", started again {unit.restarts} times" if unit.restarts > 1 else ""
    again = ", started again once" if unit.restarts == 1 else again
    beat = "" if unit.heartbeat_age is None else f", heartbeat {short_seconds(unit.heartbeat_age)} ago"
    told = unit.reason or not unit.restarts or unit.last_exit is None
    ended = "" if told else f"; the run before {how_it_ended(unit.last_exit)}"
    if unit.state in (UnitState.EXITED, UnitState.RESTARTING) and unit.exit_code is not None:
        ago = "" if unit.since is None else f", {short_seconds(picture.taken - unit.since)} ago"
        # A reason says it better, on a line of its own.
        how = "" if unit.reason else f": {how_it_ended(unit.exit_code)}"
        return f"{words(unit)}{how}{ago}{again}"
    return f"{words(unit)}{since}{beat}{again}{ended}"


def _takes(unit: Unit) -> Line:
    parts: Line = (("  ", Tone.PLAIN),)
    if unit.cpu is not None:
        limit = f" of {unit.cpu_limit:g} cores" if unit.cpu_limit else ""
        parts += (
            ("cpu ", Tone.DIM),
            (f"{unit.cpu * 100:.0f}%{limit}   ", MOODS[pressure(unit.cpu, unit.cpu_limit)] if limit else Tone.PLAIN),
        )
    if unit.memory is not None:
        close = pressure(unit.memory, unit.memory_limit)
        sign = "" if close is Mood.OK else f"{close.glyph} "
        parts += (("memory ", Tone.DIM), (f"{sign}{memory(unit)}", MOODS[close] if sign else Tone.PLAIN))
    return parts


def findings_about(unit: Unit, findings: Sequence[Finding]) -> list[Finding]:
    """Those that are about this unit: by their id, or because they name it."""
    service = unit.id.rpartition("-")[0] if unit.id.rpartition("-")[2].isdecimal() else unit.id
    names = {unit.id.lower(), service.lower(), unit.container.lower()} - {""}

    def names_it(finding: Finding) -> bool:
        last = finding.id.rpartition(".")[2].lower()
        return last in names or any(name in f"{finding.title} {finding.found}".lower() for name in names)

    return [finding for finding in findings if finding.level is not Level.OK and names_it(finding)]


def findings(unit: Unit, found: Sequence[Finding] | None, error: str = "") -> list[Line]:
    """What is known to be wrong with it; a place for one finding is kept while that is worked out."""
    lines: list[Line] = [(("Findings", Tone.STRONG),)]
    if error:
        lines.append((("  ▲ ", Tone.WARN), span(error)))
    elif found is None:
        lines.append((("  ◐ ", Tone.WORK), ("looking for causes…", Tone.DIM)))
    else:
        own = findings_about(unit, found)
        for finding in own[:_FINDINGS]:
            tone = LEVEL_TONES[finding.level]
            lines.append(
                (
                    (f"  {finding.level.glyph} ", tone),
                    span(finding.title),
                    ("  ", Tone.PLAIN),
                    span(finding.found, tone),
                )
            )
            if finding.fixes:
                lines += [(("    ", Tone.PLAIN), *part) for part in fix_lines(finding.fixes[0])]
        more, others = len(own) - _FINDINGS, len(found) - len(own)
        if more > 0:
            lines.append((_INDENT, (f"{more} more: t", Tone.DIM)))
        elif not own:
            lines.append(_none(unit, others))
    looking = found is None and not error
    return lines + [()] * max(1, _KEPT - len(lines) if looking else 1)


def _none(unit: Unit, others: int) -> Line:
    """No finding names it; that is good news only of a unit that is well."""
    well = mood(unit) in (Mood.OK, Mood.IDLE)
    sign = ("  ● ", Tone.OK) if well else ("  ○ ", Tone.UNKNOWN)
    if unit.reason and not well:
        return (sign, ("nothing more than is said above", Tone.DIM))
    good, bad = "nothing is wrong with it that the wizard knows how to see", "no known cause; see its last lines"
    also = f"; {others} about the rest of the stack: t" if others else ""
    return (sign, (f"{good if well else bad}{also}", Tone.DIM))


def health(unit: Unit) -> list[Line]:
    """The last output of its own check."""
    if not unit.health_output:
        return []
    said = unit.health_output.splitlines()[-_HEALTH_LINES:]
    return [
        (("Its health check said", Tone.STRONG),),
        *((_INDENT, span(one_line(text, limit=_LONGEST))) for text in said),
        (),
    ]


def happened(unit: Unit, picture: Snapshot) -> list[Line]:
    """Its newest events, newest first."""
    own = [(at, text) for at, name, text in picture.events if name == unit.id][-EVENTS:]
    lines: list[Line] = [(("Events", Tone.STRONG),)]
    for at, text in reversed(own):
        lines.append((("  ", Tone.PLAIN), (f"{short_seconds(picture.taken - at):>5} ago  ", Tone.DIM), span(text)))
    return [*lines, *([] if own else [(_INDENT, ("none was seen lately", Tone.DIM))]), ()]


def written(unit: Unit, lines: Sequence[LogLine] | None, error: str = "") -> list[Line]:
    """Its last lines, with a mark where this run began."""
    shown: list[Line] = [(("Last lines", Tone.STRONG),)]
    if error:
        return [*shown, (("  ▲ ", Tone.WARN), span(error))]
    if lines is None:
        return [*shown, (("  ◐ ", Tone.WORK), ("reading…", Tone.DIM))]
    began = unit.since if unit.state is UnitState.RUNNING and unit.restarts else None
    marked = began is None
    for entry in lines[-LINES:]:
        if not marked and entry.time is not None and began is not None and entry.time >= began:
            marked = True
            shown += [_MARK] if len(shown) > 1 else []
        shown.append((("  ", Tone.PLAIN), *drawn(entry, _LOOK)))
    if not lines:
        return [*shown, (_INDENT, ("it has written nothing", Tone.DIM))]
    return shown if marked else [*shown, _MARK]


_MARK: Line = (("  ── started again ──", Tone.WARN),)


def menu(actions: Sequence[UnitAction]) -> list[Row]:
    """What can be done."""
    return [Row(action.id, (((action.title, Tone.STRONG),),)) for action in actions]


def commands(actions: Sequence[UnitAction]) -> dict[str, Line]:
    """The exact command of each."""
    return {action.id: (("$ ", Tone.DIM), span(action.command, Tone.ACCENT)) for action in actions}


def older(lines: Sequence[LogLine]) -> list[Line]:
    """What the run before wrote."""
    return [drawn(entry, _LOOK) for entry in lines] or [dim("nothing of it is there any more")]


def gone(name: str) -> list[Line]:
    """It is not there any more."""
    return [(("○ ", Tone.DIM), span(name, Tone.STRONG), ("  is not there any more", Tone.DIM))]
