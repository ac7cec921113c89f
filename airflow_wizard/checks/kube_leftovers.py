"""Checks of the namespace: what an earlier launch has left, and what limits newcomers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.kube_case import BEFORE, EXISTING, amount, kubectl, reached, rows, said, words
from airflow_wizard.checks.kube_nodes import ROOM_COMFORT, ROOM_LEAST
from airflow_wizard.checks.machine import MIB
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.cluster import POSTGRES_MAJOR
from airflow_wizard.finding import Fix
from airflow_wizard.options.cluster_storage import NODE
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_wizard.finding import Finding
    from airflow_wizard.host.facts import Json

_STUCK = ("pending-install", "pending-upgrade", "pending-rollback", "uninstalling")
# One task process of Airflow, and the web server with one worker.
_CONTAINER_LEAST = 512 * MIB
_PODS = 6


def _listed(judge: Callable[[Case], Finding]) -> Callable[[Case], Finding]:
    def judged(case: Case) -> Finding:
        fact = case.facts.get("cluster_leftovers")
        if fact is None or not fact.known:
            return case.unknown(fact.error if fact is not None else "was not measured")
        seen, wanted = case.facts.text("cluster_leftovers", "name"), said(case, "namespace")
        if seen and wanted and seen != wanted:
            return case.unknown(f"namespace {one_line(seen, limit=63)} was looked at, not {one_line(wanted, limit=63)}")
        return judge(case)

    return reached(judged)


def _place(case: Case) -> str:
    return case.facts.text("cluster_leftovers", "name") or said(case, "namespace")


def _namespace(case: Case) -> Mapping[str, Json]:
    found = case.facts.value("cluster_leftovers", "namespace")
    return found if isinstance(found, dict) else {}


def _in_place(case: Case, *typed: str) -> tuple[str, ...]:
    return kubectl(case, "--namespace", _place(case), *typed)


def _helm(case: Case, *typed: str) -> tuple[str, ...]:
    file = ("--kubeconfig", path) if (path := said(case, "kubeconfig")) else ()
    return ("helm", *file, "--kube-context", case.facts.text("cluster", "context"), "--namespace", _place(case), *typed)


def _leftovers(case: Case) -> Finding:
    facts, place = case.facts, _place(case)
    if _namespace(case).get("phase") == "Terminating":
        return case.fail(
            f"namespace {one_line(place)} is being deleted",
            "a namespace that stays",
            "Nothing can be made in it until what is in it is gone.",
            Fix(
                "See what holds it",
                commands=(kubectl(case, "get", "namespace", place, "-o", "jsonpath={.status.conditions}"),),
            ),
            Fix("Or take another", answers=(("namespace", f"{place}-2"),), id="kube.other-namespace"),
        )
    release = facts.value("cluster_leftovers", "release")
    status = one_line(release.get("status")) if isinstance(release, dict) else ""
    name = facts.text("cluster_leftovers", "release_name")
    if status and isinstance(release, dict) and release.get("ours") is False:
        return case.fail(
            f"release {one_line(name)} is there, and was not installed by airflow-wizard",
            "a name of its own",
            "It would be changed by the launch, and removed together with this stack.",
            _other(place),
            Fix(f"Or give this stack another name: --name {one_line(name)}-2"),
            Fix("See what it is", commands=(_helm(case, "status", name),)),
            evidence=(f"secret/{one_line(release.get('secret'), limit=100)}",),
        )
    if status in _STUCK:
        return _stuck(case, name, status, release if isinstance(release, dict) else {})
    if foreign := words(facts.value("cluster_leftovers", "foreign")):
        shown = one_line(", ".join(foreign), limit=120)
        return case.fail(
            f"names that are taken: {shown}",
            f"no other objects called {one_line(name)}-…",
            "They belong to somebody else, and Helm refuses to take them over.",
            Fix("See whose they are", commands=(_in_place(case, "get", foreign[0], "-o", "yaml"),)),
            Fix("Take another namespace", answers=(("namespace", f"{place}-2"),), id="kube.other-namespace"),
        )
    if other := _other_database(case, name):
        return other
    if failed := list(rows(facts.value("cluster_leftovers", "failed_jobs"))):
        job = str(failed[0].get("name"))
        return case.warn(
            f"failed job {one_line(job)}: {one_line(failed[0].get('reason'), limit=80)}",
            "none",
            "It is from an earlier launch; a job is not run again under the same name.",
            Fix("See why", commands=(_in_place(case, "logs", f"job/{job}", "--all-containers", "--tail", "50"),)),
            Fix("Remove it", Risk.DISRUPTIVE, (_in_place(case, "delete", "job", job),)),
        )
    return _nothing_wrong(case, status, name)


def _stuck(case: Case, name: str, status: str, release: Mapping[str, Json]) -> Finding:
    first = (amount(release, "revision") or 1) <= 1
    back = _helm(case, "uninstall", name) if first else _helm(case, "rollback", name)
    title = "Remove what was begun; claims and their data stay" if first else "Go back to the revision before"
    return case.fail(
        f"release {one_line(name)} is in {status} (revision {amount(release, 'revision') or 0:.0f})",
        "a release that is not being worked on",
        "Helm was ended while it worked, or is at work now: it refuses with 'another operation is in progress'.",
        Fix("See whether somebody is at work", commands=(_helm(case, "history", name),)),
        Fix(title, Risk.DISRUPTIVE, (back,)),
        evidence=(f"secret/{one_line(release.get('secret'), limit=100)}",),
    )


def _other_database(case: Case, name: str) -> Finding | None:
    """The volume of a database server that another major version has written."""
    image = case.facts.text("cluster_leftovers", "database_image")
    there = image.rpartition(":")[2].partition(".")[0].partition("-")[0]
    if said(case, "database") == "external" or not there.isdigit() or int(there) == POSTGRES_MAJOR:
        return None
    dump = ("exec", f"statefulset/{name}-postgres", "--", "pg_dump", "-U", "airflow", "airflow")
    return case.fail(
        f"a database of PostgreSQL {there} is there, the plan brings PostgreSQL {POSTGRES_MAJOR}",
        f"PostgreSQL {POSTGRES_MAJOR}, or no database",
        "One major version cannot read the files of another: the server would not start.",
        Fix("Take its contents along", commands=(_in_place(case, *dump),)),
        Fix("Or use another namespace", answers=(("namespace", f"{_place(case)}-2"),), id="kube.other-namespace"),
    )


def _nothing_wrong(case: Case, status: str, name: str) -> Finding:
    facts, place = case.facts, one_line(_place(case))
    refused = words(facts.value("cluster_leftovers", "refused"))
    if status == "failed":
        why = "An earlier launch failed; the next one continues from there."
        return case.info(f"release {one_line(name)} is there and failed", why)
    if status:
        return case.ok(f"release {one_line(name)} is there: {status}; it is upgraded in place")
    claims = [one_line(claim.get("name"), limit=60) for claim in rows(facts.value("cluster_leftovers", "claims"))]
    if refused:
        return case.unknown(f"you may not list {one_line(', '.join(refused), limit=100)} in {place}")
    if claims:
        why = "The data of an earlier stack is used again; its database knows the password it was made with."
        look = Fix("See them", commands=(_in_place(case, "get", "persistentvolumeclaims"),))
        return case.info(f"claims that were kept: {', '.join(claims[:3])}", why, look)
    if _namespace(case).get("exists") is False:
        return case.ok(f"namespace {place} is new")
    return case.ok(f"nothing of this name in {place}")


def _quota(case: Case) -> Finding:
    place, refused = _place(case), words(case.facts.value("cluster_leftovers", "refused"))
    quotas, limits = (list(rows(case.facts.value("cluster_leftovers", key))) for key in ("quotas", "limits"))
    see = Fix("See it", commands=(_in_place(case, "describe", "resourcequotas,limitranges"),))
    for quota in quotas:
        left = quota.get("left")
        for what, least, words_of in _LEAST:
            amount_left = amount(left, what) if isinstance(left, dict) else None
            if amount_left is not None and amount_left < least:
                has = human_bytes(max(amount_left, 0)) if least > 1000 else f"{max(amount_left, 0):g}"
                need = human_bytes(least) if least > 1000 else f"{least:g}"
                why = (
                    "The API server refuses pods that go beyond it; their controllers try for ever, and no pod appears."
                )
                found = f"quota {one_line(quota.get('name'))} leaves {has} of {words_of}"
                return case.fail(found, need, why, see, _other(place))
    for limit in limits:
        memory = amount(limit, "memory")
        if memory is not None and memory < _CONTAINER_LEAST:
            why = "No container may have more, and Airflow's scheduler and web server need more."
            found = f"{one_line(limit.get('name'))} gives a container {human_bytes(memory)} at most"
            return case.fail(found, human_bytes(_CONTAINER_LEAST), why, see, _other(place))
    if {"resourcequotas", "limitranges"} & set(refused):
        return case.unknown("you may not list quotas and limit ranges")
    if quotas or limits:
        names = one_line(", ".join(str(entry.get("name")) for entry in (*quotas, *limits)), limit=80)
        return case.ok(f"{names}: enough is left")
    return case.ok("none")


_LEAST = (
    ("requests.memory", ROOM_LEAST, "memory to ask for"),
    ("memory", ROOM_LEAST, "memory to ask for"),
    ("limits.memory", ROOM_COMFORT, "memory limits"),
    ("requests.cpu", 0.3, "CPU to ask for"),
    ("cpu", 0.3, "CPU to ask for"),
    ("pods", _PODS, "pods"),
    ("count/pods", _PODS, "pods"),
    ("persistentvolumeclaims", 1, "volume claims"),
    ("count/persistentvolumeclaims", 1, "volume claims"),
    ("secrets", 6, "secrets"),
    ("count/secrets", 6, "secrets"),
)


def _other(place: str) -> Fix:
    return Fix("Or take another namespace", answers=(("namespace", f"{place}-2"),), id="kube.other-namespace")


def _pod_security(case: Case) -> Finding:
    level, place = one_line(_namespace(case).get("pod_security") or "", limit=30), _place(case)
    if case.facts.value("cluster_leftovers", "namespace") is None:
        return case.unknown("you may not see the namespace")
    if level in ("", "privileged"):
        return case.ok(level or "not enforced")
    folder = bool(said(case, "dags")) and not said(case, "git_repo")
    if folder and case.is_for(*EXISTING):
        # A claim is allowed at every level; it is the volume behind it that is a folder of a node.
        folder = False
    if level == "restricted":
        allow = kubectl(case, "label", "namespace", place, "pod-security.kubernetes.io/enforce=baseline", "--overwrite")
        return case.warn(
            "restricted is enforced",
            "baseline",
            "Pods of the chart do not say everything this level asks for: they are refused, and none appears.",
            Fix("Let baseline be enough", Risk.DISRUPTIVE, (allow,)),
            _other(place),
        )
    if folder or said(case, "log_storage") == NODE:
        return case.ok(f"{level} is enforced: folders of nodes come in as volumes, which it allows")
    return case.ok(f"{level} is enforced, which the pods keep to")


CHECKS = (
    Check(
        "kube.leftovers",
        "Left there",
        "What is in the namespace already gets into the way, or is used again.",
        ("cluster",),
        _listed(_leftovers),
        EXISTING,
        also=("cluster_leftovers", *BEFORE),
    ),
    Check(
        "kube.quota",
        "Quota",
        "A namespace may be limited.",
        ("cluster",),
        _listed(_quota),
        EXISTING,
        also=("cluster_leftovers", *BEFORE),
    ),
    Check(
        "kube.pod-security",
        "Pod security",
        "A namespace may refuse pods that do not say how they are confined.",
        ("cluster",),
        _listed(_pod_security),
        EXISTING,
        also=("cluster_leftovers", *BEFORE),
    ),
)
