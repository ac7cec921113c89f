"""A stack that the wizard knows, with containers that write, wait or die as a measurement wants it."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import EngineUnreachableError
from tests.bench.processes import PROGRAM
from tests.bench.watched import SIZE, Watched
from tests.e2e.compose.engine import BROKER, WAY
from tests.e2e.compose.staged import stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docker import APIClient

    from tests.bench.session import Session

# Without a process of its own for each pause: `read` waits on a pipe into which nobody writes.
WAITS = "exec 3<> <(:); trap 'exit 0' TERM; while :; do read -t 60 -u 3; done"
# RATE lines a second from START on (or its own start, when that is later) until END; each says which it is and when.
WRITES = """
exec 3<> <(:); run=$EPOCHREALTIME; from=$((START * 1000000)); now=${run/./}; n=0
((now > from)) && from=$now
printf -v pad '%*s' 60 ''; pad=${pad// /x}
while now=${EPOCHREALTIME/./}; ((now < END * 1000000)); do
  due=$(((now - from) * RATE / 1000000))
  while ((n < due)); do printf 'r=%s n=%d t=%s %s\\n' $run $((++n)) $EPOCHREALTIME $pad; done
  read -t 0.02 -u 3
done
printf 'r=%s end=%d\\n' $run $n
while :; do read -t 60 -u 3; done
"""
_PROJECT = "com.docker.compose.project"
_AT_ONCE = 4


class Stage:
    """One project; whatever was started is removed at the end."""

    def __init__(self, session: Session) -> None:
        self.name = f"airflow-bench-{secrets.token_hex(3)}"
        self.home = session.place / self.name
        self.env: dict[str, str] = {**session.env, **WAY, "AIRFLOW_WIZARD_HOME": str(self.home)}
        self.containers: dict[str, str] = {}
        self._clients: list[Engine] = []

    def __enter__(self) -> Self:
        try:
            self.api = self._client()
            if not self.api.images(BROKER):
                raise RuntimeError(f"no image {BROKER}; bash .ci/engine.sh && bash .ci/images.sh brings it")
        except EngineUnreachableError as error:
            raise RuntimeError(error.what) from error
        stage(self.name, self.home / "stacks" / self.name, self.env)
        return self

    def __exit__(self, *_: object) -> None:
        found = self.api.containers(all=True, quiet=True, filters={"label": f"{_PROJECT}={self.name}"})
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda one: self.api.remove_container(one["Id"], force=True, v=True), found))
        for client in self._clients:
            client.close()

    def _client(self) -> APIClient:
        self._clients.append(Engine(timeout=60.0))
        return self._clients[-1].api

    def start(self, services: Mapping[str, str], *, restart: str = "no") -> None:
        """Start a container for each service, with a script for bash, all at about the same time."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            made = list(pool.map(lambda name: self._start(name, services[name], restart), services))
        self.containers |= dict(zip(services, made, strict=True))

    def _start(self, service: str, script: str, restart: str) -> str:
        words = {"project": self.name, "service": service, "container-number": "1", "oneoff": "False"}
        words["config-hash"] = "bench"  # without one `docker compose logs` takes it for nobody's
        config: dict[str, Any] = {
            "entrypoint": ["bash", "-c", script],
            "labels": {f"com.docker.compose.{key}": value for key, value in words.items()},
            "name": f"{self.name}-{service}-1",
            "host_config": self.api.create_host_config(restart_policy={"Name": restart}),
        }
        made: str = self.api.create_container(BROKER, **config)["Id"]
        self.api.start(made)
        return made

    def dashboard(self, *, host: str = "", size: tuple[int, int] = SIZE) -> Watched:
        """The wizard in a terminal, on the dashboard of the stack; not measured yet."""
        watched = Watched([PROGRAM], self.env | ({"DOCKER_HOST": host} if host else {}), size)
        try:
            watched.until(lambda lines: any(self.name in line and "3.3.2" in line for line in lines))
            watched.press("\x1b[B")
            watched.until(lambda lines: any("❯" in line and self.name in line for line in lines))
            watched.press("\r")
            watched.until(lambda lines: "looking" not in lines[3] and any(" Logs " in line for line in lines))
            watched.rest()
        except BaseException:
            watched.__exit__()
            raise
        return watched


def writers(count: int, rate: int, *, start: float, seconds: float) -> dict[str, str]:
    """Scripts of ``count`` units that together write ``rate`` lines a second for a while."""
    values = f"RATE={rate // count}; START={int(start)}; END={int(start + seconds)};"
    return {f"writer-{number:02}": values + WRITES for number in range(count)}


def soon(seconds: float) -> float:
    """A whole second from now on."""
    return float(int(time.time() + seconds))
