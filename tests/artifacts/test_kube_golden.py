"""The files of two shipped profiles, as a person reads them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts.kube import gitops, stack
from airflow_wizard.options.model import Target
from airflow_wizard.profile import shipped
from airflow_wizard.profile.load import load
from tests.artifacts.kube_stacks import facts, request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.artifacts.model import Artifact, StackRequest

GOLDEN = Path(__file__).parent.parent / "golden"
# Two machines: one that kind has to be told about, and a server whose every gigabyte is known.
MACHINES = {
    "kind-dev": facts(docker={"cgroup_version": "1", "cpus": 2, "memory": 6 << 30}, kind={"version": "0.33.0"}),
    "kubeadm-homeserver": facts(cpu={"count": 4, "quota": None}, memory={"total": 8 << 30, "limit": None}),
}
# Code that is shipped as it is has tests of its own; here is what is computed.
SHIPPED_CODE = {"scripts.yaml"}


def asked(name: str) -> StackRequest:
    profile = load(shipped.files()[name].read_bytes(), name=name)
    given = {key: value for key, value in profile.given.items() if key not in {"airflow_version"}}
    return request(str(profile.given["airflow_version"]), Target(profile.target), MACHINES[name], name=name, **given)


@pytest.mark.parametrize("name", MACHINES)
def test_written_files_are_the_golden_ones(name: str) -> None:
    """To accept a change: GOLDEN=write pytest tests/artifacts, then read the diff."""
    held_against(f"kube-{name}", [a for a in stack.artifacts(asked(name)) if a.path not in SHIPPED_CODE])


def test_files_for_gitops_are_the_golden_ones() -> None:
    """The manifests are those of above, which another test holds them against."""
    name = "kubeadm-homeserver"
    own = [
        a for a in gitops.artifacts(asked(name)) if a.path.endswith("kustomization.yaml") or "manifests" not in a.path
    ]
    held_against(f"gitops-{name}", own)


def held_against(name: str, artifacts: Iterable[Artifact]) -> None:
    folder = GOLDEN / name
    rendered = {a.path.replace("/", "-").removeprefix("."): a.text for a in artifacts}
    if os.environ.get("GOLDEN") == "write":
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path, text in rendered.items():
            (folder / f"{path}.golden").write_text(text, encoding="utf-8")
    known = {p.name.removesuffix(".golden"): p.read_text(encoding="utf-8") for p in folder.iterdir()}
    assert known == rendered
