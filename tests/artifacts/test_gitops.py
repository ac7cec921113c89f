"""A stack for Argo CD and Flux: the same objects and values as by hand, in order, and never a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_wizard.artifacts.kube import gitops, gitops_source, names, stack
from airflow_wizard.artifacts.kube.init_job import job_name
from airflow_wizard.options.model import Target
from tests.artifacts.kube_stacks import CELERY, EXTERNAL, HTTPS, LOCAL, PODS, files, request, values
from tests.artifacts.read_yaml import StrictLoader, read, read_all

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

TARGETS = [Target.CONTEXT, Target.KUBEADM, Target.MICROK8S]
WEB: dict[str, Any] = {"ingress_host": "air.example.org"}
ASKED = {
    "plain": request(where=Target.CONTEXT),
    "2": request("2.11.2", Target.KUBEADM, executor=CELERY, dags="/srv/dags", **WEB),
    "queue": request(where=Target.MICROK8S, executor=CELERY, **HTTPS),
    "external": request(where=Target.CONTEXT, executor=PODS, namespace="default", **EXTERNAL),
    "registry": request(where=Target.CONTEXT, chart_source="oci://registry.example.org/charts/airflow"),
    "logs on a node": request(where=Target.KUBEADM, executor=PODS, log_storage="node"),
    "odd name": request(where=Target.CONTEXT, name="1st-team"),
}


def exported(asked: StackRequest) -> dict[str, str]:
    return {a.path: a.text for a in gitops.artifacts(asked)}


def application(asked: StackRequest) -> Any:  # noqa: ANN401 - whatever YAML holds
    return read(exported(asked)["argocd/application.yaml"], StrictLoader)


def flux(asked: StackRequest) -> dict[str, Any]:
    """Flux's objects by kind and name."""
    written = exported(asked)
    found = read_all(written["flux/sync.yaml"], StrictLoader) + read_all(
        written["flux/release/helm-release.yaml"], StrictLoader
    )
    return {f"{o['kind']}/{o['metadata']['name']}": o for o in found}


def patched(asked: StackRequest) -> list[dict[str, Any]]:
    """The manifests as kustomize builds them, as far as these patches go: annotations set, nulls taken away."""
    written = exported(asked)
    rules = read(written["manifests/kustomization.yaml"], StrictLoader)
    found = [o for name in rules["resources"] for o in read_all(written[f"manifests/{name}"], StrictLoader)]
    for rule in rules["patches"]:
        patch = read(rule["patch"], StrictLoader)
        matching = [o for o in found if o["kind"] == rule["target"]["kind"]]
        assert matching, f"nothing is of the kind {rule['target']['kind']}"
        for one in matching:
            assert (patch["apiVersion"], patch["kind"]) == (one["apiVersion"], one["kind"])
            one["metadata"]["annotations"] = patch["metadata"]["annotations"]
            for key, value in patch.get("spec", {}).items():
                assert value is None
                del one["spec"][key]
    return found


def wave(one: dict[str, Any]) -> int:
    return int(one["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", 0))


@pytest.mark.parametrize("name", ASKED)
def test_the_manifests_are_the_very_files_and_all_of_them(name: str) -> None:
    asked = ASKED[name]
    written, by_hand = exported(asked), files(asked)
    mine = {p.removeprefix("manifests/"): t for p, t in written.items() if p.startswith("manifests/")}
    rules = read(mine.pop("kustomization.yaml"), StrictLoader)
    not_applied = {"values.yaml", "kubeadm.yaml"}
    assert mine == {p: t for p, t in by_hand.items() if p.endswith(".yaml") and "/" not in p and p not in not_applied}
    assert rules["resources"] == list(mine)
    assert ("namespace.yaml" in mine) == names.owns_namespace(asked)


