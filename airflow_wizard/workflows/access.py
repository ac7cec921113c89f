"""Getting in: address, login, a REST call to try."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.standalone import PASSWORD
from airflow_wizard.cluster import Release
from airflow_wizard.errors import StackStateError
from airflow_wizard.options.model import KUBERNETES_TARGETS
from airflow_wizard.targets.registry import target
from airflow_wizard.workflows.planning import request_of
from airflow_wizard.workflows.secrets import read_secrets

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.run.registry import StackRecord

# Without containers `airflow` is Airflow's own program in its virtual environment and knows no call of the API.
_REST_SCRIPTS = {"standalone": "stack"}


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A login; its repr is the default one of objects so that it never shows in a log."""

    url: str
    user: str
    password: str

    def to_json(self) -> dict[str, object]:
        """As ``credentials --json`` prints it."""
        return {"url": self.url, "user": self.user, "password": self.password}


def credentials(stack: StackRecord) -> Credentials:
    """The login of a stack, from its own 0600 file.

    Raises:
        StackStateError: the stack has none yet.
        InvalidError: the file cannot be read.
    """
    password = read_secrets(Path(stack.folder)).get(PASSWORD, "")
    if not password:
        raise StackStateError(
            f"{stack.folder}/.env holds no {PASSWORD}",
            why="that is where the login is kept",
            next=f"airflow-wizard up --name {stack.name}",
        )
    return Credentials(stack.url, ADMIN, password)


def open_in_browser(url: str) -> bool:
    """Open the address in the person's browser; False when there is none."""
    from airflow_wizard.engines.browser import open_url

    return open_url(url)


def dags_place(request: StackRequest) -> str:
    """Where a stack's DAGs come from: a folder of this machine, a repository, a folder of a node, or the image."""
    if request.answers.target not in KUBERNETES_TARGETS:
        return str(Path(request.folder) / Path(request.answers.text("dags") or "dags").expanduser())
    if repository := request.answers.text("git_repo"):
        inside = request.answers.text("git_subpath")
        return f"{repository}, {request.answers.text('git_ref')}" + (f", folder {inside}" if inside else "")
    folder = settings.dags_folder(request)
    if folder is None:
        return f"in the image {request.answers.text('image')}"
    on_machine = Path(request.folder) / folder.on_machine if folder.on_machine else None
    return str(on_machine) if on_machine else f"{folder.on_node} on the node"


def kubectl_words(request: StackRequest) -> str:
    """What makes kubectl, k9s and others in a shell find a stack's cluster; empty where there is none."""
    if request.answers.target not in KUBERNETES_TARGETS:
        return ""
    runs = target(request.answers.target).runtime(request)
    if not isinstance(runs, Release):
        return ""
    file = f"KUBECONFIG={shlex.quote(runs.cluster.kubeconfig)} " if runs.cluster.kubeconfig else ""
    return f"{file}kubectl --context {shlex.quote(runs.cluster.context)} -n {runs.namespace} get pods"


def rest_example(stack: StackRecord) -> str:
    """A command in the stack's folder that calls its REST API; the login never stands on a command line."""
    api = target(stack.target).endpoint(request_of(stack)).api
    script = _REST_SCRIPTS.get(stack.target, "airflow")
    return f"{shlex.quote(f'{stack.folder}/{script}')} rest /api/{api}/pools"
