"""Files of a stack on Kubernetes. Everything runs from them alone: kubectl apply, helm upgrade."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import (
    access,
    database,
    init_job,
    kind,
    kubeadm,
    names,
    secrets,
    settings,
    storage,
    texts,
    wrapper,
)
from airflow_wizard.artifacts.kube.scripts import scripts_yaml
from airflow_wizard.artifacts.kube.values import values_yaml
from airflow_wizard.artifacts.model import Artifact
from airflow_wizard.options.model import Target

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest


def artifacts(request: StackRequest) -> tuple[Artifact, ...]:
    """Every file, in the order a person would read them."""
    files = [Artifact("README.md", texts.readme(request), "how to run it without the wizard")]
    if request.answers.target is Target.KIND:
        files.append(Artifact("kind.yaml", kind.kind_yaml(request), "the cluster"))
    if request.answers.target is Target.KUBEADM:
        files.append(Artifact("kubeadm.yaml", kubeadm.kubeadm_yaml(request), "the cluster"))
    files.append(Artifact("values.yaml", values_yaml(request), "what the chart is told"))
    files += applied(request)
    files.append(Artifact("airflow", wrapper.wrapper(request), "any Airflow command", mode=0o755))
    files += secrets.artifacts(request)
    files.append(Artifact(".gitignore", texts.GITIGNORE, "keeps secrets out of Git"))
    return (*files, *_folders(request))


def applied(request: StackRequest) -> tuple[Artifact, ...]:
    """The manifests that are applied beside the chart, but for the secrets."""
    files = []
    if names.owns_namespace(request):
        files.append(Artifact("namespace.yaml", texts.namespace_yaml(request), "the namespace"))
    if not settings.is_external(request):
        files.append(Artifact("postgres.yaml", database.postgres_yaml(request), "the database"))
    if text := storage.storage_yaml(request):
        files.append(Artifact("storage.yaml", text, "folders that pods share"))
    files.append(Artifact("scripts.yaml", scripts_yaml(request), "first start and health checks"))
    files.append(Artifact("init-job.yaml", init_job.init_job_yaml(request), "database and login, once"))
    if published := access.access_file(request):
        files.append(Artifact(*published, "the way in"))
    return tuple(files)


def _folders(request: StackRequest) -> list[Artifact]:
    """Files that keep folders of this machine, which Docker would make as root otherwise."""
    files = []
    folder = settings.dags_folder(request)
    path = PurePosixPath(request.answers.text("dags"))
    if folder is not None and not path.is_absolute() and ".." not in path.parts:
        text = texts.AIRFLOWIGNORE
        files.append(Artifact(str(path / ".airflowignore"), text, "keeps the DAGs folder", required=False))
    logs = settings.logs_folder(request)
    if logs is not None and logs.on_machine:
        files.append(Artifact("logs/.gitignore", texts.LOGS_GITIGNORE, "keeps the folder of task logs"))
    return files
