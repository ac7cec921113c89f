"""Where Airflow keeps its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.options import rules
from airflow_wizard.options.model import Choice, Kind, Option, Situation, Target

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

GROUP = "Database"
SQLITE, BUNDLED, EXTERNAL = "sqlite", "bundled", "external"

# Drivers that come with Airflow's own dependencies or its postgres extra.
SCHEMES = ("postgresql", "postgresql+psycopg2", "postgresql+psycopg", "postgresql+asyncpg")


def database_of(situation: Situation) -> str:
    """The database asked for, or the default of the target."""
    given = situation.text("database")
    return given if given in {SQLITE, BUNDLED, EXTERNAL} else _default(situation)


def _default(situation: Situation) -> str:
    return SQLITE if situation.target is Target.STANDALONE else BUNDLED


def _choices(situation: Situation) -> tuple[Choice, ...]:
    external = Choice(EXTERNAL, "PostgreSQL of your own", "needs database_url")
    if situation.target is Target.STANDALONE:
        return (Choice(SQLITE, "SQLite file", "nothing to run beside Airflow"), external)
    return (Choice(BUNDLED, "PostgreSQL, started with the stack"), external)


def _because(situation: Situation) -> str:
    if situation.target is Target.STANDALONE:
        return "one file in the stack's folder, nothing else to run"
    return "started, upgraded and removed together with the stack"


def _external(situation: Situation) -> bool:
    return database_of(situation) == EXTERNAL


def _refuse_url(text: str) -> str:
    from urllib.parse import parse_qsl, urlsplit

    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return "is not an address; for example postgresql://airflow@db.example.org:5432/airflow"
    if url.password is not None or any("password" in key.lower() for key, _ in parse_qsl(url.query)):
        return "holds a password; leave it out and give it in the environment as AIRFLOW_WIZARD_DATABASE_PASSWORD"
    if url.scheme not in SCHEMES:
        hint = "write postgresql:// instead" if url.scheme == "postgres" else f"must begin with {SCHEMES[0]}://"
        return f"is not an address Airflow can use: {hint}"
    if not url.hostname or not url.username or len(url.path) < 2 or port == 0:
        return "needs a user, a host and a database; for example postgresql://airflow@db.example.org:5432/airflow"
    return ""


def _no_value(_: Answer, __: Situation) -> str:
    return ""


OPTIONS = (
    Option(
        name="database",
        title="Database",
        group=GROUP,
        kind=Kind.CHOICE,
        help="Where Airflow keeps what it knows: runs, connections, users.",
        why="The one that comes along is enough for one machine.\nYour own when it must outlive the stack.",
        default=_default,
        because=_because,
        choices=_choices,
        example="external",
    ),
    Option(
        name="database_url",
        title="Database address",
        group=GROUP,
        kind=Kind.TEXT,
        help="Address of your PostgreSQL, without the password.",
        why="The database must exist and belong to this user alone: Airflow creates its tables in it.",
        default=lambda _: None,
        because=lambda _: "only you know it",
        applies=_external,
        refuse=rules.needed(
            rules.optional(_refuse_url), "an address, for example postgresql://airflow@db.example.org:5432/airflow"
        ),
        example="postgresql://airflow@db.example.org:5432/airflow",
    ),
    Option(
        name="database_password",
        title="Database password",
        group=GROUP,
        kind=Kind.TEXT,
        help="Password of that user; read from the environment variable AIRFLOW_WIZARD_DATABASE_PASSWORD.",
        why="Kept in a file of the stack that only you can read; never in a profile or on a command line.",
        default=lambda _: None,
        because=lambda _: "only you know it",
        applies=_external,
        refuse=_no_value,
        secret=True,
    ),
)
