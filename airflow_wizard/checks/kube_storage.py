"""Checks of what a cluster keeps data in, and of what leads people to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.kube_case import BEFORE, EXISTING, kubectl, reached, rows, said, words
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.cluster import AccessMode
from airflow_wizard.finding import Fix
from airflow_wizard.options.access import TRAEFIK
from airflow_wizard.options.cluster_storage import CLAIM, NODE, PODS
from airflow_wizard.options.model import Target
from airflow_wizard.options.own_cluster import LOCAL_PATH
from airflow_wizard.risk import Risk
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.finding import Finding
    from airflow_wizard.host.facts import Json

    Class = Mapping[str, Json]

# Classes that a launch brings along where they are missing.
_BROUGHT = {Target.MICROK8S: "microk8s-hostpath", Target.KUBEADM: "local-path"}
_WAITS = "A claim that no class serves waits for ever, and the pods that need it with it."


def _storage(case: Case) -> Finding:
    fact = case.facts.get("cluster_storage")
    if fact is None or not fact.known:
        return case.unknown(fact.error if fact is not None else "was not measured")
    known = list(rows(case.facts.value("cluster_storage", "classes")))
    wanted = said(case, "storage_class")
    chosen = next((c for c in known if c.get("name") == wanted), None)
    if not wanted:
        chosen = next((c for c in known if c.get("default") is True), None)
    needs = _needs(case)
    if chosen is None and needs:
        return _no_class(case, known, wanted)
    if chosen is None:
        return case.ok("nothing has to be kept in a volume of its own")
    return _modes(case, chosen, known, needs)


def _needs(case: Case) -> list[AccessMode]:
    """Access modes that the plan claims by class."""
    modes = [AccessMode.ONE] if said(case, "database") != "external" or "Celery" in said(case, "executor") else []
    return modes + ([AccessMode.MANY] if said(case, "log_storage") == CLAIM else [])


def _no_class(case: Case, known: list[Class], wanted: str) -> Finding:
    names = [str(c.get("name")) for c in known]
    shown = one_line(", ".join(names), limit=100)
    takes = tuple(
        Fix(f"Take {one_line(name, limit=40)}", answers=(("storage_class", name),), id=f"kube.class-{number}")
        for number, name in enumerate(names[:3], 1)
    )
    if case.target is not None and _BROUGHT.get(case.target) == wanted:
        on = ("microk8s", "enable", "hostpath-storage")
        fix = Fix(
            "Do it now", commands=(on if case.target is Target.MICROK8S else kubectl(case, "apply", "-f", LOCAL_PATH),)
        )
        return case.warn(f"no class {wanted} yet", "a storage class", f"{_WAITS} The launch brings it.", fix)
    if wanted and known:
        return case.fail(f"no class {one_line(wanted)!r}; there are: {shown}", "one that exists", _WAITS, *takes)
    if known:
        make = ("patch", "storageclass", names[0], "-p", _DEFAULT_PATCH)
        default = Fix(f"Or make {one_line(names[0], limit=40)} the default", Risk.DISRUPTIVE, (kubectl(case, *make),))
        return case.fail(
            f"no default class; there are: {shown}", "a default class, or one by name", _WAITS, *takes, default
        )
    fix = Fix(
        "Install one that uses a folder of each node", Risk.DISRUPTIVE, (kubectl(case, "apply", "-f", LOCAL_PATH),)
    )
    judged = case.warn if case.target is Target.KUBEADM else case.fail
    return judged("no storage class", "a storage class", _WAITS, fix)


_DEFAULT_PATCH = '{"metadata":{"annotations":{"storageclass.kubernetes.io/is-default-class":"true"}}}'


def _modes(case: Case, chosen: Class, known: list[Class], needs: list[AccessMode]) -> Finding:
    bound, name = chosen.get("modes"), one_line(chosen.get("name"), limit=40)
    found = f"{name} ({one_line(chosen.get('provisioner'), limit=60)})"
    if not isinstance(bound, list):
        if AccessMode.MANY in needs:
            why = "The logs are to be shared by all pods, and whether this provisioner can is not known here."
            return case.warn(found, str(AccessMode.MANY), why, *_other_logs(), *_who_can(known))
        return case.ok(found)
    lacking = [mode for mode in needs if mode not in bound]
    if lacking and not bound:
        why = "It makes no volumes: somebody has to make each by hand."
        return case.fail(found, "a class that makes volumes", why, *_who_can(known, AccessMode.ONE), *_see(case))
    if lacking:
        why = "The logs are to be shared by all pods; this one gives a volume to one node only: the claim waits."
        return case.fail(
            f"{found}, {' and '.join(words(bound))} only", AccessMode.MANY, why, *_who_can(known), *_other_logs()
        )
    return case.ok(f"{found}, {', '.join(words(bound))}")


def _see(case: Case) -> tuple[Fix, ...]:
    return (Fix("See the classes", commands=(kubectl(case, "get", "storageclasses"),)),)


def _who_can(known: list[Class], mode: str = AccessMode.MANY) -> tuple[Fix, ...]:
    can = [str(c.get("name")) for c in known if mode in words(c.get("modes"))]
    return tuple(
        Fix(
            f"Take {one_line(name, limit=40)}, which can",
            answers=(("storage_class", name),),
            id=f"kube.shared-{number}",
        )
        for number, name in enumerate(can[:2], 1)
    )


def _other_logs() -> tuple[Fix, ...]:
    return (
        Fix("Leave each log with its pod", answers=(("log_storage", PODS),), id="kube.logs-pods"),
        Fix("Or in a folder of one node", answers=(("log_storage", NODE),), id="kube.logs-node"),
    )


def _ingress(case: Case) -> Finding:
    host, wanted = said(case, "ingress_host"), said(case, "ingress_class")
    there = case.facts.value("cluster", "ingress_classes")
    names = words(there)
    shown = one_line(", ".join(names), limit=80)
    if not host:
        return case.ok(f"not needed; there are: {shown}" if names else "not needed: reached from this machine")
    if wanted == TRAEFIK:
        return _traefik(case)
    if there is None:
        return case.unknown("you may not list ingress classes")
    if case.target is Target.MICROK8S and not names:
        return case.warn("no ingress class yet", "one", "The launch switches its ingress on.", *_controller(case))
    if wanted and wanted not in names:
        fixes = tuple(
            Fix(f"Take {one_line(name, limit=40)}", answers=(("ingress_class", name),), id=f"kube.ingress-{number}")
            for number, name in enumerate(names[:3], 1)
        )
        found = f"no class {one_line(wanted)!r}" + (f"; there are: {shown}" if names else "")
        return case.fail(
            found, "one that exists", "Nobody reads an Ingress of a class that is not there.", *fixes, _forward()
        )
    if not names:
        why = "An Ingress is only a wish: a controller has to answer for it, and none is there."
        return case.fail("no ingress class", "an ingress controller", why, *_controller(case), _forward())
    return case.ok(one_line(wanted or shown, limit=80))


def _traefik(case: Case) -> Finding:
    groups = words(case.facts.value("cluster", "traefik"))
    if "traefik.io" in groups:
        return case.ok("Traefik (traefik.io)")
    why = "The route is one of Traefik's own kinds, of API group traefik.io."
    if groups:
        found = f"Traefik 2 ({one_line(', '.join(groups))})"
        return case.fail(found, "traefik.io, of Traefik 2.10 and newer", why, *_controller(case), _forward())
    return case.fail("Traefik is not there", "Traefik with its CRDs", why, *_controller(case), _forward())


def _controller(case: Case) -> tuple[Fix, ...]:
    if case.target is Target.MICROK8S:
        return (Fix("Switch its ingress on", commands=(("microk8s", "enable", "ingress"),)),)
    install = ("helm", "upgrade", "--install", "traefik", "traefik", "--repo", "https://traefik.github.io/charts")
    where = ("--namespace", "traefik", "--create-namespace")
    file = ("--kubeconfig", path) if (path := said(case, "kubeconfig")) else ()
    context = ("--kube-context", case.facts.text("cluster", "context"))
    return (Fix("Install Traefik", Risk.DISRUPTIVE, ((*install, *where, *file, *context),)),)


def _forward() -> Fix:
    return Fix("Or reach it from this machine alone", answers=(("ingress_host", None),), id="kube.no-ingress")


CHECKS = (
    Check(
        "kube.storage",
        "Storage",
        "The database and logs are kept in volumes.",
        ("cluster",),
        reached(_storage),
        EXISTING,
        also=("cluster_storage", *BEFORE),
    ),
    Check(
        "kube.ingress",
        "Ingress",
        "It leads a host name to Airflow.",
        ("cluster",),
        reached(_ingress),
        EXISTING,
        also=BEFORE,
    ),
)
