"""The parts of the proof that run something: one DAG, one task, its log read back, then taken away again."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.smoke_dag import smoke_dag, smoke_marker
from airflow_wizard.atomic import make_folder, write_text_atomic
from airflow_wizard.cluster import Release
from airflow_wizard.engines.airflow_api import AirflowApi, ForeignError, NoAnswerError, RefusedError
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers import smoke_map
from airflow_wizard.run.handlers.waiting import api_for, watching
from airflow_wizard.run.last_words import last_words
from airflow_wizard.run.task_log import readable
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.run.actions import RemoveSmokeDag, RunSmokeDag
    from airflow_wizard.run.context import RunContext

_FAILED = ("failed", "upstream_failed")
_TASK = "say"
# What an executor has in hand; until then, and after it, the scheduler needs to know the DAG.
_EXECUTES = ("queued", "running", "restarting")
_FORGOTTEN_SECONDS = 60.0
_STANDS_SECONDS = 5.0
_STUCK_SECONDS = 600.0


class _Standstill:
    """How long a run has been as it is."""

    def __init__(self) -> None:
        self._seen = ("", "")
        self._moved = self._told = time.monotonic()

    def too_long(self, run: str, task: str) -> bool:
        """Whether the scheduler should have done something by now; it is said again only as much later.

        Raises:
            StepFailedError: nothing happens any more.
        """
        now = time.monotonic()
        if (run, task) != self._seen:
            self._seen, self._moved, self._told = (run, task), now, now
        if now - self._moved > _STUCK_SECONDS:
            raise StepFailedError(
                f"the smoke run does not go on: run {run}, task {task} for {_STUCK_SECONDS:.0f} s",
                why="Airflow is up, but its scheduler or its executor starts no task",
                next="airflow-wizard logs --unit scheduler, then airflow-wizard doctor",
            )
        if task in _EXECUTES or now - self._told < _STANDS_SECONDS:
            return False
        self._told = now
        return True


def _file(dags_folder: str, dag_id: str) -> Path:
    return Path(dags_folder) / f"{dag_id}.py"


def _same_file(seen: str, ours: Path, seen_as: str) -> bool:
    """Whether the path that Airflow names is our file; a container sees the folder under a name of its own."""
    if seen_as:
        return PurePosixPath(seen) == PurePosixPath(seen_as) / ours.name
    return os.path.realpath(seen) == os.path.realpath(ours)


def _run_note(folder: str) -> Path:
    return Path(folder) / ".airflow-wizard" / "smoke.json"


class SmokeHandler:
    """Handler of `RunSmokeDag`, one method a stage."""

    def done(self, action: RunSmokeDag, context: RunContext) -> str:
        """Never; a proof is made anew each time."""
        del action, context
        return ""

    def do(self, action: RunSmokeDag, context: RunContext) -> str:
        """Carry out the stage."""
        runtime = action.runtime
        if action.stage == "place":
            if isinstance(runtime, Release) and action.config_map:
                write_text_atomic(_run_note(runtime.folder), "{}\n", 0o600)
                return smoke_map.place(action, runtime, context)
            return self._place(action)
        if action.stage == "parse":
            self._parse_here(action, context)
        api = api_for(action.endpoint)
        stage = {"parse": self._parse, "run": self._run, "log": self._log}[action.stage]
        try:
            return stage(action, context, api)
        except RefusedError as error:
            raise StepFailedError(
                f"Airflow's API refused: {one_line(error, limit=300)}",
                why="what the proof needs, your own calls would need too",
                next="airflow-wizard doctor",
            ) from error

    @staticmethod
    def _parse_here(action: RunSmokeDag, context: RunContext) -> None:
        """Tell Airflow to parse it, where it would not by itself."""
        if isinstance(action.runtime, Release) and action.config_map and not action.airflow3:
            smoke_map.parse_now(action, action.runtime, context)

    @staticmethod
    def _place(action: RunSmokeDag) -> str:
        make_folder(Path(action.dags_folder))
        write_text_atomic(_file(action.dags_folder, action.dag_id), smoke_dag(action.dag_id, airflow3=action.airflow3))
        return f"{action.dag_id}.py"

    @staticmethod
    def _parse(action: RunSmokeDag, context: RunContext, api: AirflowApi) -> str:
        ours = _file(action.dags_folder, action.dag_id)
        with watching(action.runtime) as watch:
            while True:
                with contextlib.suppress(NoAnswerError):
                    seen = api.dag_file(action.dag_id)
                    if seen:
                        if _same_file(seen, ours, action.seen_as):
                            return f"parsed {ours}" if action.dags_folder else f"parsed {seen}"
                        raise StepFailedError(
                            f"Airflow parses {one_line(seen)}, not {ours}",
                            why="DAGs put into the folder you were told about would never show",
                            next="airflow-wizard doctor",
                        )
                    broken = [trace for name, trace in api.import_errors() if name.endswith(ours.name)]
                    if broken:
                        raise StepFailedError(
                            "the smoke DAG cannot be imported",
                            evidence=last_words(broken[0].splitlines()),
                            why="no DAG could be, then",
                            next="airflow-wizard doctor",
                        )
                context.progress(f"waiting for Airflow to parse {ours.name}")
                watch.check(context)

    @staticmethod
    def _run(action: RunSmokeDag, context: RunContext, api: AirflowApi) -> str:
        run_id = f"proof_{time.time_ns()}"
        write_text_atomic(_run_note(action.runtime.folder), json.dumps({"run_id": run_id}) + "\n", 0o600)
        asked, stands = False, _Standstill()
        patience = time.monotonic() + _FORGOTTEN_SECONDS
        with watching(action.runtime) as watch:
            while True:
                try:
                    if not asked:
                        api.trigger(action.dag_id, run_id)
                        asked = True
                    run = api.run_state(action.dag_id, run_id)
                except NoAnswerError as error:
                    context.progress(f"the API does not answer: {error}")
                except RefusedError as error:
                    # What an earlier, failed try left in the database is cleared away by Airflow until the file is
                    # parsed anew; then there is something to run again.
                    if error.status != 404 or time.monotonic() > patience:
                        raise
                    asked = False
                    SmokeHandler._parse_here(action, context)
                else:
                    state, attempt = run.tasks.get(_TASK, ("waiting", 0))
                    context.progress(f"run {run.state}, task {state}")
                    if run.state == "success":
                        return "success"
                    if run.state in _FAILED:
                        raise StepFailedError(
                            f"the smoke task ended as {state}",
                            evidence=SmokeHandler._last_lines(action, api, run_id, attempt),
                            why="Airflow is up, but cannot run a task",
                            next="airflow-wizard doctor",
                        )
                    if stands.too_long(run.state, state):
                        # Airflow 2's DAG processor takes away, every ten seconds, what is in no folder of its own.
                        SmokeHandler._parse_here(action, context)
                watch.check(context)

    @staticmethod
    def _last_lines(action: RunSmokeDag, api: AirflowApi, run_id: str, attempt: int) -> tuple[str, ...]:
        try:
            text = api.task_log(action.dag_id, run_id, _TASK, max(attempt, 1))
        except (RefusedError, NoAnswerError) as error:
            return (f"its log cannot be read either: {one_line(error, limit=200)}",)
        return tuple(one_line(line, limit=400) for line in readable(text)[-12:])

    @staticmethod
    def _log(action: RunSmokeDag, context: RunContext, api: AirflowApi) -> str:
        run_id = str(json.loads(_run_note(action.runtime.folder).read_text(encoding="utf-8"))["run_id"])
        deadline = time.monotonic() + 30.0
        text = ""
        while time.monotonic() < deadline:
            with contextlib.suppress(NoAnswerError):
                runtime = action.runtime
                if action.log_in_pod and isinstance(runtime, Release):
                    text = smoke_map.log_of_pods(action.dag_id, runtime, context)
                else:
                    text = api.task_log(action.dag_id, run_id, _TASK, 1)
                if smoke_marker(action.dag_id) in text:
                    return "its line was read back"
            context.pause(0.3)
        raise StepFailedError(
            "the task's log does not hold the line that the task wrote",
            evidence=tuple(one_line(line, limit=400) for line in readable(text)[-8:]),
            why="you would not see the logs of your own tasks",
            next="airflow-wizard doctor",
        )


def _unlink(file: Path) -> None:
    """The file, and what Python made of it."""
    file.unlink(missing_ok=True)
    cache = file.parent / "__pycache__"
    for left in cache.glob(f"{file.stem}.*") if cache.is_dir() else ():
        left.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        cache.rmdir()


class RemoveSmokeHandler:
    """Handler of `RemoveSmokeDag`."""

    def done(self, action: RemoveSmokeDag, context: RunContext) -> str:
        """Done when it was never put in place; else whether the database still has it is asked anyway."""
        del context
        file = _file(action.dags_folder, action.dag_id) if action.dags_folder else None
        placed = (file is not None and file.exists()) or _run_note(action.folder).exists()
        return "" if placed else "it was not put in place"

    def do(self, action: RemoveSmokeDag, context: RunContext) -> str:
        """File first, so that it is not parsed again, then the database entry, then its logs."""
        if action.release is not None:
            smoke_map.remove(action, action.release, context)
        if action.dags_folder:
            _unlink(_file(action.dags_folder, action.dag_id))
        for logs in (Path(action.folder) / "logs").glob(f"dag_id={action.dag_id}"):
            shutil.rmtree(logs, ignore_errors=True)
        api = api_for(action.endpoint)
        last = ""
        for _ in range(10):
            try:
                # The proof may have failed because somebody else answers there, who must not be sent the login.
                api.identity()
                api.delete_dag(action.dag_id)
            except (NoAnswerError, ForeignError):
                return "file removed; Airflow does not answer, its entry goes stale by itself"
            except RefusedError as error:
                last = one_line(error, limit=160)
                context.pause(0.5)
            else:
                _run_note(action.folder).unlink(missing_ok=True)
                return "removed"
        return f"file removed; Airflow keeps its entry for now: {last}"
