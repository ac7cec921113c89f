"""What the Docker engine's API answers about containers, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KIND = "io.x-k8s.kind.cluster"
PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"
_NUMBER, _ONE_OFF = "com.docker.compose.container-number", "com.docker.compose.oneoff"
_HASH, _FOLDER = "com.docker.compose.config-hash", "com.docker.compose.project.working_dir"
_NEVER = "0001-01-01"
# Events that say how a container is; a health check's own commands would be three more at every check.
TELLING = (
    "create", "start", "die", "oom", "pause", "unpause", "destroy", "rename", "update", "health_status",
)  # fmt: skip
_HEALTH_WORDS = {"(healthy)": "healthy", "(unhealthy)": "unhealthy", "(health: starting)": "starting"}


@dataclass(frozen=True, slots=True)
class Container:
    """One container, as ``docker inspect`` tells it.

    Attributes:
        id: the full id.
        name: without the leading slash.
        service: of the compose file; empty for a container that Compose did not make.
        number: 1, 2, … among the containers of one service.
        project: the Compose project; empty when there is none.
        folder: where the compose file lay when it was made.
        config_hash: what Compose recognises a changed service by.
        one_off: made by ``docker compose run``.
        image: its name as the compose file has it.
        state: created, running, paused, restarting, removing, exited or dead.
        health: healthy, unhealthy or starting; empty without a health check.
        health_said: last output of the health check.
        exit_code: of the last run; None while it runs or before the first.
        restarts: how often the engine started it again.
        oom: killed because its memory ran out.
        error: why the engine could not start it.
        pid: on the engine's machine; 0 when it does not run.
        started: unix seconds of the last start; None when never.
        finished: unix seconds of the last end; None when never.
        ports: published ones: (address, port).
        memory_limit: bytes; None without a limit.
        cpu_limit: cores; None without a limit.
        kind: the kind cluster it is a node of; empty when it is none.
    """

    id: str
    name: str
    service: str
    number: int
    project: str
    folder: str
    config_hash: str
    one_off: bool
    image: str
    state: str
    health: str
    health_said: str
    exit_code: int | None
    restarts: int
    oom: bool
    error: str
    pid: int
    started: float | None
    finished: float | None
    ports: tuple[tuple[str, int], ...]
    memory_limit: int | None = None
    cpu_limit: float | None = None
    kind: str = ""

    @property
    def running(self) -> bool:
        """Whether a process of it runs."""
        return self.state == "running"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a container takes: seconds of CPU so far, and bytes of memory without the page cache."""

    cpu_seconds: float
    memory: int
    processes: int


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of the engine.

    Attributes:
        time: unix seconds, by the engine's clock.
        service: of the container.
        action: start, die, health_status: healthy, …
        exit_code: of an end; None for everything else.
        container: full id.
        number: of the container among those of its service.
        one_off: made by ``docker compose run``.
    """

    time: float
    service: str
    action: str
    exit_code: int | None = None
    container: str = ""
    number: int = 1
    one_off: bool = False


def container_of(found: Mapping[str, Any]) -> Container:
    """A container from the answer of ``GET /containers/ID/json``. Pure."""
    state, config = found.get("State") or {}, found.get("Config") or {}
    labels = config.get("Labels") or {}
    health = state.get("Health") or {}
    log = health.get("Log") or [{}]
    running = state.get("Status") in ("running", "paused", "restarting")
    finished = unix_time(state.get("FinishedAt"))
    restarting = state.get("Status") == "restarting"
    host = found.get("HostConfig") or {}
    ended = (not running or restarting) and finished is not None
    return Container(
        id=str(found.get("Id", "")),
        name=str(found.get("Name", "")).lstrip("/"),
        service=str(labels.get(SERVICE, "")),
        number=int(labels.get(_NUMBER) or 1),
        project=str(labels.get(PROJECT, "")),
        folder=str(labels.get(_FOLDER, "")),
        config_hash=str(labels.get(_HASH, "")),
        one_off=str(labels.get(_ONE_OFF, "")).lower() == "true",
        image=str(config.get("Image", "")),
        state=str(state.get("Status", "")),
        health="" if health.get("Status") in (None, "none") else str(health["Status"]),
        health_said=str(log[-1].get("Output", "")).strip(),
        exit_code=int(state.get("ExitCode", 0)) if ended else None,
        restarts=int(found.get("RestartCount") or 0),
        oom=state.get("OOMKilled") is True,
        error=str(state.get("Error") or ""),
        pid=int(state.get("Pid") or 0),
        started=unix_time(state.get("StartedAt")),
        finished=finished,
        ports=tuple(_published(host.get("PortBindings") or {})),
        memory_limit=int(host.get("Memory") or 0) or None,
        cpu_limit=_cores(host),
        kind=str(labels.get(KIND, "")),
    )


def _cores(host: Mapping[str, Any]) -> float | None:
    if nano := int(host.get("NanoCpus") or 0):
        return nano / 1e9
    quota, period = int(host.get("CpuQuota") or 0), int(host.get("CpuPeriod") or 0) or 100_000
    return quota / period if quota > 0 else None


def glance_of(entry: Mapping[str, Any]) -> tuple[str, tuple[str, str]]:
    """(id, (state, health)) from one entry of ``GET /containers/json``. Pure.

    Health stands in the words only: "Up 2 minutes (healthy)" (moby, container/state.go).
    """
    words = str(entry.get("Status", ""))
    health = next((word for end, word in _HEALTH_WORDS.items() if words.endswith(end)), "")
    return str(entry.get("Id", "")), (str(entry.get("State", "")), health)


def sample_of(stats: Mapping[str, Any]) -> Sample | None:
    """CPU and memory from one answer of ``GET /containers/ID/stats``. Pure.

    As the docker command counts it (cli/command/container/stats_helpers.go): without the page cache that can be
    given back, which cgroup v1 calls total_inactive_file and v2 inactive_file.
    """
    memory = stats.get("memory_stats") or {}
    usage = memory.get("usage")
    if not isinstance(usage, int):
        return None
    detail = memory.get("stats") or {}
    cache = int(detail.get("total_inactive_file", detail.get("inactive_file", 0)))
    cpu = int(((stats.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage", 0))
    return Sample(cpu / 1e9, max(0, usage - cache), int((stats.get("pids_stats") or {}).get("current") or 0))


def happening_of(event: Mapping[str, Any]) -> Happening | None:
    """An event of ``GET /events``; None for one that says nothing about how a service is. Pure."""
    attributes = (event.get("Actor") or {}).get("Attributes") or {}
    action = str(event.get("Action", ""))
    if action.startswith("exec_") or not action:
        return None
    code, number = attributes.get("exitCode"), str(attributes.get(_NUMBER, ""))
    return Happening(
        time=int(event.get("timeNano", 0)) / 1e9,
        service=str(attributes.get(SERVICE, "")),
        action=action,
        exit_code=int(code) if isinstance(code, str) and code.lstrip("-").isdigit() else None,
        container=str((event.get("Actor") or {}).get("ID", "")),
        number=int(number) if number.isdigit() else 1,
        one_off=str(attributes.get(_ONE_OFF, "")).lower() == "true",
    )


def _published(bindings: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for found in bindings.values():
        for binding in found or ():
            port = str(binding.get("HostPort", ""))
            if port.isdigit():
                yield str(binding.get("HostIp") or "0.0.0.0"), int(port)  # noqa: S104 - what the engine says


def unix_time(text: object) -> float | None:
    """Unix seconds of a stamp as the engine writes it; None when it is none, or says "never"."""
    if not isinstance(text, str) or not text or text.startswith(_NEVER):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        # Nine digits of a second, which Python 3.11 reads; anything else is unknown.
        return None


def unit_names(containers: Iterable[Container]) -> dict[str, str]:
    """What each container is called in a row or a log line, by id: its service, with a number where there are more."""
    listed = tuple(containers)
    several = {c.service for c in listed if c.number > 1}
    return {c.id: f"{c.service}-{c.number}" if c.service in several else c.service or c.name for c in listed}
