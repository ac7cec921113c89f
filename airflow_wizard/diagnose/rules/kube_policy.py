"""Rules about what a cluster does not allow: quotas, limits, Pod Security, webhooks, a namespace that goes. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.quantities import quantity
from airflow_wizard.diagnose.rules.kube_model import RECENT, age, describe, kubectl, means, named, quote, workload_of
from airflow_wizard.diagnose.rules.model import launch_again
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact, EventFact, WorkloadFact

_QUOTA = re.compile(
    r"exceeded quota: (?P<quota>[\w.-]+), requested: (?P<requested>\S+), used: (?P<used>\S+), limited: (?P<limited>\S+)"
)
_MUST = re.compile(r"failed quota: (?P<quota>[\w.-]+): must specify (?P<what>[^;]+?)(?: for: .*)?$")
_SECURITY = re.compile(r'violates PodSecurity "(?P<level>\w+):[^"]*": (?P<why>.*)')
_LIMIT = re.compile(r"(?:maximum|minimum) (?:memory|cpu|storage)[^,;]* is [^,;\]]+(?:, but [^,;\]]+)?")
_WEBHOOK = re.compile(r'(?:admission webhook|failed calling webhook) "(?P<name>[\w.-]+)"')
_ACCOUNT = re.compile(r"error looking up service account (?P<name>[\w./-]+)")


def refusals(evidence: Evidence) -> Iterator[Finding]:
    """Workloads whose pods the cluster refuses to make."""
    cluster = evidence.cluster
    if cluster is None:
        return
    done = set()
    for event in reversed(cluster.events or ()):
        if event.reason != "FailedCreate" or age(evidence, event.last) > RECENT:
            continue
        workload = workload_of(cluster, event)
        if workload is None or workload.name in done or _whole(cluster, workload):
            continue
        done.add(workload.name)
        yield _refusal(evidence, cluster, workload, event)


def _whole(cluster: ClusterFact, workload: WorkloadFact) -> bool:
    """Its pods are there in the meantime."""
    there = [p for p in cluster.pods or () if p.owner == (workload.kind, workload.name) and p.deleting is None]
    return workload.ready >= workload.wanted or len(there) >= workload.wanted


def _refusal(evidence: Evidence, cluster: ClusterFact, workload: WorkloadFact, event: EventFact) -> Finding:
    text, who = event.message, workload.component or workload.name
    quota, must, security = _QUOTA.search(text), _MUST.search(text), _SECURITY.search(text)
    limit, webhook, account = _LIMIT.search(text), _WEBHOOK.search(text), _ACCOUNT.search(text)
    fixes: tuple[Fix, ...] = ()
    if quota is not None:
        kind = "quota.exceeded"
        limited, used, asked = quota["limited"], quota["used"], quota["requested"]
        found = f"quota {quota['quota']} allows {limited}, {used} is used, it asks for {asked}"
        fixes = _within_quota(cluster, workload, quota["quota"], quota["requested"])
    elif must is not None:
        kind, found = "quota.unspecified", f"quota {must['quota']} wants every container to say {must['what']}"
        fixes = (Fix(f"Give its containers {must['what']} in values.yaml, then launch again"),)
    elif security is not None:
        kind = "security.refused"
        found = f"the namespace enforces Pod Security “{security['level']}”: {security['why'][:240]}"
        fixes = _looser(cluster, workload, security["level"])
    elif limit is not None:
        kind, found = "limits.refused", f"a limit range does not allow it: {limit[0]}"
        fixes = (Fix("See what the namespace allows", commands=(kubectl(cluster, "describe", "limitrange"),)),)
    elif webhook is not None:
        kind, found = "webhook.refused", f"the webhook {webhook['name']} refuses it or does not answer"
        listed = kubectl(cluster, "get", "validatingwebhookconfigurations,mutatingwebhookconfigurations")
        fixes = (Fix("See who is asked before a pod is made", commands=(listed,)),)
    elif account is not None:
        kind, found = "config.account_missing", f"its service account {account['name']} does not exist"
        fixes = (launch_again(evidence.subject),)
    else:
        kind, found = "policy.refused", text[:300]
    return Finding(
        f"{kind}.{who}",
        Level.FAIL,
        named(who),
        f"the cluster makes no pod for it: {found}",
        "a pod that the namespace allows",
        means(who),
        evidence=quote((event,)),
        fixes=(*fixes, describe(cluster, workload.kind.lower(), workload.name)),
    )


def _within_quota(cluster: ClusterFact, workload: WorkloadFact, quota: str, requested: str) -> tuple[Fix, ...]:
    """Let an object of the cluster's owner be changed by its owner; what the stack asks for is ours."""
    fixes = [Fix("See what takes the quota", commands=(kubectl(cluster, "describe", "quota", quota),))]
    if workload.kind == "Job":
        return tuple(fixes)
    sizes = []
    for item in requested.split(","):
        resource, _, _ = item.partition("=")
        entry = next((q for q in cluster.quotas or () if q[0] == quota and q[1] == resource), None)
        if entry is None or resource not in ("requests.cpu", "requests.memory", "cpu", "memory"):
            return tuple(fixes)
        free = quantity(entry[3]) - quantity(entry[2])
        name = resource.removeprefix("requests.")
        least = 0.01 if name == "cpu" else 64 << 20
        if free < least:
            return tuple(fixes)
        sizes.append(f"cpu={int(free * 900)}m" if name == "cpu" else f"memory={int(free * 0.9) >> 20}Mi")
    command = kubectl(
        cluster, "set", "resources", f"{workload.kind.lower()}/{workload.name}", f"--requests={','.join(sizes)}"
    )
    title = f"Ask for what the quota has left ({', '.join(sizes)}), until the next launch"
    return (Fix(title, Risk.DISRUPTIVE, (command,), id=f"fit-quota-{workload.component or workload.name}"), *fixes)


