"""What a step can do, as data. A handler in `airflow_wizard.run.handlers` carries each one out.

An action says everything needed to do it, to see that it is done already, and to undo it; it never does
anything itself. That is what makes a plan printable, exportable and testable without side effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from airflow_wizard.cluster import Release
from airflow_wizard.run.fix_actions import AwaitGone
from airflow_wizard.run.kube_actions import KubeAction

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import Artifact
    from airflow_wizard.finding import Answer


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a stack's Airflow answers, and how to know that it is ours.

    Attributes:
        url: base URL, without a trailing slash.
        api: ``v1`` (basic auth) or ``v2`` (bearer token).
        health_path: path of the health endpoint.
        components: names in the health body that must have a fresh heartbeat.
        secrets_file: absolute path of the 0600 file with user, password and identity token.
        asked: where the wizard asks, where that is not what people open: a port of this machine that leads to it.
    """

    url: str
    api: str
    health_path: str
    components: tuple[str, ...]
    secrets_file: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Processes:
    """What runs a stack: its own supervisor, in ``folder``."""

    folder: str


@dataclass(frozen=True, slots=True)
class Containers:
    """What runs a stack: the engine, as the Compose project ``project`` of ``folder``.

    Attributes:
        folder: where docker-compose.yaml lies.
        project: name of the Compose project.
        services: that keep running, in start order.
        replicas: how many containers a service has, where it is not one.
    """

    folder: str
    project: str
    services: tuple[str, ...]
    replicas: tuple[tuple[str, int], ...] = ()


Runtime: TypeAlias = Processes | Containers | Release
UnitVerb: TypeAlias = Literal["stop", "start", "restart"]


@dataclass(frozen=True, slots=True)
class WriteArtifacts:
    """Write files into a folder without ever losing an edit. Done when every file is on disk as planned or kept."""

    folder: str
    artifacts: tuple[Artifact, ...]
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunCommand:
    """Run a command to its end.

    Attributes:
        argv: exact command; never holds a secret.
        cwd: working folder.
        stamp: file below ``cwd`` written when it succeeded, holding ``stamp_of``; empty to run it every time.
        stamp_of: what the result depends on. The step is done when the stamp says the same.
        produces: paths below ``cwd`` that must exist as well for the step to count as done.
        secrets_file: file of KEY=VALUE lines that ``stdin_key`` is read from.
        stdin_key: its value is typed twice on standard input (password prompts); empty for none.
        unit: name of its output in logs.
    """

    argv: tuple[str, ...]
    cwd: str
    stamp: str = ""
    stamp_of: str = ""
    produces: tuple[str, ...] = ()
    secrets_file: str = ""
    stdin_key: str = ""
    unit: str = "command"


@dataclass(frozen=True, slots=True)
class CheckPort:
    """See that the port is free, or already held by this very stack."""

    folder: str
    bind: str
    port: int


@dataclass(frozen=True, slots=True)
class StartSupervisor:
    """Start the stack's supervisor in the background. Done when it runs with the same configuration."""

    folder: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class StopSupervisor:
    """End the supervisor and every process of the stack. Done when none is left."""

    folder: str


@dataclass(frozen=True, slots=True)
class ActOnProcess:
    """Stop one component, start it, or end it so that the supervisor starts it again."""

    folder: str
    unit: str
    verb: UnitVerb


@dataclass(frozen=True, slots=True)
class AwaitIdentity:
    """Wait until what answers at the endpoint proves that it is this stack."""

    endpoint: Endpoint
    runtime: Runtime


@dataclass(frozen=True, slots=True)
class AwaitHeartbeats:
    """Wait until every component in the health body is healthy with a heartbeat younger than ``fresh`` seconds."""

    endpoint: Endpoint
    runtime: Runtime
    fresh: float = 30.0


@dataclass(frozen=True, slots=True)
class VerifyLogin:
    """The printed login obtains a token (v2) or answers basic auth (v1)."""

    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class RunSmokeDag:
    """Write a smoke DAG into the DAGs folder, see that Airflow parses that very file, run it, read its log back.

    Attributes:
        endpoint: where.
        dags_folder: absolute folder the person was told about.
        dag_id: id of the smoke DAG.
        airflow3: which dialect the DAG is written in.
        runtime: what runs the stack.
        stage: ``place`` (write the file), ``parse``, ``run`` or ``log``: which part of the proof this step is.
        seen_as: the same folder as Airflow sees it, inside a container; empty where both see the same.
        config_map: name of a ConfigMap that the file is put into, where no folder can be written to; else empty.
        log_in_pod: the task's log stays with its pod, and Airflow itself cannot show it.
    """

    endpoint: Endpoint
    dags_folder: str
    dag_id: str
    airflow3: bool
    runtime: Runtime
    stage: str
    seen_as: str = ""
    config_map: str = ""
    log_in_pod: bool = False