@pytest.mark.parametrize("name", ASKED)
def test_both_tools_get_the_values_of_the_file(name: str) -> None:
    asked = ASKED[name]
    release, namespace = names.release(asked), names.namespace(asked)
    chart, own = application(asked)["spec"]["sources"]
    assert chart["helm"] == {"releaseName": release, "valuesObject": values(asked)}
    assert application(asked)["spec"]["destination"]["namespace"] == namespace
    assert own["path"] == "manifests"
    helm = flux(asked)[f"HelmRelease/{release}"]
    assert helm["spec"]["values"] == values(asked)
    assert helm["spec"]["releaseName"] == helm["metadata"]["name"] == release
    assert helm["metadata"]["namespace"] == namespace
    # Both set labels or selectors by it.
    assert application(asked)["metadata"]["name"] == release


@pytest.mark.parametrize("name", ASKED)
def test_waves_are_in_order(name: str) -> None:
    waves: dict[str, set[int]] = {}
    for one in patched(ASKED[name]):
        waves.setdefault(one["kind"], set()).add(wave(one))
    job = waves.pop("Job")
    first = waves.pop("Namespace", {-100})
    last = [waves.pop(kind) for kind in ("Ingress", "IngressRoute") if kind in waves]
    assert job == {-2}
    assert all(w == {0} for w in last), "a way in is healthy when Airflow answers, so that nothing waits for it"
    assert all(max(first) < min(w) and max(w) < min(job) for w in waves.values())


@pytest.mark.parametrize("name", ASKED)
def test_the_job_is_made_anew_and_what_holds_data_stays(name: str) -> None:
    objects = patched(ASKED[name])
    (job,) = [o for o in objects if o["kind"] == "Job"]
    notes = job["metadata"]["annotations"]
    assert notes["argocd.argoproj.io/sync-options"] == "Force=true,Replace=true"
    assert notes["kustomize.toolkit.fluxcd.io/force"] == "enabled"
    assert job["metadata"]["name"] == job_name(ASKED[name])
    assert "ttlSecondsAfterFinished" not in job["spec"]
    # Without this a Job that is replaced runs with every sync.
    assert "ApplyOutOfSyncOnly=true" in application(ASKED[name])["spec"]["syncPolicy"]["syncOptions"]
    for one in objects:
        if one["kind"] in {"Namespace", "PersistentVolume", "PersistentVolumeClaim"}:
            notes = one["metadata"]["annotations"]
            assert notes["argocd.argoproj.io/sync-options"] == "Prune=false,Delete=false"
            assert notes["kustomize.toolkit.fluxcd.io/prune"] == "disabled"


def test_nothing_follows_or_deletes_before_somebody_says_so() -> None:
    found = application(ASKED["plain"])
    assert "automated" not in found["spec"]["syncPolicy"]
    assert "finalizers" not in found["metadata"]


@pytest.mark.parametrize("name", ASKED)
def test_flux_installs_after_the_manifests_are_ready(name: str) -> None:
    found, release = flux(ASKED[name]), names.release(ASKED[name])
    first, then = (found[f"Kustomization/{release}-{what}"]["spec"] for what in ("manifests", "release"))
    assert first["wait"] is True
    assert then["dependsOn"] == [{"name": f"{release}-manifests"}]
    assert (first["path"], then["path"]) == ("./manifests", "./flux/release")
    repository = found[f"GitRepository/{release}"]
    for one in (first, then):
        assert one["sourceRef"] == {"kind": "GitRepository", "name": repository["metadata"]["name"]}
    assert repository["spec"]["url"] == application(ASKED[name])["spec"]["sources"][1]["repoURL"]


def test_a_chart_of_a_repository() -> None:
    asked = ASKED["plain"]
    version = asked.answers.text("chart_version")
    chart = application(asked)["spec"]["sources"][0]
    assert (chart["repoURL"], chart["chart"]) == ("https://airflow.apache.org", "airflow")
    assert chart["targetRevision"] == version
    assert flux(asked)["HelmRepository/demo"]["spec"]["url"] == "https://airflow.apache.org"
    reference = {"kind": "HelmRepository", "name": "demo"}
    expected = {"chart": "airflow", "version": version, "sourceRef": reference}
    assert flux(asked)["HelmRelease/demo"]["spec"]["chart"]["spec"] == expected


