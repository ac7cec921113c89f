"""README.md of a GitOps repository: what to commit, what to replace, and how the secrets get into the cluster."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import argocd, flux, names, secrets, settings, texts
from airflow_wizard.artifacts.kube.gitops_source import MANIFESTS, REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.artifacts.model import StackRequest


def readme(request: StackRequest) -> str:
    """The text of the file."""
    namespace, release = names.namespace(request), names.release(request)
    kubectl = f"kubectl --namespace {namespace}"
    listed = "\n".join(f"| `{name}` | {purpose} |" for name, purpose in secret_names(request))
    replaced = "\n".join(f"- {line}" for line in _replaced(request))
    first = f"kubectl apply -f {MANIFESTS}/namespace.yaml\n" if names.owns_namespace(request) else ""
    key = texts.deploy_key(request, kubectl)
    key = f"{key}\n" if key else ""
    return f"""\
# {request.name}: Apache Airflow {request.release.version} by Argo CD or Flux

Commit every file of this folder to the root of a repository. Below the root, write the folder into each `path` of
`{argocd.FILE}` and `{flux.SYNC}`. Then one of the two, once; from there on the repository decides:

```sh
kubectl apply -f {argocd.FILE}    # Argo CD {argocd.OLDEST} or newer, then: argocd app sync {release}
kubectl apply -f {flux.SYNC}    # Flux {flux.oldest(request)} or newer
```

Argo CD before 3.0 finds its objects by a label that the Secrets below and the pods of tasks carry too, and would prune
them. There, whoever runs it first sets:

```sh
kubectl --namespace argocd patch configmap argocd-cm --type merge \\
  --patch '{{"data": {{"application.resourceTrackingMethod": "annotation"}}}}'
```

What you do not use may be deleted. Order: namespace, scripts, volumes and database, then the init job (migrates the
database, makes the login), then the chart.

## Replace

{replaced}

## Secrets

No secret is in these files, and none may enter the repository in the clear. The cluster needs these, in the
namespace `{namespace}`, before the first sync:

| Secret | what |
|---|---|
{listed}

airflow-wizard makes them outside of the repository (PROFILE is the one these files are from); keep that folder, the
database knows only the keys and passwords that stand there:

```sh
airflow-wizard write --profile PROFILE --name {request.name} --out ~/{request.name}-stack
{first}kubectl apply --server-side -f ~/{request.name}-stack/{secrets.FOLDER}/
{key}```

To keep them in the repository, encrypt them: `kubeseal --format yaml` (Sealed Secrets) for each file, or SOPS, which
Flux decrypts by `spec.decryption` of its Kustomization.

## Hooks are off

The chart migrates the database and makes the login in hooks that run after its pods are there, and those pods wait
for the migration: a tool that waits for the pods first waits for ever. `createUserJob` and `migrateDatabaseJob` are
off therefore (`useHelmHooks: false`, too, should you turn them on), and `{MANIFESTS}/init-job.yaml` does both before
the chart. A Job cannot be changed, so it is deleted and made anew when it differs; it is safe to repeat.

## Later

- Another version or other answers: `airflow-wizard export gitops` into this folder again. What you edited is merged or
  kept, never overwritten. Remove what is no longer listed in `{MANIFESTS}/kustomization.yaml`, then commit.
- Argo CD renders the chart itself: `helm list` does not show it. With Flux it does.
- Namespace and volumes are never deleted by either tool; the claim of the database is in neither tool's hands.
"""


def secret_names(request: StackRequest) -> Iterator[tuple[str, str]]:
    """Name and purpose of every Secret that the stack needs in its namespace."""
    for artifact in secrets.artifacts(request):
        path = PurePosixPath(artifact.path)
        if path.suffix == ".yaml":
            yield names.named(request, path.stem), artifact.purpose
    if request.answers.text("git_key"):
        yield names.named(request, "git"), "the deploy key, below `gitSshKey`"
    if certificate := request.answers.text("tls_certificate"):
        yield certificate, "the certificate, of type kubernetes.io/tls; yours"


def _replaced(request: StackRequest) -> Iterator[str]:
    yield f"`{REPOSITORY}` in `{argocd.FILE}` and `{flux.SYNC}` by the address of this repository."
    yield "`targetRevision: HEAD` (Argo CD) or `branch: main` (Flux), where you follow another branch."
    folders = (("DAGs", settings.dags_folder(request)), ("logs", settings.logs_folder(request)))
    for what, folder in folders:
        if folder is not None:
            yield f"The folder of {what} on the node is `{folder.on_node}`; another one: `{MANIFESTS}/storage.yaml`."
