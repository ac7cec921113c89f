"""Docker Compose on this machine."""

from __future__ import annotations

import shlex
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from airflow_wizard.artifacts import compose
from airflow_wizard.artifacts.compose_file import image, project
from airflow_wizard.artifacts.compose_services import images, install_command, replicas
from airflow_wizard.artifacts.standalone import STACK_ID
from airflow_wizard.checks.docker import COMPOSE_LEAST, numbers
from airflow_wizard.checks.engine import MEMORY_COMFORT, MEMORY_LEAST
from airflow_wizard.checks.registry import checks_for
from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets import compose_launch
from airflow_wizard.targets.model import Fit, Verdict
from airflow_wizard.targets.needs import engine_verdict
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import Artifact, StackRequest
    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.profile.model import Answers

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
# .env is read by Compose: these would be taken for a variable, a quotation or the end of the value.
_UNUSABLE_IN_ENV = "$\"'`\\# \t"
_UNUSABLE_IN_MOUNT = ":\n\r"


_FOLDERS = ("dags", "logs", "plugins", "config")


class Compose:
    """See `airflow_wizard.targets.model.TargetModule`."""

    name = Target.COMPOSE
    title = "Docker Compose"

    def check_ids(self) -> tuple[str, ...]:
        """Checks that matter."""
        return tuple(check.id for check in checks_for(self.name))

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
            minutes=1.0,
            memory=2_100_000_000,
            about=(
                "Airflow's components as containers on this machine, in one folder you can commit. "
                "Best for learning and for writing DAGs."
            ),
        )

    def judge(self, facts: HostFacts) -> tuple[Verdict, str]:
        """Needs an engine with 2 GB and Compose 2.14."""
        if blocked := engine_verdict(facts):
            return blocked
        version = numbers(facts.text("compose", "version"))
        if facts.text("compose", "kind") in ("none", "v1") or (version is not None and version < COMPOSE_LEAST):
            return Verdict.NEEDS, "Docker Compose 2.14 or newer"
        if version is None:
            return Verdict.UNKNOWN, "the version of Docker Compose could not be read"
        memory = facts.number("docker", "memory")
        if memory is not None and memory < MEMORY_LEAST:
            return Verdict.NEEDS, f"4 GB for the engine, which has {human_bytes(memory)}"
        if memory is not None and memory < MEMORY_COMFORT:
            return Verdict.FITS, f"tight: the engine has {human_bytes(memory)}, 4 GB are better"
        return Verdict.FITS, "about 1 minute, 2.1 to 4.2 GB"

    def secret_keys(self, answers: Answers, release: AirflowRelease) -> tuple[str, ...]:
        """Keys of .env."""
        external = answers.text("database") == "external"
        return compose.secret_keys(airflow3=release.api == "v2", external_database=external)

    def artifacts(self, request: StackRequest) -> tuple[Artifact, ...]:
        """Files of the stack.

        Raises:
            InvalidError: a folder or the database's address cannot be used from inside containers.
        """
        _refuse_folders(request)
        if request.answers.text("database") == "external":
            _refuse_address(request.answers.text("database_url"))
        return compose.artifacts(request)

    def endpoint(self, request: StackRequest) -> actions.Endpoint:
        """Where it answers."""
        return compose_launch.endpoint(request)

    def runtime(self, request: StackRequest) -> actions.Containers:
        """The Compose project."""
        return compose_launch.runtime(request)

    def units(self, request: StackRequest) -> tuple[str, ...]:
        """The services, by their names in docker-compose.yaml."""
        return compose.units(request)

    def launch(self, request: StackRequest) -> tuple[Step, ...]:
        """From nothing to proven."""
        answers, folder = request.answers, request.folder
        given = tuple((name, value) for name, value in answers.values.items() if name != "database_password")
        url, version = self.endpoint(request).url, str(request.release.version)
        files = actions.WriteArtifacts(folder, self.artifacts(request), _FOLDERS)
        remember = actions.RememberStack(request.name, str(self.name), folder, url, version, given)
        return (
            Step("files", "Write the files", files),
            Step("register", "Remember the stack", remember),
            *compose_launch.prepare_steps(request),
            compose_launch.place_smoke_dag(request),
            *compose_launch.run_steps(request),
            *compose_launch.wait_steps(request),
            *compose_launch.smoke_steps(request),
        )

    def stop(self, request: StackRequest) -> tuple[Step, ...]:
        """Stop every container and keep it."""
        return (
            self._step(request, "stop", "Stop the containers", actions.StopServices(self.runtime(request)), "stop"),
        )

    def start(self, request: StackRequest) -> tuple[Step, ...]:
        """Start what is there, and wait until it beats; no smoke DAG."""
        run = compose_launch.run_steps(request)
        return (compose_launch.port_step(request), *run, *compose_launch.wait_steps(request))

    def single_units(self, request: StackRequest) -> tuple[str, ...]:
        """The services, and each container of those that have several."""
        several = replicas(request)
        return tuple(
            name
            for service in self.units(request)
            for name in (service, *(f"{service}-{n}" for n in range(1, several.get(service, 0) + 1)))
        )

    def act(self, request: StackRequest, verb: actions.UnitVerb, unit: str) -> tuple[Step, ...]:
        """Stop, start or restart the containers of one service, or one of them."""
        runtime, services = self.runtime(request), self.units(request)
        service, _, last = unit.rpartition("-")
        number = 0 if unit in services else int(last)
        service = unit if unit in services else service
        numbers = (number,) if number else range(1, replicas(request).get(service, 1) + 1)
        names = (f"{runtime.project}-{service}-{n}" for n in numbers)
        action = actions.ActOnService(runtime, service, verb, number)
        command = ("docker", verb, *names)
        return (Step(verb, f"{verb.capitalize()} {unit}", action, command=command, risk=Risk.DISRUPTIVE, usual=8.0),)

    def down(self, request: StackRequest, *, volumes: bool = False) -> tuple[Step, ...]:
        """Remove containers and network; with ``volumes`` the database as well."""
        action = actions.RemoveProject(self.runtime(request), volumes=volumes, owner=request.secrets[STACK_ID])
        words = ("down", "--remove-orphans", *(("--volumes",) if volumes else ()))
        what = "containers, network and database" if volumes else "containers and network"
        return (self._step(request, "down", f"Remove {what}", action, *words),)

    def destroy(self, request: StackRequest, *, images: bool = False, cluster: bool = False) -> tuple[Step, ...]:
        """Remove everything the wizard, Compose or Airflow made; DAGs and other files of the person stay."""
        del cluster
        gone = image_names(request) if images else ()
        owner = request.secrets[STACK_ID]
        remove = actions.RemoveProject(self.runtime(request), volumes=True, images=gone, owner=owner)
        paths = removable(request)
        return (
            self._step(request, "down", "Remove containers and data", remove, "down", "--remove-orphans", "--volumes"),
            Step(
                "remove",
                "Delete the stack's files",
                actions.RemovePaths(request.folder, paths, (*_FOLDERS, "scripts")),
                command=("rm", "-r", *(str(PurePath(request.folder) / path) for path in paths)),
                risk=Risk.DESTRUCTIVE,
            ),
            Step("forget", "Forget the stack", actions.ForgetStack(request.name)),
        )

    @staticmethod
    def _step(request: StackRequest, id_: str, title: str, action: actions.Action, *words: str) -> Step:
        command = ("docker", "compose", "--project-name", project(request), *words)
        risk = Risk.DESTRUCTIVE if "--volumes" in words else Risk.DISRUPTIVE
        return Step(id_, title, action, command=command, risk=risk, usual=8.0)


