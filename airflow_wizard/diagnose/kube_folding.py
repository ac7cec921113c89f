"""What of a cluster's findings is only a consequence of which other one. Pure.

A finding's id says what it is about: ``pending.cpu.scheduler`` is about the component ``scheduler``. A cause lies in a
lower layer than what follows from it, and concerns the same component, one that all others need, or the whole cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.finding import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.diagnose.kube_facts import ClusterFact
    from airflow_wizard.finding import Finding

# Lower layers first. What is not named here is no finding about a cluster.
_LAYERS = (
    ("cluster.",),
    ("namespace.",),
    ("node.",),
    ("dns.", "quota.", "limits.", "security.", "webhook.", "policy.", "rbac."),
    ("claim.",),
    ("pending.", "config.", "mount.", "sandbox.", "image."),
    ("gitsync.", "component.killed", "component.refused", "component.stopped", "component.missing"),
    ("postgres.", "redis.", "broker.", "database.", "fernet.", "executor."),
    ("component.probe", "component.crash", "component.evicted", "init."),
    ("waiting.", "component.unready", "service."),
    ("helm.", "step.", "launch.", "web.", "scheduler.", "dag-processor.", "triggerer."),
)
# Layers that concern everything in the cluster.
_EVERYWHERE = ("cluster.", "namespace.", "dns.")
# What all others wait for.
_NEEDED = ("postgres", "postgresql", "pgbouncer", "redis")
_FIRST = ("init", "run-airflow-migrations", "migrate-database-job", "airflow-migrations")
# Lines in a log are no component's own: they explain whatever fails, by itself or while it waits for who does.
_LINES = ("gitsync.", "postgres.", "redis.", "broker.", "database.", "fernet.", "executor.", "rbac.")


def causes(finding: Finding, findings: Iterable[Finding], cluster: ClusterFact) -> tuple[str, ...]:
    """Ids of those of the findings that it is only a consequence of."""
    layer = _layer(finding.id)
    if layer is None:
        # A collector that could not see is explained by a cluster that does not answer, and by nothing else.
        unseen = finding.id.startswith("unseen.")
        return tuple(f.id for f in findings if unseen and f.id.startswith("cluster."))
    about = _components(finding.id, cluster)
    found = []
    for other in findings:
        below = _layer(other.id)
        if below is None or below >= layer or other.level not in (Level.FAIL, Level.WARN):
            continue
        if other.level is Level.WARN and not other.id.startswith(("init.", "component.killed")):
            continue
        if _explains(other, finding, about, cluster):
            found.append(other.id)
    return tuple(found)


def _explains(cause: Finding, effect: Finding, about: frozenset[str], cluster: ClusterFact) -> bool:
    if cause.id.startswith(_EVERYWHERE):
        # A name server that is down stops nobody from being placed, made or pulled.
        return not cause.id.startswith("dns.") or not effect.id.startswith(
            (
                "quota.",
                "security.",
                "claim.",
                "pending.",
                "image.",
                "config.",
                "mount.",
                "limits.",
                "webhook.",
                "policy.",
            )
        )
    if cause.id.startswith("node."):
        return _on_node(cause.id, effect.id, about, cluster)
    if effect.id.startswith(("helm.", "step.", "launch.", "web.")):
        return True
    if cause.id.startswith(_LINES):
        return not effect.id.startswith("service.")
    of = _components(cause.id, cluster)
    if of & about:
        return True
    # What every other one needs is away: that is why they fail, not why they are not placed.
    late = effect.id.startswith(("component.crash", "component.probe", "init.", *_LAYERS[7], *_LAYERS[9], *_LAYERS[10]))
    if of & frozenset(_NEEDED):
        return late
    return bool(of & frozenset(_FIRST)) and late and not effect.id.startswith("init.")


def _on_node(cause: str, effect: str, about: frozenset[str], cluster: ClusterFact) -> bool:
    """Trouble of a node explains what is on it, and what finds no place; not what a namespace does not allow."""
    if effect.startswith(("pending.node", "pending.taint", "helm.", "step.", "launch.", "web.", "waiting.")):
        return True
    if effect.startswith(
        ("quota.", "limits.", "security.", "webhook.", "policy.", "rbac.", "claim.", "image.", "config.")
    ):
        return False
    name = cause.split(".", 2)[2]
    there = {p.component for p in cluster.pods or () if p.node == name}
    only = len(cluster.nodes or ()) == 1
    return only or bool(about & there) or effect.startswith(_LINES) or bool(there & frozenset(_NEEDED))


def _layer(finding_id: str) -> int | None:
    return next((n for n, prefixes in enumerate(_LAYERS) if finding_id.startswith(prefixes)), None)


def _components(finding_id: str, cluster: ClusterFact) -> frozenset[str]:
    """What a finding is about; a claim is about the components whose pods mount it."""
    kind, _, name = finding_id.partition(".")
    name = name.partition(".")[2]
    if kind == "claim":
        return frozenset(p.component for p in cluster.pods or () if name in p.claims)
    # ``component.crash.scheduler.git-sync`` is about the scheduler too.
    return frozenset({name, name.partition(".")[0]}) - {""}
