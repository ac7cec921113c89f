"""Waiting for a stack: what every wait of a proof looks at in between, whatever runs the stack."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.artifacts.standalone import IDENTITY, PASSWORD
from airflow_wizard.cluster import Release
from airflow_wizard.engines.airflow_api import AirflowApi, Login
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.actions import Containers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airflow_wizard.run.actions import Endpoint, Runtime
    from airflow_wizard.run.context import Part, RunContext

POLL = 0.2
# Nothing written and no CPU used by anything of the stack for this long means that it hangs.
STALL_SECONDS = 90.0


class Watch(Protocol):
    """Looks at what runs a stack between two polls of a wait."""

    def parts(self) -> tuple[Part, ...]:
        """(name, waiting, words) of each component while nothing answers yet."""

    def may_answer(self) -> bool:
        """Whether Airflow could answer by now, as far as this can be told; asking earlier helps nobody."""

    def up_for(self) -> Mapping[str, float]:
        """Seconds each component that runs has been running, by its name without ``airflow-``."""

    def check(self, context: RunContext) -> None:
        """Wait a moment, pass on what was written meanwhile, and see that waiting on makes sense.

        Raises:
            StepFailedError: something died by itself, or nothing has moved for too long.
            InterruptedByUserError: the person does not want to wait.
        """

    def close(self) -> None:
        """Let go of what is held open."""


@contextlib.contextmanager
def watching(runtime: Runtime) -> Iterator[Watch]:
    """The watch of a runtime, for as long as a wait lasts."""
    watch: Watch
    if isinstance(runtime, Containers):
        from airflow_wizard.run.handlers.watch_containers import ContainerWatch

        watch = ContainerWatch(runtime)
    elif isinstance(runtime, Release):
        from airflow_wizard.run.handlers.watch_pods import PodWatch

        watch = PodWatch(runtime)
    else:
        from airflow_wizard.run.handlers.watch_processes import ProcessWatch

        watch = ProcessWatch(runtime.folder)
    with contextlib.closing(watch):
        yield watch


def stalled(
    evidence: tuple[str, ...], seconds: float = STALL_SECONDS, signs: str = "no log line, no CPU time"
) -> StepFailedError:
    """What is raised when nothing moves any more; ``signs`` is what was looked for in vain."""
    return StepFailedError(
        f"nothing has moved for {seconds:.0f} s: {signs}",
        evidence=evidence,
        why="it hangs, and waiting longer would not help",
        next="airflow-wizard doctor",
    )


def api_for(endpoint: Endpoint) -> AirflowApi:
    """A client with the login that is on disk right now, which is the one the person is told."""
    login = Login(ADMIN, "", "")
    with contextlib.suppress(OSError, UnicodeDecodeError):
        with open(endpoint.secrets_file, encoding="utf-8") as handle:  # noqa: PTH123 - a plain path from the plan
            values = values_of(handle.read())
        login = Login(ADMIN, values.get(PASSWORD, ""), values.get(IDENTITY, ""))
    return AirflowApi(endpoint.asked or endpoint.url, endpoint.api, endpoint.health_path, login)
