"""README.md, .gitignore and namespace.yaml: the stack by hand, with kubectl and helm alone."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.kube import names, settings
from airflow_wizard.artifacts.kube.access import access_file
from airflow_wizard.artifacts.kube.code import has_git_secret
from airflow_wizard.artifacts.kube.database import POSTGRES, claim
from airflow_wizard.artifacts.kube.init_job import job_name
from airflow_wizard.artifacts.kube.secrets import ENV, FOLDER
from airflow_wizard.artifacts.kube.storage import storage_yaml
from airflow_wizard.artifacts.standalone import PASSWORD
from airflow_wizard.artifacts.yaml_text import manifests
from airflow_wizard.catalog.charts import chart
from airflow_wizard.catalog.load import parse_version
from airflow_wizard.options.model import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

GITIGNORE = """\
# Secrets and everything that can be made again.
secrets/
logs/
.airflow-wizard/
__pycache__/
"""

AIRFLOWIGNORE = """\
# Files in this folder that are no DAGs, one pattern a line. The file also keeps the folder, which must be there
# before the cluster is made.
"""

LOGS_GITIGNORE = "# Keeps the folder, which must be there before the cluster is made.\n*\n!.gitignore\n"


KUBECONFIG = f"{FOLDER}/kubeconfig"


def keeps_kubeconfig(request: StackRequest) -> bool:
    """Whether the stack has a kubeconfig of its own: nobody else's current context is changed then."""
    return request.answers.target in (Target.KIND, Target.MICROK8S)


def namespace_yaml(request: StackRequest) -> str:
    """The text of the file."""
    found = names.labels(request, "namespace")
    document: dict[str, Node] = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": names.namespace(request), "labels": found},
    }
    return manifests([document])


def commands(request: StackRequest) -> Iterator[tuple[str, str]]:
    """What to type, in order, each with what it does."""
    kubectl = f"kubectl --context {shlex.quote(settings.context(request))}"
    here = f"{kubectl} --namespace {names.namespace(request)}"
    if keeps_kubeconfig(request):
        yield "how kubectl and Helm find the cluster", f'export KUBECONFIG="$PWD/{KUBECONFIG}"'
    elif file := request.answers.text("kubeconfig"):
        yield "how kubectl and Helm find the cluster", f"export KUBECONFIG={shlex.quote(file)}"
    if request.answers.target is Target.KIND:
        yield "make the cluster", "kind create cluster --config kind.yaml --wait 2m"
    if request.answers.target is Target.MICROK8S:
        yield "its own kubeconfig", f'(umask 077; microk8s config > "{KUBECONFIG}")'
    if names.owns_namespace(request):
        yield "make the namespace", f"{kubectl} apply --server-side -f namespace.yaml"
    files = ["secrets/", "scripts.yaml"]
    files += ["storage.yaml"] if storage_yaml(request) else []
    files += [] if settings.is_external(request) else [f"{POSTGRES}.yaml"]
    # On the server's side nothing of a Secret is copied into an annotation.
    yield "keys, scripts, storage", f"{kubectl} apply --server-side {' '.join(f'-f {name}' for name in files)}"
    if command := deploy_key(request, here):
        yield "the deploy key", command
    if not settings.is_external(request):
        yield (
            "wait for the database",
            f"{here} rollout status statefulset/{names.named(request, POSTGRES)} --timeout 5m",
        )
    yield "migrate it, make the login", f"{kubectl} apply --server-side -f init-job.yaml"
    yield "wait for that", f"{here} wait --for=condition=complete job/{job_name(request)} --timeout 10m"
    yield "Airflow", _helm(request)
    if access := access_file(request):
        yield "publish it", f"{kubectl} apply --server-side -f {access[0]}"


def deploy_key(request: StackRequest, kubectl: str) -> str:
    """The command that puts the deploy key into the cluster; empty when there is none."""
    if not (key := request.answers.text("git_key")):
        return ""
    secret = f"create secret generic {names.named(request, 'git')} --from-file=gitSshKey={shlex.quote(key)}"
    return f"{kubectl} {secret} --dry-run=client -o yaml | {kubectl} apply --server-side -f -"


def _helm(request: StackRequest) -> str:
    source, version = request.answers.text("chart_source"), request.answers.text("chart_version")
    if source.startswith("oci://"):
        where = f"{shlex.quote(source)} --version {version}"
    elif source.startswith("https://"):
        where = f"airflow --repo {shlex.quote(source)} --version {version}"
    else:
        where = shlex.quote(source.removeprefix("file://"))
    place = f"--kube-context {shlex.quote(settings.context(request))} --namespace {names.namespace(request)}"
    return f"helm upgrade --install {names.release(request)} {where} {place} -f values.yaml --wait --timeout 15m"


def forward(request: StackRequest) -> str:
    """The command that leads a port of this machine to Airflow; empty where it is reached without one."""
    answers = request.answers
    if answers.text("ingress_host") or (request.answers.target is Target.KIND and answers.integer("node_port")):
        return ""
    place = f"--context {shlex.quote(settings.context(request))} --namespace {names.namespace(request)}"
    where = f"--address {answers.text('bind')} service/{settings.web_service(request)} {answers.text('port')}:8080"
    return f"kubectl {place} port-forward {where}"


