"""Whether what was wrong is right now. Pure; what is only quiet for a moment does not count as right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.finding import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact
    from airflow_wizard.finding import Finding


def still_wrong(finding: Finding, evidence: Evidence, findings: Iterable[Finding]) -> str:
    """What keeps a finding from being gone, in words; empty when nothing does.

    A pod that was replaced is well for some seconds, whatever is wrong with it: in a cluster the component has to be
    ready as well.
    """
    now = {f.id: f for f in findings}
    again = now.get(finding.id)
    if again is not None and again.level is not Level.UNKNOWN:
        return again.found
    if unseen := [f for f in now.values() if f.level is Level.UNKNOWN and f.id.startswith(("unseen.", "cluster."))]:
        return f"it cannot be seen: {unseen[0].found}"
    if any(f.id.startswith("cluster.") for f in now.values()):
        return "the cluster does not answer"
    return _unready(finding, evidence.cluster) if evidence.cluster is not None else ""


def _unready(finding: Finding, cluster: ClusterFact) -> str:
    """The component that the finding is about is not whole yet."""
    parts = finding.id.split(".")
    about = {parts[2]} if len(parts) > 2 else set()
    if parts[0] == "claim" and len(parts) > 2:
        name = finding.id.split(".", 2)[2]
        about = {p.component for p in cluster.pods or () if name in p.claims}
    for workload in cluster.workloads or ():
        if workload.component in about and workload.ready < workload.wanted:
            what = "done" if workload.kind == "Job" else "ready"
            return f"{workload.name} is not {what} yet ({workload.ready} of {workload.wanted})"
    return ""