def _looser(cluster: ClusterFact, workload: WorkloadFact, level: str) -> tuple[Fix, ...]:
    looser = "baseline" if level == "restricted" else "privileged"
    label = kubectl(
        cluster, "label", "namespace", cluster.namespace, f"pod-security.kubernetes.io/enforce={looser}", "--overwrite"
    )
    # Its controller would try again only after minutes.
    again = (
        (kubectl(cluster, "rollout", "restart", f"{workload.kind.lower()}/{workload.name}"),)
        if workload.kind != "Job"
        else ()
    )
    return (
        Fix(
            f"Let the namespace enforce “{looser}” instead; this concerns everything in it",
            Risk.DISRUPTIVE,
            (label, *again),
            id=f"pod-security-{looser}",
            undo=((*label[:-2], f"pod-security.kubernetes.io/enforce={level}", "--overwrite"),),
        ),
    )


def namespace(evidence: Evidence) -> Iterator[Finding]:
    """The namespace is going away, or is not there while the stack should be."""
    cluster = evidence.cluster
    fact = cluster.namespace_fact if cluster is not None else None
    if cluster is None or fact is None:
        return
    if fact.phase == "Terminating":
        yield Finding(
            "namespace.terminating",
            Level.FAIL,
            f"Namespace {cluster.namespace}",
            "it is being deleted" + (f", and cannot go: {fact.holds}" if fact.holds else ""),
            why="Nothing new can be made in it, and everything in it goes.",
            evidence=(f"Namespace {cluster.namespace}: Terminating",),
            fixes=(
                Fix(
                    "See what holds it",
                    commands=((*cluster.kubectl, "get", "namespace", cluster.namespace, "-o", "yaml"),),
                ),
                Fix("Wait until it is gone, then launch again", commands=launch_again(evidence.subject).commands),
            ),
        )


RULES = (namespace, refusals)
