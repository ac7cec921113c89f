"""Everything that can stop the wizard on purpose, and the exit code each of them ends in.

An error is a value with three parts a person needs: what was found, why it matters, and the
exact next command. Faces print these parts; nobody prints a traceback for them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The process exit codes that scripts rely on. The docstring of each is its documentation."""

    OK = 0
    FAILED = 1
    USAGE = 2
    HOST_UNFIT = 3
    UNREACHABLE = 4
    INVALID = 5
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """One line for the table in help and README."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.OK: "done, proven, nothing failing",
    ExitCode.FAILED: "a check, proof or diagnosis fails",
    ExitCode.USAGE: "wrong usage, or an answer is missing",
    ExitCode.HOST_UNFIT: "host not fit and not overridden",
    ExitCode.UNREACHABLE: "engine or cluster unreachable",
    ExitCode.INVALID: "invalid profile or option",
    ExitCode.INTERRUPTED: "interrupted; state kept, the same command continues",
}


class WizardError(Exception):
    """An expected failure.

    Attributes:
        what: what was found, one sentence without a full stop.
        why: why it matters, or an empty string when ``what`` says it all.
        next: the exact next command or action.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, what: str, *, why: str = "", next: str = "") -> None:  # noqa: A002 - the word people read
        super().__init__(what)
        self.what = what
        self.why = why
        self.next = next


class UsageError(WizardError):
    """A command line that cannot be understood, or an answer that only a flag can give here."""

    exit_code = ExitCode.USAGE


class NotYetError(UsageError):
    """Asked for something this version does not do; it says so instead of pretending."""


class HostUnfitError(WizardError):
    """A check failed that the target cannot do without."""

    exit_code = ExitCode.HOST_UNFIT


class EngineUnreachableError(WizardError):
    """Docker, a cluster or Airflow's API does not answer."""

    exit_code = ExitCode.UNREACHABLE


class InvalidError(WizardError):
    """A profile, an option or a file of ours has a value that cannot be used.

    Attributes:
        file: the file it stands in, or None for a flag.
        key: the option or key, or None when the file as a whole is meant.
        line: 1-based line in ``file``, or None.
    """

    exit_code = ExitCode.INVALID

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        next: str = "",  # noqa: A002 - as above
        file: str | None = None,
        key: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(what, why=why, next=next)
        self.file = file
        self.key = key
        self.line = line

    @property
    def where(self) -> str:
        """``file:line``, ``file`` or an empty string."""
        if self.file is None:
            return ""
        return f"{self.file}:{self.line}" if self.line is not None else self.file


class StepFailedError(WizardError):
    """A step of a plan ended without what it promised.

    Attributes:
        step: id of the step.
        evidence: the lines that show it, already free of secrets.
    """

    def __init__(
        self,
        what: str,
        *,
        step: str = "",
        evidence: tuple[str, ...] = (),
        why: str = "",
        next: str = "",  # noqa: A002 - as above
    ) -> None:
        super().__init__(what, why=why, next=next)
        self.step = step
        self.evidence = evidence


class LockedError(WizardError):
    """Another wizard works on the same stack at this moment."""


class StackStateError(WizardError):
    """A state file of a stack is missing, unreadable or written by a newer wizard."""


class ConsentError(UsageError):
    """A destructive or privileged step was asked for without its own consent."""


class InterruptedByUserError(WizardError):
    """Ctrl-C, SIGTERM or Esc; what was done is in the journal, the same command continues."""

    exit_code = ExitCode.INTERRUPTED