def test_a_chart_of_a_registry() -> None:
    asked = ASKED["registry"]
    version = asked.answers.text("chart_version")
    chart = application(asked)["spec"]["sources"][0]
    # Argo CD wants no scheme, and the chart's name apart; Flux both in one address.
    assert (chart["repoURL"], chart["chart"]) == ("registry.example.org/charts", "airflow")
    assert chart["targetRevision"] == version
    source = flux(asked)["OCIRepository/demo"]["spec"]
    assert (source["url"], source["ref"]) == ("oci://registry.example.org/charts/airflow", {"tag": version})
    release = flux(asked)["HelmRelease/demo"]["spec"]
    assert release["chartRef"] == {"kind": "OCIRepository", "name": "demo"}
    assert "chart" not in release


@pytest.mark.parametrize(
    ("source", "local"),
    [
        ("./airflow-1.22.0.tgz", True),
        ("file:///srv/charts/airflow", True),
        ("/srv/charts/airflow", True),
        ("https://airflow.apache.org", False),
        ("oci://registry.example.org/airflow", False),
    ],
)
def test_a_chart_of_this_machine_is_told_apart(source: str, local: bool) -> None:
    assert gitops_source.is_local(request(where=Target.CONTEXT, chart_source=source)) == local


@settings(max_examples=15)
@given(
    target=st.sampled_from(TARGETS),
    version=st.sampled_from(["2.11.2", "3.0.6", "3.3.2"]),
    executor=st.sampled_from([LOCAL, CELERY, PODS]),
    more=st.sampled_from([{}, EXTERNAL, HTTPS, WEB]),
    log_storage=st.sampled_from(["node", "claim", None]),
)
def test_no_secret_is_in_any_file(
    target: Target, version: str, executor: str, more: dict[str, Any], log_storage: str | None
) -> None:
    logs: dict[str, Any] = {"log_storage": log_storage} if log_storage and executor == PODS else {}
    asked = request(version, target, executor=executor, **more, **logs)
    assert asked.secrets
    found = gitops.artifacts(asked)
    assert not [a.path for a in found if a.secret or a.path.startswith("secrets/")]
    assert not [(a.path, key) for a in found for key, value in asked.secrets.items() if value in a.text]
    kinds = [o["kind"] for a in found if a.path.endswith(".yaml") for o in read_all(a.text, StrictLoader)]
    assert "Secret" not in kinds


@pytest.mark.parametrize("name", ASKED)
def test_the_readme_names_every_secret_that_pods_want(name: str) -> None:
    asked = ASKED[name]
    readme = exported(asked)["README.md"]
    listed = set(re.findall(r"^\| `([^`]+)` \|", readme, re.MULTILINE))
    made = [
        o
        for a in stack.artifacts(asked)
        if a.path.startswith("secrets/") and a.path.endswith(".yaml")
        for o in read_all(a.text)
    ]
    assert {o["metadata"]["name"] for o in made} == listed
    assert ("apply -f manifests/namespace.yaml" in readme) == names.owns_namespace(asked)


def test_a_deploy_key_and_a_certificate_are_secrets_too() -> None:
    key: dict[str, Any] = {"git_repo": "git@github.com:team/dags.git", "git_key": "/home/ana/.ssh/key"}
    asked = request(where=Target.CONTEXT, tls_certificate="air-tls", **key, **WEB)
    readme = exported(asked)["README.md"]
    assert "| `demo-git` | the deploy key" in readme
    assert "| `air-tls` |" in readme
    assert "create secret generic demo-git --from-file=gitSshKey=/home/ana/.ssh/key" in readme