def image_names(request: StackRequest) -> tuple[str, ...]:
    """Images that it runs or was built from."""
    own = (image(request),) if install_command(request) else ()
    return (*own, *images(request))


def removable(request: StackRequest) -> tuple[str, ...]:
    """Paths below the stack's folder that the wizard or Airflow made. The state folder goes last."""
    made = [a.path for a in compose.artifacts(request)]
    return (*sorted(made), "scripts/__pycache__", "plugins/__pycache__", "logs", ".airflow-wizard")


def _refuse_folders(request: StackRequest) -> None:
    for key in ("dags", "requirements"):
        path = request.answers.text(key)
        if any(character in path for character in _UNUSABLE_IN_MOUNT):
            raise InvalidError(
                f"{key}: the path {path!r} has a colon or a line break in it",
                why="a colon ends the path of a mount",
                next=f"choose another: --set {key}={shlex.quote(path.replace(':', '-'))}",
                key=key,
            )
    requirements = PurePosixPath(request.answers.text("requirements"))
    if ".." in requirements.parts:
        raise InvalidError(
            f"requirements: {requirements} leads out of the stack's folder",
            why="an image is built from one folder and what is below it",
            next="name the file by its absolute path: --set requirements=/path/requirements.txt",
            key="requirements",
        )


def _refuse_address(address: str) -> None:
    bad = next((character for character in _UNUSABLE_IN_ENV if character in address), "")
    if bad:
        raise InvalidError(
            f"database_url: has {bad!r} in it",
            why="Compose would not read it from .env as it stands",
            next=f"write it as %{ord(bad):02X}",
            key="database_url",
        )
    if urlsplit(address).hostname in _HERE:
        raise InvalidError(
            "database_url: names this machine as localhost",
            why="inside a container that is the container itself",
            next="name it host.docker.internal, and let PostgreSQL listen on Docker's network",
            key="database_url",
        )


TARGET = Compose()
