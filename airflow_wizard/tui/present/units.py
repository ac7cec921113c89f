"""What runs, as rows. Pure: a row is made when its line is painted, so that thousands cost as much as a screenful."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from airflow_wizard.status.order import Arranged, Order, role_of
from airflow_wizard.status.rows import NONE, Mood, mood, pressure, short_seconds
from airflow_wizard.status.rows import memory as memory_words
from airflow_wizard.status.snapshot import Health, Snapshot, Unit, UnitState
from airflow_wizard.text import human_bytes
from airflow_wizard.tui.spans import Line, Tone, dim, span
from airflow_wizard.tui.widgets.rows import Column, LazyRows, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDE = 100  # cells from which figures stand with their limits
_WIDEST = 24
_NEVER = 100_000
_GLYPH, _STATE = Column(1), Column(14, flex=1)
_BEAT = Column(9, right=True)
_CPU = Column(6, right=True)
_TAKEN, _OF = Column(8, right=True), Column(15, right=True, above=_WIDE)
_SINCE = (Column(5, right=True, above=66), Column(8, right=True, above=80))
# On a very wide terminal, figures stay where the eye finds the name they belong to.
_AIR = Column(1, flex=1, above=150)
_NODES = 130
MOODS = {
    Mood.OK: Tone.OK,
    Mood.WORKING: Tone.WORK,
    Mood.WARN: Tone.WARN,
    Mood.FAIL: Tone.FAIL,
    Mood.IDLE: Tone.DIM,
    Mood.UNKNOWN: Tone.UNKNOWN,
}
# Room for a head, and for a log of a few lines below.
_LEAST, _LOG_LEAST = 4, 5


@dataclass(frozen=True, slots=True)
class View:
    """How units are looked at.

    Attributes:
        order: by what they are listed.
        words: only units that match are shown.
        figures: CPU and memory are shown.
        headings: groups of several have a heading; where there is room for it.
    """

    order: Order = Order.ROLE
    words: str = ""
    figures: bool = True
    headings: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """What a view shows of a snapshot: a head, rows below it, and the units they are about."""

    head: Row
    rows: LazyRows
    units: Sequence[Unit | None]


class Prepared:
    """What of a snapshot stays the same whatever is typed: in which order its units stand, and how wide they are."""

    def __init__(self, picture: Snapshot, order: Order) -> None:
        self.picture = picture
        self.order = order
        self.units = Arranged(picture.units, order)
        self.columns = {figures: _columns(picture.units, figures=figures) for figures in (False, True)}
        self.has_figures = _has_figures(picture)

    def fits(self, picture: Snapshot, order: Order) -> bool:
        """Whether it is about this."""
        return self.picture.units is picture.units and self.order is order


def listed(picture: Snapshot, view: View, prepared: Prepared | None = None) -> Listed:
    """The rows of a snapshot; ``prepared`` spares work when it is listed again."""
    if prepared is None or not prepared.fits(picture, view.order):
        prepared = Prepared(picture, view.order)
    units = prepared.units.matching(view.words)
    # What was not seen has no figures; their room goes to what is known.
    view = replace(view, figures=view.figures and picture.reachable and prepared.has_figures)
    columns = prepared.columns[view.figures]
    places: list[Unit | None] = list(units)
    titles: dict[int, str] = {}
    roles = list(map(role_of, units)) if view.order is Order.ROLE and view.headings else []
    count = Counter(roles)
    several = {role for role, number in count.items() if number > 1}
    if several:
        places, last = [], ""
        for unit, role in zip(units, roles, strict=True):
            if role != last and role in several:
                titles[len(places)] = f"{role}  {count[role]}"
                places.append(None)
            last = role
            places.append(unit)

    def make(number: int) -> Row:
        unit = places[number]
        if unit is None:
            return Row(f"_{number}", (dim(titles[number]),), selectable=False)
        inside = bool(several) and role_of(unit) in several
        cells = unit_cells(unit, picture, figures=view.figures, inside=inside)
        return Row(unit.id, cells, columns=columns)

    keys = ["" if unit is None else unit.id for unit in places]
    return Listed(_head(picture, view, len(units), columns), LazyRows(keys, make), places)


def _has_figures(picture: Snapshot) -> bool:
    """A cluster without a metrics API never has any; elsewhere they come with the second look."""
    in_cluster = any(unit.component for unit in picture.units)
    return not in_cluster or any(unit.memory is not None for unit in picture.units)


def _columns(units: Sequence[Unit], *, figures: bool) -> tuple[Column, ...]:
    longest = max((len(unit.id) for unit in units), default=0)
    name = Column(max(12, min(_WIDEST, longest + 2)))
    # Limits take room that words need as well; where nothing has one, there is nothing to say.
    limited = any(unit.memory_limit for unit in units)
    memory = (replace(_TAKEN, below=_WIDE if limited else 0), replace(_OF, above=_WIDE if limited else _NEVER))
    # On a narrow terminal the room of what no unit has goes to the reasons; on others it is kept.
    beat = _BEAT if any(unit.heartbeat_age is not None for unit in units) else replace(_BEAT, above=_WIDE)
    longest = max((len(unit.node) for unit in units), default=0)
    node = Column(max(4, min(_WIDEST, longest)), above=_NODES if longest else _NEVER)
    air = replace(_AIR, above=_NEVER) if longest else _AIR  # reasons are long there
    return (_GLYPH, name, _STATE, node, beat, *((_CPU, *memory) if figures else ()), *_SINCE, air)


def _head(picture: Snapshot, view: View, shown: int, columns: tuple[Column, ...]) -> Row:
    all_of = len(picture.units)
    notes = [f"{all_of}" if shown == all_of else f"{shown} of {all_of}"]
    notes += [f"with {view.words.strip()}"] if view.words.strip() else []
    notes += [f"by {view.order}"] if view.order is not Order.ROLE else []
    figures = (dim("cpu"), dim("memory"), dim("memory")) if view.figures else ()
    titles = (
        (),
        dim("Units"),
        dim(", ".join(notes)),
        dim("node"),
        dim("heartbeat"),
        *figures,
        dim("since"),
        dim("restarts"),
        (),
    )
    return Row("_head", titles, selectable=False, columns=columns)


def unit_cells(unit: Unit, picture: Snapshot, *, figures: bool, inside: bool = False) -> tuple[Line, ...]:
    """The cells of one unit."""
    how = mood(unit)
    tone = MOODS[how]
    loud = tone in (Tone.FAIL, Tone.WARN)
    faint = Tone.DIM if unit.stale else Tone.PLAIN
    state: Line = (span(words(unit), tone if loud else faint),)
    if unit.stale:
        ago = "" if picture.seen is None else f" {short_seconds(picture.taken - picture.seen)} ago"
        state += (("  ", Tone.DIM), span(f"was {unit.was}{ago}", Tone.DIM))
    elif unit.reason:
        state += (("  ", Tone.DIM), span(unit.reason, tone if how is Mood.FAIL else Tone.WARN))
    age = NONE if unit.heartbeat_age is None else f"{short_seconds(unit.heartbeat_age)} ago"
    since = NONE if unit.since is None or unit.stale else short_seconds(picture.taken - unit.since)
    indent: Line = (("  ", Tone.PLAIN),) if inside else ()
    return (
        ((how.glyph, tone),),
        (*indent, span(unit.id, faint)),
        state,
        dim(unit.node),
        dim(age),
        *(_figures(unit) if figures else ()),
        dim(since),
        ((str(unit.restarts), Tone.WARN if unit.restarts and not unit.stale else Tone.DIM),),
        (),
    )


def _figures(unit: Unit) -> tuple[Line, Line, Line]:
    cpu = NONE if unit.cpu is None else f"{unit.cpu * 100:.0f}%"
    short = NONE if unit.memory is None else human_bytes(unit.memory)
    close = pressure(unit.memory, unit.memory_limit)
    return (
        _close(cpu, pressure(unit.cpu, unit.cpu_limit)),
        _close(short, close),
        _close(memory_words(unit), close),
    )


def _close(text: str, how: Mood) -> Line:
    """A figure; close to its limit with a sign before it."""
    if how is Mood.OK:
        return ((text, Tone.PLAIN),)
    return ((f"{how.glyph} ", MOODS[how]), (text, MOODS[how]))


def words(unit: Unit) -> str:
    """How it is, in a word or two."""
    if unit.stale:
        return "stale"
    if unit.state is UnitState.RUNNING:
        return "running" if unit.health in {Health.NONE, Health.UNKNOWN} else str(unit.health)
    if unit.exit_code is not None and unit.state in {UnitState.EXITED, UnitState.RESTARTING}:
        return f"{unit.state} {unit.exit_code}"
    return str(unit.state)


def height(wanted: int, room: int, *, focused: bool) -> int:
    """Lines for the units, their head included, of ``room`` that they share with the log.

    All of them where that leaves the log its half; else the pane that is worked in gets more.
    """
    share = min(wanted, max(_LEAST, room * (65 if focused else 45) // 100))
    return max(min(share, room - _LOG_LEAST), min(wanted, _LEAST))
