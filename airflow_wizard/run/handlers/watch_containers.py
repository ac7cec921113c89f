"""Waiting for a Compose project: as long as something moves, and not a second longer once something died."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.waiting import POLL, STALL_SECONDS, stalled
from airflow_wizard.run.last_words import last_words
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.run.actions import Containers
    from airflow_wizard.run.context import Part, RunContext

_LOOK_EVERY = 0.5
_MOVEMENT_EVERY = 5.0
# A busy machine makes a check fail for a while; what fails this long hangs, although its checks go on being logged.
_UNHEALTHY_SECONDS = 180.0
# An end by one of these signals was asked for by somebody; the engine starts the container again.
_ASKED_FOR = (130, 137, 143)


class ContainerWatch:
    """See `airflow_wizard.run.handlers.waiting.Watch`: looks at the project's containers between two polls."""

    def __init__(self, runtime: Containers) -> None:
        self._runtime = runtime
        self._engine = Engine()
        self._began = time.time()
        self._containers = self._look()
        self._restarts = {c.id: c.restarts for c in self._containers}
        self._tail = LogTail(self._engine, self._began)
        self._looked_at = time.monotonic()
        self._cpu = 0.0
        self._ill_since: dict[str, float] = {}
        self._moved_at = self._movement_at = time.monotonic()

    def close(self) -> None:
        """End the conversation with the engine."""
        self._engine.close()

    def parts(self) -> tuple[Part, ...]:
        """(service, waiting, words) of each container while nothing answers yet."""
        return parts_of(self._containers, self._runtime.services)

    def may_answer(self) -> bool:
        """See `airflow_wizard.run.handlers.waiting.Watch`."""
        return True

    def up_for(self) -> Mapping[str, float]:
        """See `airflow_wizard.run.handlers.waiting.Watch`."""
        now = time.time()
        running = [c for c in self._containers if c.running and c.started is not None]
        return {c.service.removeprefix("airflow-"): now - (c.started or now) for c in running}

    def check(self, context: RunContext) -> None:
        """See `airflow_wizard.run.handlers.waiting.Watch`."""
        context.pause(POLL)
        if time.monotonic() - self._looked_at < _LOOK_EVERY:
            return
        self._looked_at = time.monotonic()
        self._containers = self._look()
        told = self._tail.tell(self._containers, context)
        for container in self._containers:
            self._see_death(container, context.began)
            self._see_illness(container)
        missing = set(self._runtime.services) - {c.service for c in self._containers}
        if missing:
            raise StepFailedError(
                f"the container of {', '.join(sorted(missing))} is gone",
                why="somebody removed it while Airflow was starting",
                next="run the same command again; it makes it anew",
            )
        self._see_movement(told=told)

    def _look(self) -> tuple[Container, ...]:
        found = self._engine.project(self._runtime.project)
        return tuple(c for c in found if c.service in self._runtime.services and not c.one_off)

    def _see_death(self, container: Container, began: float) -> None:
        before = self._restarts.setdefault(container.id, 0)
        # What ran before anything was done suffered from what is mended now; how it runs after it is what counts.
        from_before = container.started is not None and container.started < began
        if container.state == "restarting" and from_before and container.restarts <= before + 1:
            return
        code = container.exit_code
        if container.oom:
            raise died(self._engine, container, self._began)
        if container.state in ("exited", "dead") or container.restarts > before:
            # While it runs again the engine no longer tells how it ended, so its own last words have to.
            if code in _ASKED_FOR or (container.running and code is None and container.restarts == before + 1):
                return
            raise died(self._engine, container, self._began)

    def _see_illness(self, container: Container) -> None:
        if container.health != "unhealthy":
            self._ill_since.pop(container.id, None)
            return
        since = self._ill_since.setdefault(container.id, time.monotonic())
        if time.monotonic() - since > _UNHEALTHY_SECONDS:
            said = one_line(container.health_said, limit=200) or "its health check fails"
            raise StepFailedError(
                f"{container.service} has been unhealthy for {_UNHEALTHY_SECONDS:.0f} s: {said}",
                evidence=last_words(self._engine.log_tail(container.id, 40)),
                why="it runs, but does not do its work, and waiting longer would not help",
                next=f"airflow-wizard restart --unit {container.service}, then the same command",
            )

    def _see_movement(self, *, told: bool) -> None:
        now = time.monotonic()
        if told:
            self._moved_at = now
        if now - self._movement_at < _MOVEMENT_EVERY:
            return
        self._movement_at = now
        samples = [self._engine.sample(c.id) for c in self._containers if c.running]
        cpu = sum(sample.cpu_seconds for sample in samples if sample is not None)
        if abs(cpu - self._cpu) > 0.5:
            self._cpu, self._moved_at = cpu, now
        if now - self._moved_at > STALL_SECONDS:
            lines = [(c.service, line) for c in self._containers for line in self._engine.log_tail(c.id, 2)]
            raise stalled(tuple(f"{service}: {one_line(line, limit=300)}" for service, line in lines))


class LogTail:
    """Passes on what containers write, each line once."""

    def __init__(self, engine: Engine, since: float) -> None:
        self._engine = engine
        self._since = since
        self._last: dict[str, str] = {}

    def tell(self, containers: tuple[Container, ...], context: RunContext) -> bool:
        """What was written since the last call, by service; True when there was anything."""
        told = False
        for container in containers:
            last = self._last.get(container.id, "")
            for stamp, text in self._engine.log_since(container.id, last or self._since):
                if stamp > last:
                    self._last[container.id] = last = stamp
                    context.output(container.service, text)
                    told = True
        return told


def parts_of(containers: tuple[Container, ...], services: tuple[str, ...]) -> tuple[Part, ...]:
    """(service, ok | waiting | failed, words) in the order of the services. Pure but for the clock."""
    order = {service: place for place, service in enumerate(services)}
    found = sorted(containers, key=lambda c: (order.get(c.service, len(order)), c.number))
    return tuple((c.service, *_words(c)) for c in found)


def _words(container: Container) -> tuple[str, str]:
    if container.running:
        seconds = max(0.0, time.time() - (container.started or time.time()))
        if container.health == "healthy":
            return "ok", "healthy"
        if container.health == "unhealthy":
            return "failed", f"unhealthy: {one_line(container.health_said, limit=80) or 'its check fails'}"
        return "waiting", f"{'starting' if container.health else 'running'}, {seconds:.0f} s"
    if container.exit_code:
        return "failed", f"{container.state}, exit {container.exit_code}"
    return "waiting", container.state


def died(engine: Engine, container: Container, since: float) -> StepFailedError:
    """A container that ended by itself: which, how, and its last lines."""
    how = f"exit {container.exit_code}" if container.exit_code is not None else "an error, and is started again"
    how = "its memory running out (OOM)" if container.oom else how
    lines = [*engine.log_tail(container.id, 80, since=since), *([container.error] if container.error else [])]
    return StepFailedError(
        f"{container.service} ended with {how}",
        evidence=last_words(lines),
        why="Airflow is not whole without it; the engine goes on starting it again",
        next=f"airflow-wizard logs --unit {container.service}, then airflow-wizard doctor",
    )
