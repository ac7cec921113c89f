"""What several containers wrote at about the same time, as lines; of too many the newest. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines.container_frames import Clock, text_of
from airflow_wizard.log_line import GAP, LogLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.engines.container_frames import Raw


class Lines:
    """Makes lines.

    Attributes:
        skipped: how many were never made, because there were too many at once.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self._clock = Clock()

    def make(self, raw: Sequence[tuple[str, Sequence[Raw]]], most: int | None) -> list[LogLine]:
        """Lines of each unit, in their order.

        Args:
            raw: of each container, with its unit's name; one that was replaced has the name of its successor.
            most: of more than these in all, each unit keeps its share of the newest, and one line says how many are
                not there; what is left out costs nothing but being counted. None for all.
        """
        total = sum(len(lines) for _, lines in raw)
        time = self._clock.time
        came: list[LogLine] = []
        for unit, lines in raw:
            gone = 0 if most is None or total <= most else len(lines) - len(lines) * most // total
            if gone:
                self.skipped += gone
                came.append(LogLine(time(lines[gone - 1][0]), unit, f"{gone:,} lines came too fast to be kept", GAP))
            came += [LogLine(time(stamp), unit, text_of(data)) for stamp, data in lines[gone:]]
        return came
