"""What a machine lacks for a target, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.targets.model import Verdict

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts


def engine_verdict(facts: HostFacts) -> tuple[Verdict, str] | None:
    """Why the Docker engine is in the way; None when it is not."""
    fact = facts.get("docker")
    if fact is None or not fact.known:
        return Verdict.UNKNOWN, "the Docker engine could not be asked"
    if facts.value("docker", "reachable") is True:
        return None
    words = {
        "not_installed": "Docker",
        "not_running": "the Docker engine to be started",
        "permission": "the right to use Docker (group docker)",
        "context": "a docker context that exists",
    }
    return Verdict.NEEDS, words.get(facts.text("docker", "error_kind"), "a Docker engine that answers")


def missing_tools(facts: HostFacts, *names: str) -> tuple[Verdict, str] | None:
    """Which of these programs are not installed; None when all are there."""
    unseen = [n for n in names if (fact := facts.get(n)) is None or not fact.known]
    missing = [n for n in names if n not in unseen and not facts.text(n, "path")]
    if missing:
        return Verdict.NEEDS, " and ".join(missing)
    return (Verdict.UNKNOWN, f"{' and '.join(unseen)} could not be asked") if unseen else None
