"""Start and stop what a Compose project consists of."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_start import start_container
from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.compose_cli import bring_up, compose, env_values, stack_in
from airflow_wizard.run.handlers.compose_words import NETWORK_GONE, reason
from airflow_wizard.run.handlers.ownership import foreign, own, refuse_foreign
from airflow_wizard.run.handlers.watch_containers import LogTail, parts_of
from airflow_wizard.run.last_words import last_words
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.run.actions import (
        Containers,
        RunInit,
        StartServices,
        StopServices,
    )
    from airflow_wizard.run.context import RunContext

_TICK = 0.5
CREATE = ("create", "--remove-orphans")


def by_name(project: str) -> tuple[str, str]:
    """Words that make Compose ask the engine what there is, instead of a file that may be damaged or gone."""
    return "--project-name", project


def config_hashes(runtime: Containers, context: RunContext) -> dict[str, str]:
    """What Compose recognises each service by, as the files on disk are now; {} when they cannot be read."""
    lines: list[str] = []
    # Services behind a profile are told only with that profile.
    words = ("--profile", "*", "config", "--hash", "*")
    finished = compose(context, runtime.folder, *words, on_line=lines.append, fail=False)
    if finished.code != 0:
        return {}
    pairs = (line.split() for line in lines)
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


class InitHandler:
    """Handler of `RunInit`."""

    def done(self, action: RunInit, context: RunContext) -> str:
        """Done when its container ended well and was made from what is on disk now."""
        with Engine() as engine:
            found = _init(engine, action)
        if found is None or found.running or found.exit_code != 0 or _is_roots(action.runtime.folder):
            return ""
        hashes = config_hashes(action.runtime, context)
        return "done before, nothing changed since" if hashes.get(action.service) == found.config_hash else ""

    def do(self, action: RunInit, context: RunContext) -> str:
        """Start it with what it needs, and watch it to its end: exit 0 alone proves nothing, its last line does."""
        began = time.time()
        with Engine() as engine:
            refuse_foreign(engine, action.runtime)
            tell = _Ticker(engine, action.runtime, began, context)
            bring_up(context, action.runtime.folder, action.service, on_tick=tell.tick)
            while True:
                found = _init(engine, action)
                tell.tick()
                if found is not None and found.exit_code is not None:
                    break
                if found is None or found.state not in ("created", "running"):
                    raise StepFailedError(
                        f"the container of {action.service} is {found.state if found else 'gone'}",
                        evidence=(found.error,) if found and found.error else (),
                        why="without it there is neither a database nor a login",
                        next="run the same command again",
                    )
                context.pause(0.1)
            lines = engine.log_tail(found.id, 60, since=found.started)
        if found.exit_code != 0 or not lines or lines[-1].strip() != "ready":
            why, following = reason("\n".join(lines), stack_in(action.runtime.folder)) or (
                "without it there is neither a database nor a login",
                f"airflow-wizard logs --unit {action.service}, then airflow-wizard doctor",
            )
            raise StepFailedError(
                f"{action.service} ended with exit {found.exit_code}",
                evidence=last_words(lines, most=8),
                why=why,
                next=following,
            )
        return "database and login are there"


class StartServicesHandler:
    """Handler of `StartServices`."""

    def done(self, action: StartServices, context: RunContext) -> str:
        """Done when every service runs, made from what is on disk now, and nothing is left of a former one."""
        with Engine() as engine:
            there = [c for c in own(engine, action.runtime) if not c.one_off]
        services, wanted = action.runtime.services, dict(action.runtime.replicas)
        running = [c for c in there if c.running and c.service in services]
        count = Counter(c.service for c in running)
        # More than wanted were started by hand, and stay.
        if any(count[name] < wanted.get(name, 1) for name in services):
            return ""
        hashes = config_hashes(action.runtime, context)
        same = all(hashes.get(c.service) == c.config_hash for c in running)
        orphans = [c for c in there if c.service not in hashes and c.config_hash]
        return f"{len(services)} services run" if same and not orphans else ""

    def do(self, action: StartServices, context: RunContext) -> str:
        """Make what is missing or changed, then start it all at once: what it waits for was seen by the step before.

        ``docker compose up`` would run the finished init again for whatever depends on it, and with ``--no-deps`` it
        makes containers that it later takes for changed ones (Compose 2.26: dependencies are part of their hash).
        """
        runtime = action.runtime
        with Engine() as engine:
            refuse_foreign(engine, runtime)
        compose(context, runtime.folder, *CREATE)
        containers = _made(runtime)
        try:
            _start(containers, runtime, context)
        except StepFailedError as error:
            if not NETWORK_GONE.search(error.what):
                raise
            # A container keeps the id of its network; Compose makes the network, and does not see that id in its hash.
            context.progress("its network was removed; making its containers anew")
            # Not with --force-recreate, which makes the finished init anew as well: it would seem never to have run.
            with Engine() as engine:
                for container in containers:
                    engine.remove(container.id)
            compose(context, runtime.folder, *CREATE)
            _start(_made(runtime), runtime, context)
        return f"{len(containers)} containers"


def _made(runtime: Containers) -> list[Container]:
    """The containers of the services, all of them.

    Raises:
        StepFailedError: there is none for one of them.
    """
    with Engine() as engine:
        found = [c for c in engine.project(runtime.project) if c.service in runtime.services and not c.one_off]
    missing = [name for name in runtime.services if name not in {c.service for c in found}]
    if missing:
        raise StepFailedError(
            f"Compose did not make a container for {', '.join(missing)}",
            why="Airflow is not whole without it",
            next="docker compose up -d, in the stack's folder, shows why",
        )
    return found


def _start(containers: list[Container], runtime: Containers, context: RunContext) -> None:
    """Start those that do not run, side by side.

    Raises:
        StepFailedError: the engine could not start one of them.
    """
    down = [c for c in containers if not c.running]
    if not down:
        return
    ended = context.command_started(("docker", "start", *(c.name for c in down)), runtime.folder)
    began = time.monotonic()
    with ThreadPoolExecutor(len(down)) as pool:
        problems = [problem for problem in pool.map(start_container, [c.id for c in down]) if problem]
    ended(1 if problems else 0, time.monotonic() - began)
    if problems:
        why, following = reason(problems[0], stack_in(runtime.folder)) or (
            "Airflow is not whole without it",
            "docker compose up -d, in the stack's folder, shows more",
        )
        raise StepFailedError(
            f"the engine could not start a container: {one_line(problems[0], limit=300)}",
            evidence=tuple(one_line(problem, limit=300) for problem in problems),
            why=why,
            next=following,
        )


class StopServicesHandler:
    """Handler of `StopServices`."""

    def done(self, action: StopServices, context: RunContext) -> str:
        """Done when no container of this stack runs."""
        del context
        with Engine() as engine:
            live = [c for c in own(engine, action.runtime) if c.state in ("running", "restarting", "paused")]
            others = foreign(engine, action.runtime)
        return "" if live else f"nothing of this stack runs; {others}" if others else "nothing runs"

    def do(self, action: StopServices, context: RunContext) -> str:
        """Stop them; running tasks get the time the image's entrypoint gives them."""
        with Engine() as engine:
            refuse_foreign(engine, action.runtime)
        compose(context, action.runtime.folder, *by_name(action.runtime.project), "stop")
        with Engine() as engine:
            live = [c.name for c in engine.project(action.runtime.project) if c.running]
        if live:
            raise StepFailedError(
                f"{', '.join(live)} still runs", why="it holds the port and the database", next=f"docker kill {live[0]}"
            )
        return "stopped"


