"""From written files to a proven Airflow in a cluster: what the Kubernetes targets share."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, Literal

from airflow_wizard.artifacts.kube import access, init_job, names, settings, stack, storage, texts
from airflow_wizard.artifacts.kube.config import base_path
from airflow_wizard.artifacts.kube.database import POSTGRES
from airflow_wizard.artifacts.kube.secrets import ENV, FOLDER
from airflow_wizard.artifacts.kube.settings import HOME
from airflow_wizard.artifacts.smoke_dag import SMOKE_PREFIX
from airflow_wizard.artifacts.standalone import STACK_ID
from airflow_wizard.cluster import Cluster, Release
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions, kube_actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets import proof

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest


def cluster(request: StackRequest) -> Cluster:
    """How the cluster is reached."""
    own = str(PurePath(request.folder) / texts.KUBECONFIG) if texts.keeps_kubeconfig(request) else ""
    if request.answers.target is Target.MICROK8S:
        return Cluster(settings.context(request), own, kubectl=("microk8s", "kubectl"))
    return Cluster(settings.context(request), own or request.answers.text("kubeconfig"))


def components(request: StackRequest) -> tuple[str, ...]:
    """What keeps running, in start order, by the names the chart labels pods with."""
    found = [] if settings.is_external(request) else [POSTGRES]
    found += ["redis"] if settings.has_celery(request) else []
    found += [settings.web(request), "scheduler", "dag-processor", "triggerer"]
    return (*found, *(["worker"] if settings.has_celery(request) else []))


def release(request: StackRequest) -> Release:
    """What of the cluster is this stack's."""
    return Release(
        request.folder, cluster(request), names.namespace(request), names.release(request), components(request)
    )


def endpoint(request: StackRequest) -> actions.Endpoint:
    """Where it answers on this machine, and what must beat there."""
    return actions.Endpoint(
        url=settings.base_url(request),
        api=request.release.api,
        health_path=request.release.health_path,
        components=("metadatabase", "scheduler", "triggerer", "dag_processor"),
        secrets_file=str(PurePath(request.folder) / ENV),
        asked=_asked(request),
    )


def _asked(request: StackRequest) -> str:
    """A port of this machine, where people come by a name that this machine may not even know."""
    if not request.answers.text("ingress_host"):
        return ""
    bind, port = request.answers.text("bind"), request.answers.integer("port")
    here = "127.0.0.1" if bind in ("0.0.0.0", "::") else bind  # noqa: S104 - compared, not listened on
    return f"http://{here}:{port}{base_path(request)}"


def manifests(request: StackRequest) -> tuple[str, ...]:
    """Files that are applied before the chart, in order; Secrets first, what uses them after."""
    found = ["namespace.yaml"] if names.owns_namespace(request) else []
    found += [f"{FOLDER}/{path.name}" for path in _secret_files(request)]
    found += ["scripts.yaml"]
    found += ["storage.yaml"] if storage.storage_yaml(request) else []
    return (*found, *([] if settings.is_external(request) else [f"{POSTGRES}.yaml"]))


def _secret_files(request: StackRequest) -> list[PurePosixPath]:
    paths = (PurePosixPath(artifact.path) for artifact in stack.artifacts(request))
    return [path for path in paths if path.parts[0] == FOLDER and path.suffix == ".yaml"]


def install_steps(request: StackRequest) -> list[Step]:
    """Keys and database; then Airflow, which waits for the init job: what needs no database is made meanwhile.

    A release that is there is left alone until its database was brought to the new version.
    """
    runs = release(request)
    files = manifests(request)
    kubectl = runs.cluster.with_kubectl
    apply = kubectl("apply", "--server-side", *(word for file in files for word in ("-f", file)))
    needs = "" if settings.is_external(request) else POSTGRES
    job = init_job.job_name(request)
    start, init = kube_actions.StartJob(runs, "init-job.yaml", job), kube_actions.AwaitJob(runs, job, needs)
    install = chart(request)
    steps = [
        Step("apply", "Keys, scripts and database", kube_actions.ApplyFiles(runs, files), apply, usual=2.0),
        Step("migrate", "Start the init job", start, start.command(), usual=1.0),
        *_git_key(request),
        place_smoke_dag(request),
        Step("install", "Install Airflow", replace(install, only_new=True), install.command(), usual=3.0),
        Step("init", "Migrate the database, make the login", init, usual=15.0),
        Step("helm", "Bring Airflow to these answers", install, install.command(), usual=3.0),
        Step("rollout", "New pods take the place of old ones", kube_actions.AwaitRollout(runs), usual=1.0),
    ]
    if published := access.access_file(request):
        file = published[0]
        action = kube_actions.ApplyFiles(runs, (file,))
        steps.append(Step("publish", "Publish it", action, kubectl("apply", "--server-side", "-f", file), usual=1.0))
    return steps


