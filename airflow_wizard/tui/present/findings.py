"""Findings as rows and as an explanation: host checks and diagnoses look the same. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.text import plain
from airflow_wizard.tui.spans import LEVEL_TONES, Line, Tone, dim, line, span
from airflow_wizard.tui.widgets.rows import Column, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = (Column(1), Column(18), Column(16, flex=2), Column(14, flex=1, above=72))


def row(finding: Finding) -> Row:
    """One check: state, subject, found, needed."""
    tone = LEVEL_TONES[finding.level]
    found = Tone.PLAIN if finding.level in {Level.OK, Level.INFO} else tone
    needed = ("needs ", Tone.DIM), span(finding.needed, Tone.DIM)
    # A machine that has enough needs no reminder of how much that is.
    shows_need = bool(finding.needed) and finding.level not in {Level.OK, Level.INFO}
    return Row(
        finding.id,
        (
            ((finding.level.glyph, tone),),
            line(span(finding.title)),
            (span(finding.found, found),),
            needed if shows_need else (),
        ),
    )


def summary(findings: Sequence[Finding]) -> Line:
    """How many were checked, and what they ask of a person."""
    counts = {level: sum(f.level is level for f in findings) for level in Level}
    parts: list[tuple[str, Tone]] = [(f"{len(findings)} checked", Tone.DIM)]
    for level, words in (
        (Level.FAIL, "must be solved"),
        (Level.WARN, "to know about"),
        (Level.UNKNOWN, "unknown"),
    ):
        if counts[level]:
            parts += [("   ", Tone.DIM), (f"{level.glyph} {counts[level]} {words}", LEVEL_TONES[level])]
    if not (counts[Level.FAIL] or counts[Level.WARN] or counts[Level.UNKNOWN]) and findings:
        parts += [("   ", Tone.DIM), ("● all is well", Tone.OK)]
    return tuple(parts)


def usable_fix(finding: Finding | None) -> Fix | None:
    """The first fix that this screen can apply by changing an answer."""
    if finding is None:
        return None
    return next((fix for fix in finding.fixes if fix.answers), None)


def explanation(finding: Finding, first: Fix | None = None) -> list[Line]:
    """Why it matters, and every way out with its exact commands; ``first`` is the one that a key applies."""
    tone = LEVEL_TONES[finding.level]
    lines: list[Line] = [((f"{finding.level.glyph} ", tone), span(finding.found, tone))]
    if finding.needed:
        lines.append((("needs ", Tone.DIM), span(finding.needed)))
    if finding.why:
        lines += [(), (span(finding.why),)]
    if finding.fixes:
        lines += [(), (("Ways out" if len(finding.fixes) > 1 else "Way out", Tone.STRONG),)]
        first = first or usable_fix(finding)
        for number, fix in enumerate(finding.fixes, 1):
            lines += _fix(number, fix, here=fix is first)
    return lines


def _fix(number: int, fix: Fix, *, here: bool) -> Iterable[Line]:
    sign = ("f ", Tone.ACCENT) if here else (f"{number} ", Tone.DIM)
    title, *commands = fix_lines(fix)
    yield (sign, *title)
    yield from commands


def fix_lines(fix: Fix) -> Iterable[Line]:
    """What a way out does, how risky that is, and its exact commands."""
    risk = () if fix.risk is Risk.SAFE else ((f"  ({fix.risk})", Tone.WARN),)
    yield (span(fix.title), *risk)
    for command in fix.commands:
        yield (("  $ ", Tone.DIM), span(shlex.join(command), Tone.ACCENT))


def evidence(finding: Finding) -> list[Line]:
    """Where it was seen."""
    if not finding.evidence:
        return [dim("nothing was written down for this one")]
    return [(span(text),) for text in finding.evidence]


def report(findings: Iterable[Finding]) -> str:
    """Findings as text for a clipboard or an issue."""
    blocks = []
    for finding in findings:
        lines = [f"{finding.level.upper()} {finding.title}: {finding.found}"]
        lines += [f"  needed: {finding.needed}"] if finding.needed else []
        lines += [f"  why: {finding.why}"] if finding.why else []
        lines += [f"  evidence: {text}" for text in finding.evidence]
        lines += [f"  fix: {fix.title}" for fix in finding.fixes]
        blocks.append("\n".join(plain(text) for text in lines))
    return "\n".join(blocks)