class _Ticker:
    """Progress of a start: how each container is, and what it writes."""

    def __init__(self, engine: Engine, runtime: Containers, since: float, context: RunContext) -> None:
        self._engine, self._runtime, self._context = engine, runtime, context
        self._tail = LogTail(engine, since)
        self._at = 0.0

    def tick(self) -> None:
        """Look, at most twice a second."""
        now = time.monotonic()
        if now - self._at < _TICK:
            return
        self._at = now
        found = tuple(c for c in self._engine.project(self._runtime.project) if not c.one_off)
        self._tail.tell(found, self._context)
        parts = parts_of(found, self._runtime.services)
        waiting = [name for name, state, _ in parts if state != "ok"]
        self._context.progress(f"waiting for {', '.join(waiting) or 'its end'}", parts=parts)


def _init(engine: Engine, action: RunInit) -> Container | None:
    found = [c for c in own(engine, action.runtime) if c.service == action.service and not c.one_off]
    return found[0] if found else None


def _is_roots(folder: str) -> bool:
    """Whether Airflow's logs belong to root again, so that it cannot write them: init hands them over."""
    uid = env_values(folder).get("AIRFLOW_UID", "")
    try:
        status = (Path(folder) / "logs").stat()
    except OSError:
        return False
    return uid not in ("", "0") and status.st_uid == 0 and not status.st_mode & 0o022