def readme(request: StackRequest) -> str:
    """README.md of the stack."""
    steps = "\n\n".join(f"# {what}\n{command}" for what, command in commands(request))
    rows = "\n".join(f"| {what} | {how} |" for what, how in _rows(request))
    known = chart(parse_version(request.answers.text("chart_version")))
    helm = f"Helm {known.helm} or newer" if known else "Helm"
    tools = "kind, kubectl and " if request.answers.target is Target.KIND else "kubectl and "
    return f"""\
# {request.name}: Apache Airflow {request.release.version} on Kubernetes

Needs {tools}{helm}. In this folder, in this order; each command may be repeated:

```sh
{steps}
```

| what | how |
|---|---|
{rows}

These files work without airflow-wizard. It made them, and keeps what you edit: a changed file is merged or left
alone, never overwritten. `secrets/` holds secrets (0600, git-ignored); everything else is safe to commit. On another
machine `secrets/` is needed too: the database knows only the passwords and the key that stand there.
"""


def _rows(request: StackRequest) -> Iterator[tuple[str, str]]:
    context, namespace = shlex.quote(settings.context(request)), names.namespace(request)
    release = names.release(request)
    kubectl = f"kubectl --context {context} --namespace {namespace}"
    helm = f"helm --kube-context {context} --namespace {namespace}"
    if request.answers.target is Target.KIND:
        merge = f"kind export kubeconfig --name {settings.cluster(request)}"
        yield (
            "the cluster in your own kubeconfig",
            f"elsewhere: `{merge}`; makes it the current one",
        )
    if request.answers.target is Target.KUBEADM:
        yield "make the cluster, where there is none", _own_cluster(request)
    if command := forward(request):
        yield "reach it", f"`{command}`"
    yield "open", f"{settings.base_url(request)} , user `{ADMIN}`, password: `{PASSWORD}` in `{ENV}`"
    yield "any Airflow command", "`./airflow info`, `./airflow dags list`, `./airflow bash`, `./airflow python`"
    yield "REST API", f"`./airflow rest /api/{request.release.api}/pools` logs in with the password of `{ENV}`"
    yield "your DAGs", _dags(request)
    yield "task logs", _logs(request)
    yield "look", f"`{kubectl} get pods`, `{kubectl} logs job/{job_name(request)}`"
    yield "settings", "`values.yaml` below `config`, then the `helm` command again"
    yield "another version", "write the files again, then all commands in order: the database is migrated first"
    older = "to an older Airflow only after `./airflow db downgrade --to-version OLDER`"
    yield "go back", f"`{helm} rollback {release}`; {older}"
    yield "remove Airflow", f"`{helm} uninstall {release}`; data stays"
    if request.answers.target is Target.KIND:
        name = settings.cluster(request)
        yield "an image of your own", f"`kind load docker-image IMAGE --name {name}` before `helm`"
        yield "remove everything", f"`kind delete cluster --name {name}` **deletes the database**"
        return
    if storage_yaml(request):
        yield (
            "delete shared volumes",
            f"`kubectl --context {context} delete -f storage.yaml`; what is in the folders stays",
        )
    yield "delete logs and queue", f"`{kubectl} delete pvc -l release={release}`"
    if not settings.is_external(request):
        file = f"kubectl --context {context} delete -f {POSTGRES}.yaml"
        yield "delete **the database**", f"`{file}`, then `{kubectl} delete pvc {claim(request)}`"
    if request.answers.target is Target.KUBEADM:
        yield "remove the cluster", "`sudo kubeadm reset` on each node **deletes everything that is in it**"


def _own_cluster(request: StackRequest) -> str:
    """What a new machine needs first; once, as its administrator."""
    kubectl = f"kubectl --context {shlex.quote(settings.context(request))}"
    network, storage = (shlex.quote(request.answers.text(name)) for name in ("pod_network", "storage_manifest"))
    typed = (
        "sudo kubeadm init --config kubeadm.yaml",
        f"{kubectl} apply -f {network}",
        f"{kubectl} taint nodes --all node-role.kubernetes.io/control-plane-",
        f"{kubectl} apply -f {storage}",
    )
    return "first, once: " + ", then ".join(f"`{command}`" for command in typed)


def _dags(request: StackRequest) -> str:
    if repository := request.answers.text("git_repo"):
        where = request.answers.text("git_subpath")
        inside = f", folder `{where}`" if where else ""
        secret = "" if has_git_secret(request) else ", read without a login"
        return f"`{repository}`, `{request.answers.text('git_ref')}`{inside}{secret}"
    folder = settings.dags_folder(request)
    if folder is None:
        return "come with the image"
    if folder.on_machine:
        return f"`{folder.on_machine}` (a new file shows within about ten seconds)"
    return f"`{folder.on_node}` on the node (a new file shows within about ten seconds)"


def _logs(request: StackRequest) -> str:
    if settings.loses_logs(request):
        return "go with a task's pod; ended pods stay for a day, and `kubectl logs` reads them, the web page cannot"
    folder = settings.logs_folder(request)
    if folder is None:
        return "in volumes of the cluster; the web page shows them"
    return f"`{folder.on_machine}`" if folder.on_machine else f"`{folder.on_node}` on the node"
