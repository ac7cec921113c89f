"""``docker compose`` as a person would type it in the stack's folder, with nothing of this shell leaking into it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.errors import StackStateError, StepFailedError
from airflow_wizard.run.handlers.commands import run_logged
from airflow_wizard.run.handlers.compose_words import COMPOSE_FILE, NETWORK_GONE, reason, telling, yaml_error
from airflow_wizard.run.registry import read_state
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_wizard.engines.process import Finished
    from airflow_wizard.run.context import RunContext

COMPOSE = ("docker", "compose")
# Of .env: another image for a try.
IMAGE_KEY = "AIRFLOW_IMAGE_NAME"
# Compose prefers the shell's own variables to those of .env, and takes these for flags.
_FLAGS = ("COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES", "COMPOSE_ENV_FILES", "COMPOSE_PATH_SEPARATOR")

# A wizard that was killed leaves its call of Compose behind, which goes on making or removing the same containers.
_BUSY = ("is already in use by container", "is already in progress", "No such container", "already exists in network")
_BUSY_SECONDS = 30.0


def foreign_keys(folder: str) -> frozenset[str]:
    """Variables that must not reach Compose: what .env or the compose file speak of is taken from there alone."""
    return frozenset((*env_values(folder), *_FLAGS, IMAGE_KEY, "AIRFLOW_UID"))


def env_values(folder: str) -> Mapping[str, str]:
    """What a stack's .env holds; {} when it cannot be read."""
    try:
        return values_of((Path(folder) / ".env").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return {}


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
    patience = time.monotonic() + _BUSY_SECONDS
    while True:
        finished = run_logged(
            context,
            argv,
            # What is asked by the project's name alone works without its folder, too.
            folder if Path(folder).is_dir() else str(Path(folder).anchor),
            on_line=on_line or (lambda line: context.output("compose", line)),
            on_tick=on_tick,
            cancel=context.cancel,
            without=foreign_keys(folder),
        )
        said = "\n".join(finished.tail)
        if finished.code == 0 or time.monotonic() > patience or not any(sign in said for sign in _BUSY):
            break
        context.progress("an earlier call of Compose is still at work; trying again")
        context.pause(1.0)
    if fail and finished.code != 0:
        raise refused(argv, finished, folder)
    return finished


def bring_up(context: RunContext, folder: str, *words: str, on_tick: Callable[[], None] | None = None) -> None:
    """``docker compose up --detach WORDS``; containers of a network that somebody removed are made anew.

    Raises:
        StepFailedError: it ended badly.
        InterruptedByUserError: told to stop.
    """
    argv = ("up", "--detach", *words)
    finished = compose(context, folder, *argv, on_tick=on_tick, fail=False)
    if finished.code != 0 and NETWORK_GONE.search("\n".join(finished.tail)):
        # A container keeps the id of its network; Compose makes the network, and does not see that id in its hash.
        # --force-recreate would make anew what is named, and not what that depends on.
        context.progress("its network was removed; making its containers anew")
        compose(context, folder, "rm", "--force")
        finished = compose(context, folder, *argv, on_tick=on_tick, fail=False)
    if finished.code != 0:
        raise refused((*COMPOSE, *argv), finished, folder)


def stack_in(folder: str) -> str:
    """Name of the stack in a folder, for commands that a person is told; ``NAME`` when its state cannot be read."""
    try:
        return read_state(Path(folder)).record.name
    except StackStateError:
        return "NAME"


def refused(argv: tuple[str, ...], finished: Finished, folder: str) -> StepFailedError:
    """A command of Compose that ended badly, with the reason when its words are known."""
    why, following = reason("\n".join(finished.tail), stack_in(folder)) or (
        "the steps after it build on its result",
        "read the last lines above; the same command continues here",
    )
    return StepFailedError(
        f"`{' '.join(argv[:_SHOWN])}{' …' if len(argv) > _SHOWN else ''}` ended with exit {finished.code}",
        evidence=telling(finished.tail),
        why=why,
        next=following,
    )


def see_valid(context: RunContext, folder: str) -> None:
    """See that Compose can read what is on disk, before anything is started from it.

    Raises:
        StepFailedError: it cannot; names the line.
    """
    path = Path(folder) / COMPOSE_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StepFailedError(
            f"{path} cannot be read: {one_line(error, limit=200)}",
            why="it says what the stack consists of",
            next=f"{_TAKE_OURS}; then the same command",
        ) from error
    wrong = yaml_error(text)
    if wrong is not None:
        number, problem = wrong
        lines = text.splitlines()
        near = range(max(1, number - 1), min(len(lines), number) + 1)
        raise StepFailedError(
            f"{COMPOSE_FILE}:{number} is not valid YAML: {problem}",
            evidence=tuple(f"{COMPOSE_FILE}:{n}: {one_line(lines[n - 1], limit=200)}" for n in near),
            why="Compose can start nothing from it; what runs goes on running",
            next=f"correct the line; or {_TAKE_OURS}; then the same command",
        )
    compose(context, folder, "config", "--quiet")


_TAKE_OURS = f"take the wizard's own again: mv {COMPOSE_FILE} mine.yaml"
# More words of a command than that say nothing to a person.
_SHOWN = 5
