"""What only a stack of containers on one machine needs to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.options import rules
from airflow_wizard.options.database import BUNDLED, database_of
from airflow_wizard.options.model import Kind, Option, Situation, Target
from airflow_wizard.options.resources import CELERY

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

GROUP = "Containers"
COMPOSE = frozenset({Target.COMPOSE})
FLOWER_PORT, DATABASE_PORT = 5555, 5432
_PORTS = ("port", "flower_port", "database_port")


def _celery(situation: Situation) -> bool:
    return situation.text("executor") == CELERY


def _bundled(situation: Situation) -> bool:
    return database_of(situation) == BUNDLED


def _published(situation: Situation) -> bool:
    return _bundled(situation) and situation.answers.get("publish_database") is True


def _next_to(port: int, name: str, situation: Situation) -> int:
    """``port``, or the next one that no option before this one took."""
    taken = {situation.answers.get(other) for other in _PORTS if other != name}
    return next(number for number in range(port, port + len(_PORTS) + 1) if number not in taken)


def _refuse_port(value: Answer, situation: Situation) -> str:
    if problem := rules.between(1, 65535)(value, situation):
        return problem
    twice = [name for name in _PORTS if situation.answers.get(name) == value]
    return f"is also the answer to {twice[0]}" if len(twice) > 1 else ""


OPTIONS = (
    Option(
        name="flower",
        title="Flower",
        group=GROUP,
        kind=Kind.BOOLEAN,
        help="Start Flower, the web page of the Celery workers, with the stack.",
        why="Off saves 150 MB; docker compose --profile flower up -d starts it any time.",
        default=lambda _: False,
        because=lambda _: "started when you want to look at it",
        targets=COMPOSE,
        applies=_celery,
        expert=True,
    ),
    Option(
        name="flower_port",
        title="Flower's port",
        group=GROUP,
        kind=Kind.INTEGER,
        help="Port of Flower on this machine.",
        why="Any free one; it asks for the same login as Airflow.",
        default=lambda s: _next_to(FLOWER_PORT, "flower_port", s),
        because=lambda _: "Flower's own port",
        targets=COMPOSE,
        applies=_celery,
        refuse=_refuse_port,
        expert=True,
        example="5555",
    ),
    Option(
        name="publish_database",
        title="Publish the database",
        group=GROUP,
        kind=Kind.BOOLEAN,
        help="Make the stack's PostgreSQL reachable from this machine.",
        why="On to look into it with your own tools; Airflow itself does not need it.",
        default=lambda _: False,
        because=lambda _: "nothing but Airflow needs to reach it",
        targets=COMPOSE,
        applies=_bundled,
        expert=True,
    ),
    Option(
        name="database_port",
        title="Database port",
        group=GROUP,
        kind=Kind.INTEGER,
        help="Port of the stack's PostgreSQL on this machine.",
        why="Another one when a PostgreSQL runs here already.",
        default=lambda s: _next_to(DATABASE_PORT, "database_port", s),
        because=lambda _: "PostgreSQL's own port",
        targets=COMPOSE,
        applies=_published,
        refuse=_refuse_port,
        expert=True,
        example="5432",
    ),
    Option(
        name="host_access",
        title="Reach this machine",
        group=GROUP,
        kind=Kind.BOOLEAN,
        help="Let the containers reach services on this machine as host.docker.internal.",
        why="On when DAGs or the database need something that runs here outside containers.",
        default=lambda s: "@host.docker.internal" in s.text("database_url"),
        because=lambda s: (
            "the database is on this machine"
            if "@host.docker.internal" in s.text("database_url")
            else "tasks do not need it, and what they cannot reach they cannot break"
        ),
        targets=COMPOSE,
        expert=True,
    ),
)
