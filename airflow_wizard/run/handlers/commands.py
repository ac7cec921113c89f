"""Run a command to its end, once per what its result depends on."""

from __future__ import annotations

import os
import shlex
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.atomic import write_text_atomic
from airflow_wizard.engines.process import run_command
from airflow_wizard.errors import InterruptedByUserError, StepFailedError, WizardError
from airflow_wizard.host.package_index import package_index
from airflow_wizard.run.last_words import last_words, without_stamp
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from airflow_wizard.engines.process import Finished
    from airflow_wizard.run.actions import RunCommand
    from airflow_wizard.run.context import RunContext

# A shell's own Airflow settings would win over the stack's files (configuration.py: environment first), and a
# foreign virtual environment would win over the stack's (uv).
_FOREIGN = ("AIRFLOW__", "AIRFLOW_CTX_", "_AIRFLOW_")
_DROPPED = ("AIRFLOW_HOME", "AIRFLOW_CONFIG", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")


def clean_environment() -> dict[str, str]:
    """The wizard's environment without what would leak into the stack, with the index that was checked.

    uv reads neither pip.conf nor PIP_INDEX_URL, where many people name the index of their company.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN) and k not in _DROPPED}
    index = package_index(os.environ, Path.home())
    if index.source != "default":
        clean.setdefault("UV_DEFAULT_INDEX", index.url)
    # A Python program that writes to a pipe keeps its lines back; what it is doing shall be seen while it does it.
    clean["PYTHONUNBUFFERED"] = "1"
    return clean


def run_logged(  # noqa: PLR0913 - each says one thing about the command
    context: RunContext,
    argv: Sequence[str],
    cwd: str,
    *,
    typed: str = "",
    on_line: Callable[[str], None],
    on_tick: Callable[[], None] | None = None,
    cancel: threading.Event | None = None,
    without: frozenset[str] = frozenset(),
) -> Finished:
    """Run a command in the clean environment, ``without`` some more of it.

    The command log has it before it starts and when it ended.

    Raises:
        StepFailedError: it cannot be started; logged as a shell would tell it, by 127.
        InterruptedByUserError: ``cancel`` was set.
    """
    ended = context.command_started(argv, cwd)
    began = time.monotonic()
    env = {key: value for key, value in clean_environment().items() if key not in without}
    try:
        finished = run_command(argv, cwd=cwd, env=env, typed=typed, on_line=on_line, on_tick=on_tick, cancel=cancel)
    except WizardError as error:
        code = -signal.SIGTERM if isinstance(error, InterruptedByUserError) else 127
        ended(code, time.monotonic() - began)
        raise
    ended(finished.code, finished.seconds, finished.tail)
    return finished


class CommandHandler:
    """Handler of `RunCommand`."""

    def done(self, action: RunCommand, context: RunContext) -> str:
        """Done when the stamp names the same inputs and everything it made is still there."""
        del context
        if not action.stamp:
            return ""
        folder = Path(action.cwd)
        try:
            stamped = (folder / action.stamp).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        if stamped != action.stamp_of.strip() or not all((folder / path).exists() for path in action.produces):
            return ""
        return "done before, nothing changed since"

    def do(self, action: RunCommand, context: RunContext) -> str:
        """Run it; its output is the evidence when it fails."""
        folder = Path(action.cwd)
        if action.stamp:
            (folder / action.stamp).unlink(missing_ok=True)
        typed = ""
        if action.stdin_key:
            secret = values_of(Path(action.secrets_file).read_text(encoding="utf-8")).get(action.stdin_key, "")
            typed = f"{secret}\n{secret}\n"

        def line(text: str) -> None:
            context.output(action.unit, without_stamp(text))
            context.progress(one_line(without_stamp(text), limit=160))

        finished = run_logged(context, action.argv, action.cwd, typed=typed, on_line=line, cancel=context.cancel)
        if finished.code != 0:
            how = f"signal {-finished.code}" if finished.code < 0 else f"exit {finished.code}"
            why, following = _reason("\n".join(finished.tail), action.cwd)
            raise StepFailedError(
                f"`{shlex.join(action.argv)}` ended with {how}",
                evidence=last_words(finished.tail),
                why=why,
                next=following,
            )
        if action.stamp:
            write_text_atomic(folder / action.stamp, action.stamp_of + "\n")
        return ""


# As uv 0.9 says them, and the C library below it.
_NO_NETWORK = ("network was disabled", "Failed to fetch", "error sending request", "dns error")
_NO_ROOM = ("No space left on device", "Disk quota exceeded")


def _reason(output: str, folder: str) -> tuple[str, str]:
    """Why a command failed and what to do, as far as its last lines tell."""
    if any(sign in output for sign in _NO_ROOM):
        return "the disk is full", f"make room, then the same command; see what is left: df -h {shlex.quote(folder)}"
    if any(sign in output for sign in _NO_NETWORK):
        return (
            "the package index cannot be reached",
            "see why: airflow-wizard check; then the same command continues here",
        )
    return "the steps after it build on its result", "read the last lines above; the same command continues here"
