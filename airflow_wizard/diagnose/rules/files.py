"""Rules about the stack's files: secrets, permissions, virtual environment, launch, edits. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.model import launch_again, private, restart
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.status.snapshot import StackState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence

_SECRET = (".env", "login.json", "supervisor.json")
# What the stack cannot be started without, whoever starts it.
_NEEDED = (
    *("supervisor.json", "supervisor", "airflow.cfg", "stack", "airflow"),
    *("docker-compose.yaml", "scripts/init.py", "scripts/database.py", "scripts/heartbeat.py"),
)


def missing_files(evidence: Evidence) -> Iterator[Finding]:
    """Files of the stack that are gone."""
    gone = tuple(n for n in _NEEDED if n in evidence.files and evidence.files[n].kind == "missing")
    if gone:
        yield Finding(
            "files.missing",
            Level.FAIL,
            "Files of the stack",
            f"missing: {', '.join(gone)}",
            why="The stack cannot be started without them. The launch writes them again and keeps your edits.",
            evidence=tuple(f"{evidence.subject.folder}/{name}" for name in gone),
            fixes=(launch_again(evidence.subject),),
        )


def permissions(evidence: Evidence) -> Iterator[Finding]:
    """Secrets that others may read, and files that we may not."""
    for name in _SECRET:
        fact = evidence.files.get(name)
        if fact is None or fact.kind == "missing":
            continue
        if not fact.readable:
            yield Finding(
                "files.unreadable",
                Level.FAIL,
                name,
                "it may not be read by you",
                why="Airflow cannot start without it.",
                evidence=(f"{evidence.subject.folder}/{name}",),
                fixes=(
                    Fix(
                        "Take it back",
                        Risk.PRIVILEGED,
                        (("sudo", "chown", "-R", "YOUR_USER", evidence.subject.folder),),
                    ),
                ),
            )
        elif fact.mode & 0o077:
            yield Finding(
                f"secrets.mode.{name.strip('.')}",
                Level.WARN,
                f"Permissions of {name}",
                f"mode {fact.mode:04o}: other users of this machine may read it",
                "0600",
                "It holds keys or the password.",
                evidence=(f"{evidence.subject.folder}/{name}",),
                fixes=(private(evidence.subject, name),),
            )


def secrets(evidence: Evidence) -> Iterator[Finding]:
    """Keys that are missing, malformed, changed, or do not agree."""
    fact = evidence.secrets
    subject = evidence.subject
    env = f"{subject.folder}/.env"
    if fact is None:
        if ".env" in evidence.files and evidence.files[".env"].kind == "missing":
            yield Finding(
                "secrets.missing",
                Level.FAIL,
                ".env",
                "there is none",
                why="It held the keys that the database was encrypted with, and the password.",
                evidence=(env,),
                fixes=(Fix("Put it back from a backup"), launch_again(subject)),
            )
        return
    if fact.missing:
        yield Finding(
            "secrets.missing",
            Level.FAIL,
            ".env",
            f"without a value: {', '.join(fact.missing)}",
            why="Airflow would make up its own at every start, different in each process.",
            evidence=(env,),
            fixes=(launch_again(subject),),
        )
    if fact.fernet_valid is False:
        yield Finding(
            "secrets.fernet",
            Level.FAIL,
            "Fernet key",
            "it is not 32 bytes in URL-safe base64",
            why="Airflow can neither store nor read a connection's password with it.",
            evidence=(env,),
            fixes=(Fix("Put the key back that the stack was made with, from a backup of .env"),),
        )
    if fact.login_matches is False:
        yield Finding(
            "secrets.login",
            Level.FAIL,
            "Login",
            "login.json does not hold the password that .env has",
            why="The login that the wizard shows is not the one that Airflow accepts.",
            evidence=(f"{subject.folder}/login.json", env),
            fixes=(launch_again(subject),),
        )
    if fact.as_launched is False:
        yield Finding(
            "config.not_running",
            Level.WARN,
            "Configuration",
            "what runs was started with other settings or keys than the files have now",
            why="Processes read them once, at their start.",
            fixes=(restart(subject),),
        )
    elif evidence.edited:
        yield Finding(
            "config.edited",
            Level.INFO,
            "Configuration",
            f"{', '.join(evidence.edited)} changed after the start",
            why="Processes read it once, at their start.",
            fixes=(restart(subject),),
        )


def venv(evidence: Evidence) -> Iterator[Finding]:
    """A virtual environment that cannot be used. One that was never made is the launch's matter."""
    if not evidence.venv or (evidence.unfinished is not None and evidence.venv == "there is none"):
        return
    folder = evidence.subject.folder
    yield Finding(
        "venv.broken",
        Level.FAIL,
        "Virtual environment",
        evidence.venv,
        why="Airflow runs from it. It usually breaks when the Python it was made from is updated or removed.",
        evidence=(f"{folder}/venv/bin/python",),
        fixes=(
            Fix(
                "Make it anew; nothing else is lost",
                Risk.DISRUPTIVE,
                (
                    ("rm", "-r", f"{folder}/venv"),
                    ("airflow-wizard", "up", "--name", evidence.subject.name, "--dir", folder),
                ),
            ),
        ),
    )


def unfinished(evidence: Evidence) -> Iterator[Finding]:
    """The last launch did not come to its end."""
    step = evidence.unfinished
    if step is None:
        return
    how = "failed" if step.state == "failed" else "was interrupted"
    whole = evidence.snapshot is not None and evidence.snapshot.state is StackState.RUNNING
    yield Finding(
        "launch.unfinished",
        Level.INFO if whole else Level.WARN,
        "Launch",
        f"it {how} at the step {step.id}" + (f": {step.detail}" if step.detail and step.state == "failed" else ""),
        why="This Airflow was not proven to run a task.",
        evidence=(f"{evidence.subject.folder}/.airflow-wizard/journal.jsonl",),
        fixes=(launch_again(evidence.subject),),
    )


def conflicts(evidence: Evidence) -> Iterator[Finding]:
    """Edited files whose newer version waits beside them."""
    if not evidence.conflicts:
        return
    folder = evidence.subject.folder
    first = evidence.conflicts[0]
    yield Finding(
        "files.conflict",
        Level.INFO,
        "Your edits",
        f"kept, with a newer version beside: {', '.join(evidence.conflicts)}",
        why="Both you and a newer plan changed the same lines, so they were not merged.",
        evidence=tuple(f"{folder}/{name}.new" for name in evidence.conflicts),
        fixes=(Fix("Compare them", commands=(("diff", f"{folder}/{first}", f"{folder}/{first}.new"),)),),
    )


RULES = (missing_files, permissions, secrets, venv, unfinished, conflicts)
