"""The manifests beside the chart: names, references, secrets, and what a person is told to type."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_wizard.artifacts.kube import names
from airflow_wizard.artifacts.kube.init_job import job_name
from airflow_wizard.artifacts.kube.texts import commands
from airflow_wizard.catalog.load import releases
from airflow_wizard.cluster import POSTGRES_MAJOR
from airflow_wizard.options.model import Target
from airflow_wizard.run.registry import valid_name
from tests.artifacts.kube_stacks import (
    CELERY,
    EXTERNAL,
    HTTPS,
    LOCAL,
    PODS,
    SSH,
    TARGETS,
    artifacts,
    environments,
    executors,
    files,
    objects,
    objects_in,
    request,
    values_in,
)
from tests.artifacts.read_yaml import read, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.artifacts.model import StackRequest

# RFC 1035: what a Service can be called, the strictest of all names.
SERVICE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
# What the chart and Kubernetes append: the longest names of Services and StatefulSets, and a revision of a StatefulSet.
APPENDED = ("-api-server", "-dag-processor", "-triggerer-0", "-triggerer-7f9c5d8b6d", "-scheduler-7f9c5d8b6d")
VERSIONS = [str(r.version) for r in releases()]
NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,40}", fullmatch=True)


class Made:
    """A stack that was asked for, with what is written for it and what that says."""

    def __init__(self, asked: StackRequest) -> None:
        self.asked = asked
        self.artifacts = {a.path: a for a in artifacts(asked)}
        self.files = {path: artifact.text for path, artifact in self.artifacts.items()}
        self.objects = objects_in(self.files)
        self.values = values_in(self.files)


@cache
def stacks() -> tuple[Made, ...]:
    """Each release with each executor, the targets and answers in turn; made once for all who look at them."""
    return tuple(Made(asked) for asked in _requests())


def _requests() -> Iterator[StackRequest]:
    answers: list[dict[str, Any]] = [{}, SSH, HTTPS, EXTERNAL]
    number = 0
    for version in VERSIONS:
        for executor in executors(version):
            number += 1
            given: dict[str, Any] = {"executor": executor, **answers[number % 4]}
            yield request(version, TARGETS[number // 4 % 4], **given)


def references(node: Any) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 - whatever YAML holds
    """Every object that values or manifests name: kind, name, key (or empty)."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "secretKeyRef":
                yield "Secret", value["name"], value["key"]
            elif key == "configMap" and isinstance(value, dict) and "name" in value:
                if value.get("optional"):  # there while the proof runs
                    assert value["name"].endswith("-smoke")
                    continue
                yield "ConfigMap", value["name"], ""
            elif key == "secret" and isinstance(value, dict):
                yield "Secret", value["secretName"], ""
            elif key in ("claimName", "existingClaim"):
                yield "PersistentVolumeClaim", value, ""
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def named_secrets(found: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Secrets the chart is told by name, with the key that its templates read."""
    keys = {"fernetKeySecretName": "fernet-key", "apiSecretKeySecretName": "api-secret-key",
            "jwtSecretName": "jwt-secret", "webserverSecretKeySecretName": "webserver-secret-key"}  # fmt: skip
    for name, key in keys.items():
        if name in found:
            yield "Secret", found[name], key
    for name, value in found["data"].items():
        if name != "brokerUrlSecretName" or "Celery" in found["executor"]:
            yield "Secret", value, "connection"
    if "passwordSecretName" in found.get("redis", {}):
        yield "Secret", found["redis"]["passwordSecretName"], "password"
    sync = found.get("dags", {}).get("gitSync", {})
    if "credentialsSecret" in sync:
        for key in ("GIT_SYNC_USERNAME", "GIT_SYNC_PASSWORD", "GITSYNC_USERNAME", "GITSYNC_PASSWORD"):
            yield "Secret", sync["credentialsSecret"], key


def test_everything_that_is_named_is_there_with_the_key_that_is_read() -> None:
    for made in stacks():
        there = {(o["kind"], o["metadata"]["name"]): o for o in made.objects}
        found = made.values
        wanted = [*references(found), *named_secrets(found), *references(list(there.values()))]
        assert len(wanted) > 8
        for kind, name, key in wanted:
            known = there[kind, name]
            assert not key or key in known["stringData"], (name, key)


def test_everything_has_the_namespace_the_stacks_name_and_the_usual_labels() -> None:
    for made in stacks():
        for found in made.objects:
            metadata = found["metadata"]
            in_cluster = found["kind"] in {"Namespace", "PersistentVolume"}
            assert metadata.get("namespace") == (None if in_cluster else "airflow")
            assert "demo-" in metadata["name"] or found["kind"] == "Namespace"
            assert metadata["labels"]["app.kubernetes.io/instance"] == "demo"
            assert metadata["labels"]["app.kubernetes.io/part-of"] == "airflow"
            assert metadata["labels"]["app.kubernetes.io/managed-by"] == "airflow-wizard"


@settings(max_examples=60)
@given(NAMES)
def test_any_name_of_a_stack_makes_names_that_kubernetes_takes(name: str) -> None:
    assert valid_name(name)
    asked = request(name=name, executor=PODS)
    release = names.release(asked)
    assert len(release) <= names.RELEASE_LIMIT <= 53  # Helm's own limit
    assert all(SERVICE.fullmatch(release + end) for end in APPENDED)
    for found in objects(asked):
        assert SERVICE.fullmatch(found["metadata"]["name"]), found["metadata"]["name"]
        assert all(LABEL_VALUE.fullmatch(value) for value in found["metadata"]["labels"].values())
    assert read(files(asked)["kind.yaml"])["name"] == release


@settings(max_examples=40)
@given(st.lists(NAMES, min_size=2, max_size=2, unique=True))
def test_two_stacks_never_share_a_name(pair: list[str]) -> None:
    one, two = (names.release(request(name=name)) for name in pair)
    assert one != two


def test_secrets_stand_in_one_private_folder_that_git_does_not_take() -> None:
    for made in stacks():
        artifacts = made.artifacts
        holding = {path for path, artifact in artifacts.items() if re.search(r"hidden\d+value", artifact.text)}
        assert holding == {path for path in artifacts if path.startswith("secrets/")}
        assert all(artifacts[path].mode == 0o600 and artifacts[path].secret for path in holding)
        assert "secrets/" in artifacts[".gitignore"].text.splitlines()
        assert not [o for path in holding if path.endswith(".yaml") for o in read_all(artifacts[path].text)
                    if o["kind"] != "Secret"]  # fmt: skip


def test_airflow_and_the_init_job_are_told_the_same_database() -> None:
    asked = request("3.3.2", executor=CELERY)
    secrets = {o["metadata"]["name"]: o["stringData"] for o in objects(asked) if o["kind"] == "Secret"}
    password = secrets["demo-postgres"]["password"]
    address = f"postgresql+psycopg2://airflow:{password}@demo-postgres.airflow:5432/airflow"
    assert secrets["demo-metadata"] == {"connection": address}
    assert secrets["demo-result-backend"] == {"connection": f"db+{address}"}
    assert secrets["demo-broker"] == {"connection": f"redis://:{secrets['demo-redis']['password']}@demo-redis:6379/0"}
    external = request("3.3.2", **EXTERNAL)
    found = {o["metadata"]["name"]: o for o in objects(external)}
    assert found["demo-metadata"]["stringData"]["connection"].startswith("postgresql+psycopg2://air:")
    assert "demo-postgres" not in found


def test_the_database_survives_and_no_upgrade_ends_at_it() -> None:
    for version in ("3.3.2", "3.0.6", "2.11.2"):
        found = {o["kind"]: o for o in read_all(files(request(version))["postgres.yaml"])}
        pod = found["StatefulSet"]["spec"]["template"]
        assert pod["spec"]["containers"][0]["image"] == f"postgres:{POSTGRES_MAJOR}"
        assert found["StatefulSet"]["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        assert found["Service"]["spec"]["selector"] == found["StatefulSet"]["spec"]["selector"]["matchLabels"]
        (claim,) = found["StatefulSet"]["spec"]["volumeClaimTemplates"]
        assert "storageClassName" not in claim["spec"]
    classy = read_all(files(request("3.3.2", storage_class="fast"))["postgres.yaml"])
    claims = [o["spec"]["volumeClaimTemplates"][0]["spec"] for o in classy if o["kind"] == "StatefulSet"]
    assert claims[0]["storageClassName"] == "fast"


def job(asked: StackRequest) -> dict[str, Any]:
    found: dict[str, Any] = read(files(asked)["init-job.yaml"])
    return found


def test_the_init_job_is_another_one_for_another_version() -> None:
    same = job_name(request("3.3.2"))
    assert same == job_name(request("3.3.2", parallelism=2, port=9999))
    others = [request("3.3.1"), request("3.3.2", image="a/b:1"), request("3.3.2", executor=PODS)]
    assert len({same, *map(job_name, others)}) == 4
    assert job(request("3.3.2"))["metadata"]["name"] == same


def test_the_init_job_makes_the_login_the_release_knows() -> None:
    def variables(asked: StackRequest) -> set[str]:
        return {entry["name"] for entry in next(environments(job(asked)))}

    fab = {"_AIRFLOW_WWW_USER_USERNAME", "_AIRFLOW_WWW_USER_PASSWORD"}
    assert fab | {"AIRFLOW__CORE__AUTH_MANAGER", "AIRFLOW__API_AUTH__JWT_SECRET"} <= variables(request("3.3.2"))
    assert fab | {"AIRFLOW__WEBSERVER__SECRET_KEY"} <= variables(request("2.11.2"))
    simple = request("3.1.8", image="apache/airflow:3.1.8-python3.13")
    assert not fab & variables(simple)
    for made in (*stacks(), Made(simple)):
        listed = [[entry["name"] for entry in environment] for environment in environments(made.objects)]
        assert all(len(each) == len(set(each)) for each in listed)


def test_it_is_root_only_where_a_folder_has_to_be_handed_over() -> None:
    quiet = job(request("3.3.2", executor=LOCAL))["spec"]["template"]["spec"]
    assert quiet["securityContext"]["runAsUser"] == 50000
    assert quiet["containers"][0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    handing = job(request("3.3.2", executor=PODS))["spec"]["template"]["spec"]
    assert handing["securityContext"]["runAsUser"] == 0
    assert handing["containers"][0]["args"][-1] == "logs"
    assert {"name": "logs", "mountPath": "/opt/airflow/logs"} in handing["containers"][0]["volumeMounts"]


def test_folders_of_a_node_bind_to_one_claim_each() -> None:
    asked = request("3.3.2", Target.KUBEADM, executor=PODS, dags="/srv/dags", storage_node="server-1")
    found = list(read_all(files(asked)["storage.yaml"]))
    volumes = {o["metadata"]["name"]: o for o in found if o["kind"] == "PersistentVolume"}
    claims = {o["metadata"]["name"]: o for o in found if o["kind"] == "PersistentVolumeClaim"}
    assert claims.keys() == {"demo-dags", "demo-logs"}
    for name, claim in claims.items():
        volume = volumes[claim["spec"]["volumeName"]]["spec"]
        assert volume["claimRef"] == {"namespace": "airflow", "name": name}
        assert volume["accessModes"] == claim["spec"]["accessModes"]
        assert volume["storageClassName"] == claim["spec"]["storageClassName"] == ""
        assert volume["persistentVolumeReclaimPolicy"] == "Retain"
        assert "server-1" in str(volume["nodeAffinity"])
    assert claims["demo-dags"]["spec"]["accessModes"] == ["ReadOnlyMany"]
    assert claims["demo-logs"]["spec"]["accessModes"] == ["ReadWriteMany"]
    assert volumes["airflow-demo-dags"]["spec"]["hostPath"]["path"] == "/srv/dags"
    assert "storage.yaml" not in files(request("3.3.2", Target.CONTEXT))
    inside = files(request("3.3.2", Target.KUBEADM, dags="dags", executor=LOCAL))["storage.yaml"]
    assert "/stacks/demo/dags" in inside


HOST: dict[str, Any] = {"ingress_host": "h.example.org", "ingress_path": "/airflow/"}


def test_traefik_gets_its_own_kind_of_route() -> None:
    asked = request("3.3.2", Target.KUBEADM, **HOST, ingress_class="traefik", tls_resolver="le")
    found = read(files(asked)["ingressroute.yaml"])
    assert (found["apiVersion"], found["kind"]) == ("traefik.io/v1alpha1", "IngressRoute")
    (route,) = found["spec"]["routes"]
    assert route["match"] == "Host(`h.example.org`) && (Path(`/airflow`) || PathPrefix(`/airflow/`))"
    assert route["services"] == [{"name": "demo-api-server", "port": 8080}]
    assert "middlewares" not in route  # a path that is stripped leaves the page blank
    assert (found["spec"]["entryPoints"], found["spec"]["tls"]) == (["websecure"], {"certResolver": "le"})
    plain = request("3.3.2", Target.KUBEADM, ingress_host="h", ingress_class="traefik")
    bare = read(files(plain)["ingressroute.yaml"])["spec"]
    assert (bare["entryPoints"], bare["routes"][0]["match"]) == (["web"], "Host(`h`)")
    assert "tls" not in bare


def test_others_get_an_ingress() -> None:
    asked = request("2.11.2", Target.CONTEXT, **HOST, ingress_class="nginx", tls_certificate="air-tls")
    found = read(files(asked)["ingress.yaml"])["spec"]
    assert found["ingressClassName"] == "nginx"
    assert found["tls"] == [{"hosts": ["h.example.org"], "secretName": "air-tls"}]
    (path,) = found["rules"][0]["http"]["paths"]
    assert (path["path"], path["pathType"]) == ("/airflow", "Prefix")
    assert path["backend"]["service"] == {"name": "demo-webserver", "port": {"number": 8080}}
    assert "ingressClassName" not in read(files(request("3.3.2", Target.CONTEXT, **HOST))["ingress.yaml"])["spec"]
    assert not [path for path in files(request("3.3.2", Target.CONTEXT)) if path.startswith("ingress")]


def test_the_scripts_in_the_cluster_are_the_shipped_ones() -> None:
    (found,) = [o for o in objects(request("3.3.2")) if o["kind"] == "ConfigMap"]
    assert found["data"].keys() == {
        *("init.py", "heartbeat.py", "database.py", "api_server.py", "identity_plugin.py", "rest.py")
    }
    for name, text in found["data"].items():
        compile(text, name, "exec")
    for name in ("heartbeat.py", "database.py"):
        assert not re.search(r"^\s*(import|from) airflow", found["data"][name], re.MULTILINE)


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell")
def test_what_is_to_be_typed_names_files_that_are_there() -> None:
    for made in stacks():
        asked, there = made.asked, made.files
        typed = [command for _, command in commands(asked)]
        subprocess.run(["sh", "-n"], input="\n".join(typed), text=True, check=True)
        used = {word for command in typed for word in shlex.split(command) if word.endswith((".yaml", "/"))}
        assert used - {"secrets/"} <= there.keys()
        by_hand = {p for p in there if p.endswith(".yaml") and not p.startswith("secrets/")}
        assert by_hand - {"kubeadm.yaml"} == used - {"secrets/"}
        assert ("kubeadm.yaml" in there) == ("kubeadm init --config kubeadm.yaml" in there["README.md"])
        assert all(command in there["README.md"] for command in typed)
        assert not [secret for secret in asked.secrets.values() if secret in "".join(typed)]
        (helm,) = [shlex.split(command) for command in typed if command.startswith("helm")]
        assert helm[helm.index("--version") + 1] == asked.answers.text("chart_version")


@pytest.mark.parametrize(
    ("source", "words"),
    [("https://airflow.apache.org", "airflow --repo https://airflow.apache.org --version 1.22.0"),
     ("oci://r.example.org/charts/airflow", "oci://r.example.org/charts/airflow --version 1.22.0"),
     ("/srv/charts/my airflow.tgz", "'/srv/charts/my airflow.tgz' --kube-context"),
     ("file:///srv/airflow", " /srv/airflow --kube-context")],
)  # fmt: skip
def test_the_chart_comes_from_where_it_was_said(source: str, words: str) -> None:
    typed = [command for _, command in commands(request("3.3.2", chart_source=source))]
    assert words in next(command for command in typed if command.startswith("helm"))


def test_kubernetes_own_namespaces_are_not_brought_along() -> None:
    assert "namespace.yaml" in files(request("3.3.2", Target.CONTEXT))
    assert "namespace.yaml" not in files(request("3.3.2", Target.CONTEXT, namespace="default"))
