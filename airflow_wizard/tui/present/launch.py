"""A launch as it goes: what the steps are doing, from events alone. Pure but for the clock it is given."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from airflow_wizard.run.step import Plan, StepEvent, StepState
from airflow_wizard.status.log_words import without_time
from airflow_wizard.text import human_seconds
from airflow_wizard.tui.spans import Line, Span, Tone, dim, fit, line, span, width
from airflow_wizard.tui.widgets.rows import Column, Row

if TYPE_CHECKING:
    from airflow_wizard.errors import WizardError
    from airflow_wizard.run.step import Outcome

COLUMNS = (Column(1), Column(2, right=True), Column(26, flex=1), Column(7, right=True), Column(16, flex=1, above=66))
BAR = 16
INDENT = "      "
LABEL = 24  # a longer name of a part, such as an image of one's own registry, is cut
WORTH_TELLING = 3.0  # seconds; how long a shorter step usually takes is of no interest
# Words that a part may be in, to the sign people know.
_PARTS = {
    "done": ("●", Tone.OK), "healthy": ("●", Tone.OK), "running": ("●", Tone.OK), "ok": ("●", Tone.OK),
    "failed": ("✖", Tone.FAIL), "fail": ("✖", Tone.FAIL), "exited": ("✖", Tone.FAIL), "unhealthy": ("▲", Tone.WARN),
    "warn": ("▲", Tone.WARN), "restarting": ("▲", Tone.WARN), "waiting": ("◐", Tone.WORK), "unknown": ("○", Tone.DIM),
}  # fmt: skip
_STATES = {
    StepState.STARTED: ("◐", Tone.WORK),
    StepState.PROGRESS: ("◐", Tone.WORK),
    StepState.DONE: ("●", Tone.OK),
    StepState.SKIPPED: ("●", Tone.DIM),
    StepState.FAILED: ("✖", Tone.FAIL),
}


@dataclass
class Progress:
    """The steps of a plan and the last event of each.

    Attributes:
        order: ids and titles, in order.
        last: the newest event of a step.
        begun: when a step's newest event came, on the caller's clock.
        usual: seconds a step usually takes, where that is known.
        heard: what a program that runs wrote last: unit and text.
        over: how a step that was never finished is shown once nothing runs any more.
    """

    order: list[tuple[str, str]] = field(default_factory=list)
    last: dict[str, StepEvent] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)
    usual: dict[str, float] = field(default_factory=dict)
    heard: tuple[str, str] | None = None
    over: tuple[str, Tone] | None = None

    def plan(self, plan: Plan) -> None:
        """The steps that will come."""
        self.order = [(step.id, step.title) for step in plan.steps]
        self.usual = {step.id: step.usual for step in plan.steps if step.usual}

    def take(self, event: StepEvent, now: float) -> None:
        """One change."""
        if event.id not in {name for name, _ in self.order}:
            self.order.append((event.id, event.title))
        before = self.last.get(event.id)
        if event.state is StepState.FAILED and not event.parts and before is not None:
            event = replace(event, parts=before.parts)  # which of them it was must stay to be seen
        if event.state is StepState.STARTED:
            self.heard = None
        self.last[event.id] = event
        self.begun[event.id] = now - event.elapsed

    def running(self) -> str:
        """Id of the step that is being done; empty when none is."""
        doing = (StepState.STARTED, StepState.PROGRESS)
        return next(
            (name for name, _ in reversed(self.order) if name in self.last and self.last[name].state in doing), ""
        )

    def hear(self, unit: str, text: str) -> None:
        """A line of output."""
        self.heard = (unit, text)

    def rows(self, now: float, *, heard: bool = False) -> list[Row]:
        """Every step, and under the running one its parts; with ``heard`` also the newest line of output."""
        listed: list[Row] = []
        for number, (name, title) in enumerate(self.order, 1):
            event = self.last.get(name)
            listed.append(self._row(number, name, title, event, now))
            if event is not None and event.state in {StepState.STARTED, StepState.PROGRESS} and not self.over:
                listed += self._doing(event)
            if event is not None and event.state is not StepState.DONE:
                cells = min(LABEL, max((width((_short(part[0]),)) for part in event.parts), default=0))
                ended = event.state is StepState.FAILED
                listed += [_part(name, *part, cells=cells, ended=ended) for part in event.parts]
            if heard and self.heard and name == self.running() and not self.over:
                unit, text = self.heard
                words: Line = ((INDENT, Tone.PLAIN), ("│ ", Tone.DIM), span(unit, Tone.DIM), (": ", Tone.DIM))
                listed.append(Row(f"{name}/heard", ((*words, span(text, Tone.DIM)),), selectable=False))
        return listed

    def _row(self, number: int, name: str, title: str, event: StepEvent | None, now: float) -> Row:
        count = dim(number)
        if event is None:
            return Row(name, ((("○", Tone.DIM),), count, (span(title, Tone.DIM),), (), ()))
        glyph, tone = _STATES[event.state]
        doing = tone is Tone.WORK
        if doing and self.over:
            (glyph, tone), doing = self.over, False
        elapsed = now - self.begun[name] if doing else event.elapsed
        detail: Line = (span(event.detail, Tone.FAIL if tone is Tone.FAIL else Tone.DIM),)
        if event.state is StepState.SKIPPED:
            detail = dim(event.detail or "done before")
        if doing:
            detail = ()
        words: Line = (span(title, Tone.STRONG if doing else Tone.PLAIN),)
        return Row(name, (((glyph, tone),), count, words, dim(human_seconds(elapsed)), detail))

    def _doing(self, event: StepEvent) -> list[Row]:
        """How far the running step is: a bar when that is known, what it does now, and how long that usually takes."""
        parts: Line = ((INDENT, Tone.PLAIN),)
        if event.fraction is not None:
            full = round(min(1.0, max(0.0, event.fraction)) * BAR)
            parts += (("█" * full, Tone.ACCENT), ("░" * (BAR - full), Tone.DIM), ("  ", Tone.DIM))
        usual = self.usual.get(event.id, 0.0)
        words = [(f"usually {human_seconds(usual)}", Tone.DIM)] if usual >= WORTH_TELLING else []
        if event.detail:
            words.append(span(event.detail, Tone.DIM))
        if event.fraction is None and not words:
            return []
        for number, word in enumerate(words):
            parts += ((", ", Tone.DIM), word) if number else (word,)
        return [Row(f"{event.id}/", (parts,), selectable=False)]


def _short(name: str) -> Span:
    """The tag of an image tells more than its registry."""
    return span(f"…/{name.rpartition('/')[2]}" if len(name) > LABEL and "/" in name else name)


def said(text: str) -> str:
    """A line of output without the time it was written; empty for one that says nothing."""
    return without_time(text.strip())


def _part(step: str, name: str, word: str, detail: str, *, cells: int, ended: bool) -> Row:
    glyph, tone = _PARTS.get(word, ("◐", Tone.WORK))
    if ended and tone is Tone.WORK:
        glyph, tone = "○", Tone.DIM  # nothing is worked on any more
    label = fit((_short(name),), cells)
    words: Line = ((INDENT, Tone.PLAIN), (glyph, tone), (" ", Tone.PLAIN), *label, ("  ", Tone.PLAIN))
    return Row(f"{step}/{name}", ((*words, span(detail, Tone.FAIL if tone is Tone.FAIL else Tone.DIM)),), False)


def failure(outcome: Outcome) -> list[Line]:
    """What died, why, its last lines, and what to do."""
    lines: list[Line] = []
    for finding in outcome.findings:
        lines.append(
            (("✖ ", Tone.FAIL), span(finding.title, Tone.STRONG), ("  ", Tone.DIM), span(finding.found, Tone.FAIL))
        )
        if finding.why:
            lines.append((("  ", Tone.DIM), span(finding.why)))
        lines += [(("  │ ", Tone.DIM), span(text, Tone.DIM)) for text in finding.evidence[-6:]]
        for fix in finding.fixes:
            lines.append((("  → ", Tone.ACCENT), span(fix.title)))
            lines += [(("    $ ", Tone.DIM), span(" ".join(command), Tone.ACCENT)) for command in fix.commands]
    return lines or [line(("✖ ", Tone.FAIL), "the launch did not end in a proof, and nothing says why")]


def trouble(error: WizardError) -> list[Line]:
    """An error in its three parts."""
    lines: list[Line] = [(("✖ ", Tone.FAIL), span(error.what, Tone.STRONG))]
    lines += [(("  ", Tone.DIM), span(error.why))] if error.why else []
    lines += [(("  │ ", Tone.DIM), span(text, Tone.DIM)) for text in getattr(error, "evidence", ())[-6:]]
    lines += [(("  → ", Tone.ACCENT), span(error.next, Tone.ACCENT))] if error.next else []
    return lines
