"""An error as JSON, for the programs that read standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.errors import ExitCode, HostUnfitError, InvalidError, WizardError

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding


class FindingsError(HostUnfitError):
    """The host is not fit; the findings that say so travel with it to the last event of ``up``."""

    def __init__(self, what: str, *, findings: tuple[Finding, ...], stack: str, why: str, next: str) -> None:  # noqa: A002
        super().__init__(what, why=why, next=next)
        self.findings = findings
        self.stack = stack


class UnreachableError(FindingsError):
    """The host is not fit because its engine does not answer, which has an exit code of its own."""

    exit_code = ExitCode.UNREACHABLE


def failure_object(problem: WizardError) -> dict[str, object]:
    """``{"error": {…}}``: the three sentences, the exit code, and where it stands in a file."""
    error: dict[str, object] = {
        "type": type(problem).__name__,
        "what": problem.what,
        "why": problem.why,
        "next": problem.next,
        "exit": int(problem.exit_code),
    }
    if isinstance(problem, InvalidError):
        error |= {"file": problem.file, "key": problem.key, "line": problem.line}
    return {"error": error}


def failure_event(problem: WizardError, elapsed: float) -> dict[str, object]:
    """The last line of an event stream that ended before a plan did."""
    known = problem if isinstance(problem, FindingsError) else None
    return {
        "event": "failed",
        "stack": known.stack if known else "",
        "url": "",
        "elapsed": round(elapsed, 3),
        "ledger": {},
        "findings": [f.to_json() for f in known.findings] if known else [],
        **failure_object(problem),
    }
