"""What a step of a fix can do beyond running commands, as data; see `airflow_wizard.run.actions`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class AwaitGone:
    """Look again until a finding is gone for good. Failed when it is still there after ``patience`` seconds.

    Attributes:
        finding: its id.
        title: its title, for messages.
        look: what is still wrong with it, in words; empty when it is gone. Given by the one who can diagnose.
        patience: seconds.
    """

    finding: str
    title: str
    look: Callable[[], str] = field(compare=False)
    patience: float = 180.0
