"""Bringing two changes of one text together, line by line (diff3), or saying that it cannot be done.

Written here because the kept library for it, merge3, is under the GPL; this package is under Apache-2.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Merge:
    """What came of a merge.

    Attributes:
        text: the merged text; None when the two sides change the same lines in different ways.
        conflicts: number of places where they do.
    """

    text: str | None
    conflicts: int = 0


def merge(base: str, user: str, new: str) -> Merge:
    """Both changes of ``base`` in one text.

    Lines the person added are always part of a clean result. Changes that touch, without an unchanged line
    between them, count as a conflict: whether they belong together only a person can say.
    """
    if user in (base, new):
        return Merge(new)
    if new == base:
        return Merge(user)
    lines_base, lines_user, lines_new = lines_of(base), lines_of(user), lines_of(new)
    out: list[str] = []
    conflicts = 0
    at_base = at_user = at_new = 0
    for start_base, start_user, start_new, length in _in_all_three(lines_base, lines_user, lines_new):
        was = lines_base[at_base:start_base]
        ours = lines_user[at_user:start_user]
        theirs = lines_new[at_new:start_new]
        if ours in (was, theirs):
            out += theirs
        elif theirs == was:
            out += ours
        else:
            conflicts += 1
        out += lines_base[start_base : start_base + length]
        at_base, at_user, at_new = start_base + length, start_user + length, start_new + length
    return Merge(None, conflicts) if conflicts else Merge("".join(out))


def lines_of(text: str) -> list[str]:
    """The lines with their ends; only a newline ends a line, so that joining them gives ``text`` again."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _in_all_three(base: Sequence[str], user: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines that no side touched, as (start in base, in user, in new, length); an empty one at the end."""
    # autojunk would take frequent lines (blank ones, closing brackets) out of longer files' comparison.
    in_user = SequenceMatcher(None, base, user, autojunk=False).get_matching_blocks()
    in_new = SequenceMatcher(None, base, new, autojunk=False).get_matching_blocks()
    i = j = 0
    while i < len(in_user) and j < len(in_new):
        one, other = in_user[i], in_new[j]
        start, end = max(one.a, other.a), min(one.a + one.size, other.a + other.size)
        if start < end:
            yield start, one.b + start - one.a, other.b + start - other.a, end - start
        if one.a + one.size < other.a + other.size:
            i += 1
        else:
            j += 1
    yield len(base), len(user), len(new), 0
