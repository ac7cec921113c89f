"""Rules about the way in: services, ingresses. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.kube_model import age, describe, kubectl, means, named
from airflow_wizard.diagnose.rules.model import launch_again
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence

_GRACE = 10.0


def services(evidence: Evidence) -> Iterator[Finding]:
    """Services that no pod stands behind, although pods of their component are ready."""
    cluster = evidence.cluster
    if cluster is None or cluster.pods is None:
        return
    for service in cluster.services or ():
        if service.ready != 0 or not service.selector or age(evidence, service.created) < _GRACE:
            continue
        if any(service.selector.items() <= pod.labels.items() for pod in cluster.pods):
            continue  # they are not ready yet, or do not get ready: that is told of them
        who = service.component or service.name
        ready = [p for p in cluster.pods if p.component == who and p.ready]
        if not ready or any(age(evidence, p.created) < _GRACE for p in ready):
            continue
        wants = ", ".join(f"{k}={v}" for k, v in service.selector.items())
        lacks = {k: v for k, v in service.selector.items() if ready[0].labels.get(k) != v}
        yield Finding(
            f"service.no_endpoints.{who}",
            Level.FAIL,
            f"Service {service.name}",
            f"no pod has the labels it looks for ({', '.join(f'{k}={v}' for k, v in lacks.items()) or wants})",
            "a pod behind the service",
            means(who),
            evidence=(f"Service {service.name}: 0 endpoints; selector {wants}", f"Pod {ready[0].name}: ready"),
            fixes=(
                Fix("Make the service anew", Risk.SAFE, _anew(evidence, service.name, who), id=f"service-{who}"),
                describe(cluster, "service", service.name),
            ),
        )


def _anew(evidence: Evidence, name: str, who: str) -> tuple[tuple[str, ...], ...]:
    """From the stack's file where it is the wizard's; the chart's comes back with the next upgrade."""
    cluster, folder = evidence.cluster, evidence.subject.folder
    if cluster is None:
        return ()
    file = f"{who}.yaml"
    if file in evidence.files:
        return (kubectl(cluster, "apply", "--filename", f"{folder}/{file}"),)
    return (kubectl(cluster, "delete", "service", name), *launch_again(evidence.subject).commands)


def ingresses(evidence: Evidence) -> Iterator[Finding]:
    """Ingresses that no controller serves."""
    cluster = evidence.cluster
    if cluster is None or cluster.ingress_classes is None:
        return
    classes = dict(cluster.ingress_classes)
    for ingress in cluster.ingresses or ():
        if ingress.ingress_class in classes or (ingress.ingress_class is None and any(classes.values())):
            continue
        known = ", ".join(sorted(classes))
        which = f"its class {ingress.ingress_class} does not exist" if ingress.ingress_class else "it names no class"
        others = f"; there is {known}" if known else "; the cluster has no ingress controller"
        fixes: tuple[Fix, ...] = tuple(
            Fix(f"Use {name}", Risk.DISRUPTIVE, answers=(("ingress_class", name),), id=f"ingress-{name}")
            for name in sorted(classes)
        )
        yield Finding(
            f"ingress.no_class.{ingress.name}",
            Level.FAIL,
            f"Ingress {ingress.name}",
            f"{which}{others}",
            "a controller that serves it",
            "Nobody is sent to Airflow under that address.",
            evidence=(f"Ingress {ingress.name}: class {ingress.ingress_class}; classes: {known or 'none'}",),
            fixes=fixes
            or (Fix("Install an ingress controller, for example Traefik; on microk8s: microk8s enable ingress"),),
        )


def stopped(evidence: Evidence) -> Iterator[Finding]:
    """A component that was scaled to nothing while the others run, or is not there at all."""
    cluster = evidence.cluster
    if cluster is None or cluster.workloads is None:
        return
    lasting = [w for w in cluster.workloads if w.kind != "Job"]
    if not any(w.wanted for w in lasting):
        return  # stopped as a whole: nothing is wrong with that
    for workload in lasting:
        if workload.wanted == 0 and workload.component in cluster.expected:
            command = kubectl(cluster, "scale", f"{workload.kind.lower()}/{workload.name}", "--replicas=1")
            yield Finding(
                f"component.stopped.{workload.component}",
                Level.FAIL,
                named(workload.component),
                "it is scaled to 0 pods, while the rest of the stack runs",
                why=means(workload.component),
                evidence=(f"{workload.kind} {workload.name}: replicas 0",),
                fixes=(Fix("Let it run", Risk.SAFE, (command,), id=f"start-{workload.component}"),),
            )
    installed = cluster.helm_release is not None and cluster.helm_release.status == "deployed"
    there = {w.component for w in lasting}
    if installed and cluster.helm_release is not None and age(evidence, cluster.helm_release.since) > _GRACE:
        for component in cluster.expected:
            if component not in there:
                yield Finding(
                    f"component.missing.{component}",
                    Level.FAIL,
                    named(component),
                    "it is not in the cluster, while the rest of the stack is",
                    why=means(component),
                    fixes=(launch_again(evidence.subject),),
                )


RULES = (services, ingresses, stopped)
