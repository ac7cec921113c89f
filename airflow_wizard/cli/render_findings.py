"""Findings as text: found, needed, why, fix. The same for host checks and diagnoses. Pure."""

from __future__ import annotations

import shlex
import textwrap
from typing import TYPE_CHECKING

from airflow_wizard.cli.style import Line, Meaning, table
from airflow_wizard.finding import Level, worst_first
from airflow_wizard.options.values import format_value
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.finding import Finding, Fix

MEANINGS = {
    Level.OK: Meaning.OK,
    Level.INFO: Meaning.ACCENT,
    Level.WARN: Meaning.WARN,
    Level.FAIL: Meaning.FAIL,
    Level.UNKNOWN: Meaning.UNKNOWN,
}
_WORDS = {
    Level.OK: "ok",
    Level.INFO: "note",
    Level.WARN: "warning",
    Level.FAIL: "must be solved",
    Level.UNKNOWN: "unknown",
}
_EVIDENCE = 8


def render(findings: Sequence[Finding], *, columns: int = 96, evidence: bool = True, stack: str = "") -> list[Line]:
    """All findings, worst first; only what is not ok says more than one line.

    What only follows from another finding says which: its details would lead away from the cause. Of a ``stack`` it is
    said how the wizard applies a fix.
    """
    ordered = worst_first(findings)
    titles = {finding.id: finding.title for finding in findings}
    heads = table([head(f) for f in ordered])
    lines: list[Line] = []
    for finding, first in zip(ordered, heads, strict=True):
        lines.append(first)
        causes = [titles[cause] for cause in finding.causes if cause in titles]
        if causes:
            lines += _labelled("from", ", ".join(dict.fromkeys(causes)), columns)
        elif finding.level is not Level.OK:
            lines += _details(finding, columns, evidence=evidence, stack=stack)
    return lines


def head(finding: Finding) -> tuple[tuple[str, Meaning], str, str]:
    """One row: glyph, title, what was found (and the level in words when it is not ok)."""
    word = "" if finding.level is Level.OK else f"  ({_WORDS[finding.level]})"
    return (
        (finding.level.glyph, MEANINGS[finding.level]),
        one_line(finding.title, limit=40),
        one_line(finding.found, limit=200) + word,
    )


def summary(findings: Sequence[Finding]) -> Line:
    """``9 checked, 1 must be solved, 2 to know about``."""
    counts = {level: sum(f.level is level for f in findings) for level in Level}
    parts: list[str] = [f"{len(findings)} checked"]
    if counts[Level.FAIL]:
        parts.append(f"{counts[Level.FAIL]} must be solved")
    if counts[Level.WARN]:
        parts.append(f"{counts[Level.WARN]} to know about")
    if counts[Level.UNKNOWN]:
        parts.append(f"{counts[Level.UNKNOWN]} could not be measured")
    if not counts[Level.FAIL]:
        parts.append("nothing failing")
    return ((", ".join(parts), Meaning.FAIL if counts[Level.FAIL] else Meaning.STRONG),)


def fix_commands(fix: Fix) -> list[str]:
    """What to type for a fix: its commands, then the answers it changes."""
    shown = [shlex.join(command) for command in fix.commands]
    if fix.answers:
        shown.append(" ".join(f"--set {shlex.quote(f'{name}={format_value(value)}')}" for name, value in fix.answers))
    return shown


def _details(finding: Finding, columns: int, *, evidence: bool, stack: str) -> list[Line]:
    lines: list[Line] = []
    if finding.needed:
        lines += _labelled("needs", finding.needed, columns)
    if finding.why:
        lines += _labelled("why", finding.why, columns)
    if evidence:
        for text in finding.evidence[:_EVIDENCE]:
            lines.append((f"    {'seen':<6} ", (one_line(text, limit=300), Meaning.DIM)))
        if len(finding.evidence) > _EVIDENCE:
            lines.append((f"    {'seen':<6} … {len(finding.evidence) - _EVIDENCE} more",))
    for fix in finding.fixes:
        risk = "" if fix.risk == "safe" else f" ({fix.risk})"
        lines += _labelled("fix", fix.title + risk, columns)
        lines += [
            (" " * 11, (f"$ {command}" if fix.commands else command, Meaning.ACCENT)) for command in fix_commands(fix)
        ]
        if stack and fix.usable:
            lines.append((" " * 11, "or  ", (f"airflow-wizard fix {fix.id} {stack}", Meaning.ACCENT)))
    return lines


def _labelled(label: str, text: str, columns: int) -> list[Line]:
    wrapped = textwrap.wrap(one_line(text), max(30, columns - 11)) or [""]
    first: Line = (f"    {label:<6} ", wrapped[0])
    return [first, *((" " * 11, more) for more in wrapped[1:])]