def _git_key(request: StackRequest) -> list[Step]:
    """The deploy key from its own file: it is in none of ours."""
    if not (key := request.answers.text("git_key")):
        return []
    runs, name = release(request), names.named(request, "git")
    words = ("--namespace", runs.namespace, "create", "secret", "generic", name, f"--from-file=gitSshKey={key}")
    return [
        Step("git-key", "The deploy key", kube_actions.ApplyKey(runs, name, key), runs.cluster.with_kubectl(*words))
    ]


def chart(request: StackRequest) -> kube_actions.InstallRelease:
    """The chart by its source: a repository, an OCI address, or a folder or archive of this machine."""
    source, version = request.answers.text("chart_source"), request.answers.text("chart_version")
    runs = release(request)
    if source.startswith("oci://"):
        return kube_actions.InstallRelease(runs, source, "", version)
    if source.startswith("https://"):
        return kube_actions.InstallRelease(runs, "airflow", source, version)
    return kube_actions.InstallRelease(runs, source.removeprefix("file://"), "", "")


def forward_steps(request: StackRequest, verb: Literal["start", "stop"] = "start") -> list[Step]:
    """A port of this machine that leads into the cluster, where no node has one; or its end."""
    if request.answers.target is Target.KIND and request.answers.integer("node_port"):
        return []
    answers, runs = request.answers, release(request)
    service, bind, port = settings.web_service(request), answers.text("bind"), answers.integer("port")
    action = kube_actions.Forward(runs, service, bind, port, verb=verb)
    if verb == "stop":
        return [Step("forward", "End the port forward", action, risk=Risk.DISRUPTIVE, usual=0.5)]
    return [Step("forward", "Lead a port of this machine to it", action, action.command(), usual=10.0)]


def wait_steps(request: StackRequest) -> list[Step]:
    """Ours, beating, and open to the printed login."""
    return proof.wait_steps(endpoint(request), release(request), answers=20.0, beats=10.0)


def place_smoke_dag(request: StackRequest) -> Step:
    """Before the start, so that it is among the first files that are parsed."""
    return proof.place_smoke_dag(partial(_smoke, request), _remove(request))


def smoke_steps(request: StackRequest) -> list[Step]:
    """The DAGs folder is the one that is parsed, a task runs, its log is read back; then all of it goes."""
    return proof.smoke_steps(partial(_smoke, request), _remove(request), parse=5.0, run=10.0)


def host_dags_folder(request: StackRequest) -> str:
    """The folder of this machine that DAGs are read from; empty where there is none."""
    folder = settings.dags_folder(request)
    if folder is None or settings.smoke_by_map(request):
        return ""
    return str(PurePath(request.folder) / (folder.on_machine or folder.on_node))


def _smoke(request: StackRequest, stage: str) -> actions.RunSmokeDag:
    by_map = settings.smoke_by_map(request)
    return actions.RunSmokeDag(
        endpoint=endpoint(request),
        dags_folder=host_dags_folder(request),
        dag_id=smoke_id(request),
        airflow3=settings.is_airflow3(request),
        runtime=release(request),
        stage=stage,
        seen_as=settings.SMOKE if by_map else f"{HOME}/dags",
        config_map=names.named(request, "smoke") if by_map else "",
        log_in_pod=settings.loses_logs(request),
    )


def _remove(request: StackRequest) -> actions.RemoveSmokeDag:
    by_map = settings.smoke_by_map(request)
    return actions.RemoveSmokeDag(
        endpoint(request),
        host_dags_folder(request),
        smoke_id(request),
        request.folder,
        names.named(request, "smoke") if by_map else "",
        release(request) if by_map or settings.has_pods(request) else None,
    )


def smoke_id(request: StackRequest) -> str:
    """Id of the smoke DAG: one that no other stack has."""
    return SMOKE_PREFIX + request.secrets[STACK_ID].replace("-", "")[:8]


def step(id_: str, title: str, action: actions.Action, command: tuple[str, ...], *, destroys: bool = False) -> Step:
    """A step that ends or removes something."""
    return Step(id_, title, action, command, Risk.DESTRUCTIVE if destroys else Risk.DISRUPTIVE, usual=8.0)
