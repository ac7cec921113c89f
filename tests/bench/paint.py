"""From spawning the program in a 120x40 terminal to the first text of its first screen."""

from __future__ import annotations

import os
import re
import select
import time
from typing import TYPE_CHECKING

from ptyprocess import PtyProcess

from tests.bench.figures import compared, interleave
from tests.bench.processes import PROGRAM, PYTHON, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.figures import Row
    from tests.bench.session import Session

BUDGET = 2.0
_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[@-Z\\-_])", re.DOTALL
)
_PATIENCE = 20.0


def measure(session: Session) -> list[Row]:
    env = session.env
    label = [PYTHON, str(ROOT / "tests" / "bench" / "one_label.py")]
    pairs = interleave(
        lambda: first_text([PROGRAM], b"New Airflow", env),
        lambda: first_text(label, b"one label", env),
        session.pairs,
    )
    return [compared("first paint", pairs, BUDGET, "ms", "a Textual app with one label")]


def first_text(argv: Sequence[str], text: bytes, env: Mapping[str, str]) -> float:
    """Milliseconds from spawn until the terminal was sent ``text``.

    Raises:
        RuntimeError: it never was.
    """
    terminal = dict(env) | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    began = time.perf_counter()
    child = PtyProcess.spawn(list(argv), dimensions=(40, 120), env=terminal)
    seen = b""
    try:
        while time.perf_counter() - began < _PATIENCE:
            if not select.select([child.fd], [], [], 0.5)[0]:
                continue
            try:
                seen += os.read(child.fd, 65536)
            except OSError:  # the far end is gone
                break
            if text in _ESCAPES.sub(b"", seen):
                return (time.perf_counter() - began) * 1000
    finally:
        child.close(force=True)
    raise RuntimeError(f"{argv[0]} never showed {text!r}: {_ESCAPES.sub(b'', seen)[-500:]!r}")
