"""What is made of answers of a cluster: quantities, nodes, storage, rights, leftovers, reasons."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_wizard.host.cluster import faults, leftovers, nodes, rights, storage
from airflow_wizard.host.cluster.quantity import number
from tests.engines.helm import packed

GIB = 1024**3

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
# Objects of the API with the keys that are read, each with a value of any shape.
objects = st.dictionaries(
    st.sampled_from(["metadata", "spec", "status", "provisioner", "kind"]),
    json_values
    | st.dictionaries(
        st.sampled_from(
            ["name", "labels", "taints", "conditions", "allocatable", "images", "containers", "hard", "used", "limits"]
        ),
        json_values,
    ),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250m", 0.25),
        ("2", 2.0),
        (4, 4.0),
        ("16Gi", 16.0 * GIB),
        ("24684096Ki", 24684096 * 1024.0),
        ("1e3", 1000.0),
        ("1E", 1e18),
        ("12E6", 12e6),
        (".5", 0.5),
        ("100M", 1e8),
        ("5000n", 5e-6),
        ("", None),
        ("abc", None),
        ("1 Gi", None),
        (True, None),
        (None, None),
        ({"a": 1}, None),
    ],
)
def test_quantities(text: object, value: float | None) -> None:
    assert number(text) == (None if value is None else pytest.approx(value))


@given(st.text(max_size=12))
def test_a_quantity_of_any_text_is_a_number_or_none(text: str) -> None:
    value = number(text)
    assert value is None or isinstance(value, float)


def pod(node: str, *requests: str, init: tuple[tuple[str, bool], ...] = (), phase: str = "Running") -> dict[str, Any]:
    def container(memory: str, **more: str) -> dict[str, Any]:
        return {"resources": {"requests": {"memory": memory, "cpu": "100m"}}, **more}

    starts = [container(m, **({"restartPolicy": "Always"} if sidecar else {})) for m, sidecar in init]
    spec = {"nodeName": node, "containers": [container(m) for m in requests], "initContainers": starts}
    return {"spec": spec, "status": {"phase": phase}}


def test_what_a_node_has_promised_counts_as_the_scheduler_does() -> None:
    found = nodes.promised(
        [
            pod("a", "1Gi", "1Gi"),
            pod("a", "1Gi", init=(("3Gi", False),)),
            pod("b", "1Gi", init=(("1Gi", True), ("1Gi", False))),
            pod("b", "8Gi", phase="Succeeded"),
            {"spec": {"containers": []}},
        ]
    )
    assert {name: (memory, count) for name, (_, memory, count) in found.items()} == {
        "a": (5 * GIB, 2),
        "b": (2 * GIB, 1),
    }
    assert [cpu for cpu, _, _ in found.values()] == pytest.approx([0.3, 0.2])


def node(name: str, *, ready: str = "True", **spec: object) -> dict[str, Any]:
    status = {
        "allocatable": {"cpu": "3920m", "memory": "8Gi", "pods": "110"},
        "nodeInfo": {"architecture": "arm64"},
        "conditions": [
            {"type": "Ready", "status": ready, "message": "cni plugin not initialized"},
            {"type": "DiskPressure", "status": "True"},
        ],
        "images": [{"names": ["docker.io/apache/airflow:3.3.2"]}, {"names": None}],
    }
    return {"metadata": {"name": name}, "spec": spec, "status": status}


def test_a_node_says_what_it_has_and_what_keeps_pods_away() -> None:
    taints = [{"key": "gpu", "effect": "NoSchedule"}, {"key": "soft", "effect": "PreferNoSchedule"}]
    (first,) = nodes.nodes([node("a", taints=taints, unschedulable=True)], [pod("a", "1Gi")])
    assert isinstance(first, dict)
    assert (first["cpu"], first["memory"], first["arch"]) == (3.92, 8.0 * GIB, "arm64")
    assert (first["taints"], first["pressure"], first["cordoned"]) == (["gpu:NoSchedule"], ["DiskPressure"], True)
    assert (first["used_memory"], first["used_pods"]) == (1.0 * GIB, 1)
    (blind,) = nodes.nodes([node("a", ready="False")], None)
    assert isinstance(blind, dict)
    assert (blind["ready"], blind["used_memory"]) == (False, None)
    assert "cni" in str(blind["reason"])


@pytest.mark.parametrize(
    ("image", "count"),
    [("apache/airflow:3.3.2", 1), ("docker.io/apache/airflow:3.3.2", 1), ("ghcr.io/apache/airflow:3.3.2", 0)],
)
def test_an_image_is_found_under_the_name_it_is_called_by(image: str, count: int) -> None:
    assert nodes.images([node("a")], [image]) == {image: count}


@pytest.mark.parametrize(
    ("provisioner", "modes"),
    [
        ("rancher.io/local-path", ["ReadWriteOnce"]),
        ("rook-ceph.rbd.csi.ceph.com", ["ReadWriteOnce"]),
        ("rook-ceph.cephfs.csi.ceph.com", ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"]),
        ("microk8s.io/hostpath", ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"]),
        ("kubernetes.io/no-provisioner", []),
        ("example.com/own", None),
    ],
)
def test_access_modes_are_what_the_provisioner_really_binds(provisioner: str, modes: list[str] | None) -> None:
    assert storage.modes(provisioner) == modes


def test_there_is_a_question_for_each_right_and_each_has_its_answer() -> None:
    asked = rights.questions("team")
    assert all((q["namespace"] == "") == (q["resource"] in ("namespaces", "persistentvolumes")) for q in asked)
    denied = [not (q["resource"] == "jobs" and q["verb"] == "create") for q in asked]
    found = {str(row["name"]): row for row in rights.answers([*denied]) if isinstance(row, dict)}
    assert found["jobs.batch"]["refused"] == ["create"]
    assert [name for name, row in found.items() if row["refused"]] == ["jobs.batch"]
    assert all(row["unanswered"] for row in rights.answers([]) if isinstance(row, dict))


@pytest.mark.parametrize(
    ("rule", "yes"),
    [
        ({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, True),
        ({"verbs": ["create", "get"], "apiGroups": [""], "resources": ["pods/exec"]}, True),
        ({"verbs": ["create"], "apiGroups": [""], "resources": ["pods"]}, False),
        ({"verbs": ["create"], "apiGroups": ["apps"], "resources": ["pods/exec"]}, False),
        ({"verbs": ["create"], "apiGroups": [""], "resources": ["pods/exec"], "resourceNames": ["one"]}, False),
        ({}, False),
    ],
)
def test_a_rule_covers_only_what_it_names(rule: dict[str, Any], *, yes: bool) -> None:
    ask = {"namespace": "team", "verb": "create", "group": "", "resource": "pods", "subresource": "exec"}
    assert rights.covered([rule], {**ask}) is yes
    assert rights.covered([rule], {**ask, "namespace": ""}) is False


def secret(version: str, status: str) -> dict[str, Any]:
    return {
        "metadata": {"name": f"sh.helm.release.v1.demo.v{version}", "labels": {"version": version, "status": status}}
    }


def test_the_newest_record_of_a_release_counts() -> None:
    found = leftovers.release([secret("9", "deployed"), secret("10", "pending-upgrade"), {"metadata": None}], None)
    record = {"status": "pending-upgrade", "revision": 10, "secret": "sh.helm.release.v1.demo.v10"}
    assert found == {**record, "ours": False}
    assert leftovers.release([], None) == {"status": "", "revision": 0, "secret": "", "ours": False}


def test_a_release_is_ours_by_what_helm_was_told_or_by_the_identity_beside_it() -> None:
    def told(description: str) -> dict[str, Any]:
        return {**secret("1", "deployed"), "data": packed(description)}

    identity = {"metadata": {"labels": {"app.kubernetes.io/managed-by": "airflow-wizard"}}}
    for record, beside, ours in (
        (told("airflow-wizard 0123456789ab"), None, True),
        (told("Upgrade complete"), None, False),
        (told("Upgrade complete"), identity, True),
        (told("Upgrade complete"), {"metadata": {"name": "demo-identity"}}, False),
    ):
        found = leftovers.release([record], beside)
        assert isinstance(found, dict)
        assert found["ours"] is ours


def test_names_of_the_release_that_are_somebody_elses() -> None:
    def thing(name: str, **labels: str) -> dict[str, Any]:
        return {"metadata": {"name": name, "labels": labels}}

    there = [
        thing("demo-postgres"),
        thing("demo-scheduler", release="demo"),
        thing("demo-dev-scheduler"),
        thing("other"),
    ]
    assert leftovers.foreign("service", there, "demo") == ["service/demo-postgres"]


def test_what_a_quota_leaves() -> None:
    quota = {
        "metadata": {"name": "q"},
        "status": {"hard": {"requests.memory": "4Gi", "pods": "10"}, "used": {"pods": "4"}},
    }
    assert leftovers.quotas([quota]) == [{"name": "q", "left": {"requests.memory": 4.0 * GIB, "pods": 6.0}}]


@settings(max_examples=60, deadline=None)
@given(st.lists(objects, max_size=3))
def test_objects_of_any_shape_are_read_without_a_crash(items: list[Any]) -> None:
    nodes.nodes(items, items)
    nodes.images(items, ["a"])
    storage.classes(items)
    leftovers.release(items, items[0] if items else None)
    leftovers.failed_jobs(items, "demo")
    leftovers.quotas(items)
    leftovers.limits(items)
    leftovers.claims(items, "demo")
    leftovers.database_image(items, "demo")
    leftovers.foreign("service", items, "demo")
    for item in items:
        leftovers.namespace(item)


# What kubectl 1.36 and the proxies between said, word for word.
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("dial tcp 127.0.0.1:1: connect: connection refused", "refused"),
        ("dial tcp: lookup no-such-host.invalid on 10.0.0.53:53: no such host", "dns"),
        ("dial tcp 10.9.8.7:6443: i/o timeout", "timeout"),
        ("no answer within 4 s", "timeout"),
        ("dial tcp 10.9.8.7:6443: connect: no route to host", "no_route"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "unknown_authority"),
        (
            "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time …",
            "certificate_expired",
        ),
        ("x509: certificate is valid for 10.96.0.1, not 10.0.0.9", "wrong_name"),
        ("getting credentials: exec: executable aws not found It looks like you …", "plugin_missing"),
        ("getting credentials: exec: executable aws failed with exit code 255", "plugin_failed"),
        ('context "missing" does not exist', "no_context"),
        ("cannot locate context missing", "no_context"),
        ("cannot locate cluster gone", "bad_kubeconfig"),
        ("error loading config file \"/x\": yaml: line 3: mapping values are not allowed", "bad_kubeconfig"),
        ("proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused", "proxy"),
        ("something new", "other"),
    ],
)  # fmt: skip
def test_why_a_cluster_cannot_be_asked(words: str, kind: str) -> None:
    assert faults.kind_of(words) == kind


def test_a_refusal_counts_by_its_status_whatever_it_says() -> None:
    assert faults.kind_of("connection refused", 401) == "unauthorized"
    assert faults.plugin_in("exec: executable aws-iam-authenticator not found") == "aws-iam-authenticator"
