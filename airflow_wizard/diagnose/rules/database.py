"""Rules about the SQLite database. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.model import launch_again
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence


def database(evidence: Evidence) -> Iterator[Finding]:
    """A database that is missing, without tables, damaged, or not for us to read."""
    fact = evidence.database
    if fact is None or fact.problem == "ok":
        return
    subject = evidence.subject
    before_migration = evidence.unfinished is not None and fact.problem in ("missing", "empty", "unmigrated")
    if before_migration and not evidence.running:
        return
    migrate = (f"{subject.folder}/airflow", "db", "migrate")
    again = launch_again(subject)
    cases: dict[str, tuple[str, str, tuple[Fix, ...]]] = {
        "missing": ("database.missing", "Without it Airflow has no runs, users or connections.", (again,)),
        "empty": ("database.unmigrated", "Its tables were never made.", (Fix("Make them", commands=(migrate,)),)),
        "unmigrated": ("database.unmigrated", "Its tables were never made.", (Fix("Make them", commands=(migrate,)),)),
        "malformed": (
            "database.malformed",
            "Its file was cut short or overwritten; what Airflow reads from it cannot be trusted.",
            (
                Fix("Put a copy of it back"),
                Fix(
                    "Save what can be read of it",
                    Risk.SAFE,
                    (("sqlite3", subject.sqlite, f".output '{subject.folder}/recovered.sql'", ".recover"),),
                ),
                Fix(
                    "Set it aside and begin with an empty one",
                    Risk.DESTRUCTIVE,
                    (("mv", subject.sqlite, f"{subject.sqlite}.damaged"), *again.commands),
                ),
            ),
        ),
        "unreadable": (
            "database.unreadable",
            "Airflow runs as you, and needs to read and write the file and its folder.",
            (Fix("Give it back to yourself", Risk.PRIVILEGED, (("sudo", "chown", "YOUR_USER", subject.sqlite),)),),
        ),
        "locked": (
            "database.locked",
            "One process holds it for writing and does not let go; all others wait.",
            (Fix("See who has it open", commands=(("fuser", "-v", subject.sqlite),)),),
        ),
        "other-key": (
            "fernet.mismatch",
            "Connections and variables in the database cannot be decrypted.",
            (
                Fix("Put the former key back into AIRFLOW__CORE__FERNET_KEY in .env"),
                Fix("Or delete these connections and variables, and enter them again", Risk.DESTRUCTIVE),
            ),
        ),
    }
    finding_id, why, fixes = cases[fact.problem]
    yield Finding(
        finding_id,
        Level.WARN if fact.problem == "locked" else Level.FAIL,
        "Database",
        f"{fact.problem}: {fact.detail}" if fact.problem != "other-key" else fact.detail,
        why=why,
        evidence=(subject.sqlite,),
        fixes=fixes,
    )


RULES = (database,)
