"""Text from outside made safe to show: no escape sequence, no control character reaches a terminal."""

from __future__ import annotations

import re

# CSI, OSC / DCS / SOS / PM / APC (closed by BEL, ST or the end of the text), two-byte escapes, and the
# same introducers as single C1 characters. ECMA-48, 5th edition, §5.3-5.6 and §8.3.
_ESCAPES = re.compile(
    r"""
      (?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?
    | (?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|\Z)?
    | \x1b[ -/]*[0-~]?
    """,
    re.VERBOSE,
)
# Bytes of a file name that are no UTF-8 (``surrogateescape``): no terminal and no file takes them as text.
_LONE = re.compile(r"[\ud800-\udfff]")
# C0 without tab and newline, DEL, C1, and the bidirectional controls that can reorder what a person reads.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: object, *, limit: int | None = None) -> str:
    """``text`` without escape sequences, control characters and what cannot be encoded; tabs and newlines stay.

    Args:
        text: anything; its ``str`` is used.
        limit: cut to this many characters, ending in an ellipsis.
    """
    result = str(text)
    if not result.isprintable():
        result = _CONTROLS.sub("", _ESCAPES.sub("", result.replace("\r\n", "\n").replace("\r", "\n")))
        result = _LONE.sub("\ufffd", result)
    if limit is not None and len(result) > limit:
        return result[: max(0, limit - 1)] + "…"
    return result


def one_line(text: object, *, limit: int | None = None) -> str:
    """Like `plain`, with all white space folded into single spaces."""
    return plain(" ".join(plain(text).split()), limit=limit)


def human_bytes(count: float) -> str:
    """A size in the unit people use for it: ``512 MB``, ``3.6 GB`` (powers of 1024, as Docker shows memory)."""
    for unit in ("B", "KB", "MB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GB" if abs(count) < 100 else f"{count:.0f} GB"


def human_seconds(seconds: float) -> str:
    """A duration: ``0.4 s``, ``42 s``, ``3 m 05 s``, ``2 h 10 m``, ``4 d``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} m" if hours < 48 else f"{hours // 24} d"
