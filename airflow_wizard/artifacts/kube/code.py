"""``dags`` of the chart: a Git repository that is followed, or a folder of a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.kube.names import named
from airflow_wizard.artifacts.yaml_text import Block, Why

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node


def has_git_secret(request: StackRequest) -> bool:
    """Whether the repository is fetched with a key or a token."""
    return bool(request.answers.text("git_key") or request.answers.text("git_user"))


def dags(request: StackRequest) -> dict[str, Node]:
    """The section; empty when DAGs come with the image."""
    if request.answers.text("git_repo"):
        return {"gitSync": _git_sync(request)}
    if settings.dags_folder(request):
        claim = Why(named(request, "dags"), "made by storage.yaml, which leads to the folder")
        persistence: dict[str, Node] = {"enabled": True, "existingClaim": claim, "accessMode": "ReadOnlyMany"}
        return {"persistence": persistence}
    return {}


def _git_sync(request: StackRequest) -> Node:
    answers = request.answers
    ref = answers.text("git_ref")
    found: dict[str, Node] = {
        "enabled": True,
        "repo": answers.text("git_repo"),
        "branch": Why(ref, "git-sync takes this one when it differs from ref"),
        "ref": ref,
        "subPath": Why(answers.text("git_subpath"), "the chart's own is a folder of Airflow's repository"),
    }
    if answers.text("git_key"):
        found["sshKeySecret"] = named(request, "git")
        known = answers.text("git_host_key") + "\n"
        found["knownHosts"] = Why(Block(known), "without it anybody on the way could send DAGs")
    elif answers.text("git_user"):
        found["credentialsSecret"] = named(request, "git")
    found["resources"] = {"requests": {"cpu": "10m", "memory": "32Mi"}}
    return found
