"""``docker compose`` as a person would type it in the stack's folder, with nothing of this shell leaking into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.commands import run_logged
from airflow_wizard.run.last_words import last_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.engines.process import Finished
    from airflow_wizard.run.context import RunContext

COMPOSE = ("docker", "compose")
# Compose prefers the shell's own variables to those of .env, and takes these for flags.
_FLAGS = ("COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES", "COMPOSE_ENV_FILES", "COMPOSE_PATH_SEPARATOR")


def foreign_keys(folder: str) -> frozenset[str]:
    """Variables that must not reach Compose: what .env or the compose file speak of is taken from there alone."""
    try:
        known = values_of((Path(folder) / ".env").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        known = {}
    return frozenset((*known, *_FLAGS, "AIRFLOW_IMAGE_NAME", "AIRFLOW_UID"))


def compose(
    context: RunContext,
    folder: str,
    *words: str,
    on_line: Callable[[str], None] | None = None,
    on_tick: Callable[[], None] | None = None,
    fail: bool = True,
) -> Finished:
    """Run ``docker compose WORDS`` in the stack's folder to its end.

    Args:
        context: where it is logged and told.
        folder: of the stack.
        words: after ``docker compose``.
        on_line: gets its lines; they are passed on as output when None.
        on_tick: called while it runs.
        fail: raise when it ends with anything but 0.

    Raises:
        StepFailedError: it ended badly (with ``fail``), or could not be started.
        InterruptedByUserError: told to stop.
    """
    argv = (*COMPOSE, *words)
    finished = run_logged(
        context,
        argv,
        folder,
        on_line=on_line or (lambda line: context.output("compose", line)),
        on_tick=on_tick,
        cancel=context.cancel,
        without=foreign_keys(folder),
    )
    if fail and finished.code != 0:
        raise refused(argv, finished)
    return finished


def refused(argv: tuple[str, ...], finished: Finished) -> StepFailedError:
    """A command of Compose that ended badly, with the reason when its words are known."""
    text = "\n".join(finished.tail)
    why, following = next(
        ((why, following) for sign, why, following in _REASONS if sign in text),
        ("the steps after it build on its result", "read the last lines above; the same command continues here"),
    )
    return StepFailedError(
        f"`{' '.join(argv)}` ended with exit {finished.code}",
        evidence=last_words(finished.tail),
        why=why,
        next=following,
    )


# What Compose 2.26 to 5.5 and the engines 20.10 to 29 print.
_REASONS = (
    (
        "port is already allocated",
        "another container has that port",
        "see which: docker ps; or choose another port with --set port=NUMBER",
    ),
    (
        "address already in use",
        "another program listens on that port",
        "see which: airflow-wizard check --target compose; or choose another port with --set port=NUMBER",
    ),
    ("no space left on device", "the engine's disk is full", "make room: docker system df, docker system prune"),
    (
        "is missing in .env",
        "a key of the stack was taken out of .env",
        "put it back from .airflow-wizard/backups, or destroy the stack and launch it anew",
    ),
    (
        "Cannot connect to the Docker daemon",
        "the engine does not run",
        "start it: sudo systemctl start docker; then the same command",
    ),
    (
        "permission denied while trying to connect",
        "this user may not talk to the engine",
        "sudo usermod -aG docker $USER, then log in again",
    ),
    (
        "yaml:",
        "docker-compose.yaml is not valid",
        "see the line: docker compose config; or take the wizard's own again: airflow-wizard write --profile …",
    ),
    (
        "network was not found",
        "the project's network was removed by hand",
        "docker compose down, then the same command",
    ),
)
