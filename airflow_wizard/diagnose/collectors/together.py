"""Running collectors side by side, each with its deadline, none able to take another down."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Part:
    """One collector: its name for people, seconds it may take, and what it does: fields of the evidence."""

    name: str
    deadline: float
    run: Callable[[], Mapping[str, object]]


def collect_together(parts: Sequence[Part]) -> tuple[dict[str, object], tuple[tuple[str, str], ...]]:
    """What all parts found, and (name, reason) of those that could not see.

    A part that hangs is left behind in a daemon thread: the wait is that of the longest deadline at most.
    """
    found: list[Mapping[str, object] | None] = [None] * len(parts)
    reasons = ["" for _ in parts]

    def work(index: int) -> None:
        try:
            found[index] = parts[index].run()
        except Exception as error:  # noqa: BLE001 - isolation is the purpose: one that breaks is one unknown, no more
            reasons[index] = one_line(f"{type(error).__name__}: {error}", limit=200)

    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(index,), daemon=True) for index in range(len(parts))]
    for thread in threads:
        thread.start()
    for part, thread in zip(parts, threads, strict=True):
        thread.join(max(0.0, began + part.deadline - time.monotonic()))
    result: dict[str, object] = {}
    unseen = []
    for index, part in enumerate(parts):
        seen = found[index]
        if seen is not None:
            result.update(seen)
        else:
            unseen.append((part.name, reasons[index] or f"no answer within {part.deadline:.0f} s"))
    return result, tuple(unseen)
