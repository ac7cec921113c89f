"""What the targets share that this version writes files for but cannot launch: they say so, and pretend nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from airflow_wizard.artifacts.kube import settings, stack
from airflow_wizard.checks.registry import checks_for
from airflow_wizard.errors import InvalidError, NotYetError
from airflow_wizard.targets.model import Fit, Verdict

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import Artifact, StackRequest
    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.options.model import Target
    from airflow_wizard.profile.model import Answers
    from airflow_wizard.run.actions import Endpoint, Runtime, UnitVerb
    from airflow_wizard.run.step import Step

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class LaterTarget(ABC):
    """See `airflow_wizard.targets.model.TargetModule`; everything but judging and writing raises `NotYetError`."""

    name: ClassVar[Target]
    title: ClassVar[str]
    about: ClassVar[str]
    minutes: ClassVar[float]
    memory: ClassVar[int]

    def check_ids(self) -> tuple[str, ...]:
        """Ids of the host checks that matter for it."""
        return tuple(check.id for check in checks_for(self.name))

    @abstractmethod
    def judge(self, facts: HostFacts) -> tuple[Verdict, str]:
        """The verdict and its reason."""

    def fit(self, facts: HostFacts) -> Fit:
        """How well it fits this machine."""
        if facts.text("system", "os") == "windows":
            verdict, reason = Verdict.CANNOT, "the wizard needs Linux, macOS or WSL 2"
        else:
            verdict, reason = self.judge(facts)
        return Fit(
            target=self.name,
            title=self.title,
            verdict=verdict,
            reason=reason,
            minutes=self.minutes,
            memory=self.memory,
            ready=False,
            about=f"{self.about} This version checks the machine and writes the files; launching comes in a later one.",
        )

    def secret_keys(self, answers: Answers, release: AirflowRelease) -> tuple[str, ...]:
        """Keys of secrets/.env."""
        return settings.secret_keys(
            airflow3=release.api == "v2",
            external_database=answers.text("database") == "external",
            celery="Celery" in answers.text("executor"),
            git_password=bool(answers.text("git_user")),
        )

    def artifacts(self, request: StackRequest) -> tuple[Artifact, ...]:
        """Files of the stack.

        Raises:
            InvalidError: the database's address cannot be used from inside the cluster.
        """
        if request.answers.text("database") == "external":
            _refuse_address(request.answers.text("database_url"))
        return stack.artifacts(request)

    def endpoint(self, request: StackRequest) -> Endpoint:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def units(self, request: StackRequest) -> tuple[str, ...]:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def launch(self, request: StackRequest) -> tuple[Step, ...]:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def stop(self, request: StackRequest) -> tuple[Step, ...]:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def start(self, request: StackRequest) -> tuple[Step, ...]:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def runtime(self, request: StackRequest) -> Runtime:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def single_units(self, request: StackRequest) -> tuple[str, ...]:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def act(self, request: StackRequest, verb: UnitVerb, unit: str) -> tuple[Step, ...]:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def down(self, request: StackRequest, *, volumes: bool = False) -> tuple[Step, ...]:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def destroy(self, request: StackRequest, *, images: bool = False) -> tuple[Step, ...]:  # noqa: ARG002
        """Not in this version."""
        raise self._not_yet()

    def _not_yet(self) -> NotYetError:
        return NotYetError(
            f"target {self.name} cannot be planned or launched yet",
            why="this version launches the targets standalone (no containers) and compose; "
            f"for {self.name} it checks the machine and writes the files, which work with kubectl and helm alone",
            next="airflow-wizard write --profile NAME --out DIR, then follow DIR/README.md",
        )


def _refuse_address(address: str) -> None:
    if urlsplit(address).hostname in _HERE:
        raise InvalidError(
            "database_url: names this machine as localhost",
            why="inside a pod that is the pod itself",
            next="name it by an address that the cluster's nodes reach, and let PostgreSQL listen there",
            key="database_url",
        )


def engine_verdict(facts: HostFacts) -> tuple[Verdict, str] | None:
    """Why the Docker engine is in the way; None when it is not."""
    fact = facts.get("docker")
    if fact is None or not fact.known:
        return Verdict.UNKNOWN, "the Docker engine could not be asked"
    if facts.value("docker", "reachable") is True:
        return None
    words = {
        "not_installed": "Docker",
        "not_running": "the Docker engine to be started",
        "permission": "the right to use Docker (group docker)",
        "context": "a docker context that exists",
    }
    return Verdict.NEEDS, words.get(facts.text("docker", "error_kind"), "a Docker engine that answers")


def missing_tools(facts: HostFacts, *names: str) -> tuple[Verdict, str] | None:
    """Which of these programs are not installed; None when all are there."""
    unseen = [n for n in names if (fact := facts.get(n)) is None or not fact.known]
    missing = [n for n in names if n not in unseen and not facts.text(n, "path")]
    if missing:
        return Verdict.NEEDS, " and ".join(missing)
    return (Verdict.UNKNOWN, f"{' and '.join(unseen)} could not be asked") if unseen else None