@dataclass(frozen=True, slots=True)
class RemoveSmokeDag:
    """Take the smoke DAG's file, runs and entry away again."""

    endpoint: Endpoint
    dags_folder: str
    dag_id: str
    folder: str
    config_map: str = ""
    release: Release | None = None


@dataclass(frozen=True, slots=True)
class RemovePaths:
    """Delete what the wizard made. Anything not listed stays; the folder itself goes only when it ends up empty.

    Attributes:
        folder: of the stack.
        paths: below it, deleted with all they hold.
        if_empty: folders below it that go when nothing is in them.
    """

    folder: str
    paths: tuple[str, ...]
    if_empty: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForgetStack:
    """Take a stack off the registry."""

    name: str


@dataclass(frozen=True, slots=True)
class RememberStack:
    """Put a stack on the registry, with what it was made from."""

    name: str
    target: str
    folder: str
    url: str
    airflow_version: str
    profile: tuple[tuple[str, Answer], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckPublishedPort:
    """See that the engine can publish a port: it is free, or already published by this very project."""

    project: str
    bind: str
    port: int


@dataclass(frozen=True, slots=True)
class CheckLeftovers:
    """See that nothing which is there already gets into the way: another folder's project, taken names, orphans.

    Attributes:
        runtime: the project to be.
        defined: every service of the file, also those that do not keep running.
        names: names of containers it will have.
    """

    runtime: Containers
    defined: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckVolume:
    """See that an existing volume can be used: by PostgreSQL's major version, and by whose it is.

    Attributes:
        volume: its full name.
        postgres: major version that will read it.
        image: an image that is there, to look into the volume with; nothing of it is run.
        label: key of the volume's label that names its stack.
        owner: what that label has to say.
    """

    volume: str
    postgres: int
    image: str
    label: str
    owner: str


@dataclass(frozen=True, slots=True)
class PullImages:
    """Bring images that are not there, in parallel. Done when all are there."""

    images: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class BuildImage:
    """Build the stack's own image. Done when it is there: its tag names what it is made of."""

    image: str
    folder: str


@dataclass(frozen=True, slots=True)
class RunInit:
    """Run the service that makes database and login, and see how it ended. Done when it did, for these settings."""

    runtime: Containers
    service: str


@dataclass(frozen=True, slots=True)
class StartServices:
    """Start the services that keep running. Done when all run with the settings on disk."""

    runtime: Containers


@dataclass(frozen=True, slots=True)
class StopServices:
    """Stop every container of the project and keep it. Done when none runs."""

    runtime: Containers


@dataclass(frozen=True, slots=True)
class ActOnService:
    """Stop, start or restart the containers of one service.

    Attributes:
        runtime: the project.
        service: which.
        verb: what.
        number: only this one of its containers; 0 for all.
    """

    runtime: Containers
    service: str
    verb: UnitVerb
    number: int = 0


@dataclass(frozen=True, slots=True)
class RemoveProject:
    """Remove the project's containers and network; with ``volumes`` its database, with ``images`` what it ran.

    ``owner`` is the stack's id: a volume that another one made stays.
    """

    runtime: Containers
    volumes: bool = False
    images: tuple[str, ...] = ()
    owner: str = ""


Action: TypeAlias = (
    WriteArtifacts
    | RunCommand
    | CheckPort
    | StartSupervisor
    | StopSupervisor
    | ActOnProcess
    | AwaitIdentity
    | AwaitHeartbeats
    | VerifyLogin
    | RunSmokeDag
    | RemoveSmokeDag
    | RemovePaths
    | ForgetStack
    | RememberStack
    | CheckPublishedPort
    | CheckLeftovers
    | CheckVolume
    | PullImages
    | BuildImage
    | RunInit
    | StartServices
    | StopServices
    | ActOnService
    | RemoveProject
    | KubeAction
    | AwaitGone
)
