"""How long to wait before something that does not answer is asked again. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_FIRST = 0.5
# A daemon that was restarted has to be seen again within three seconds.
_MOST = 2.5


@dataclass(slots=True)
class Backoff:
    """Waits that grow from one failure to the next, up to a limit that a person still waits for.

    Attributes:
        failures: in a row.
    """

    failures: int = 0

    @property
    def seconds(self) -> float:
        """Until the next try; 0 when the last one worked."""
        return min(_MOST, _FIRST * 2.0 ** min(self.failures - 1, 10)) if self.failures else 0.0

    def failed(self) -> float:
        """One more failure; returns seconds until the next try."""
        self.failures += 1
        return self.seconds

    def worked(self) -> None:
        """The next failure is the first one again."""
        self.failures = 0
