"""Check of what we may do in the cluster, before anything is started there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.kube_case import BEFORE, EXISTING, kubectl, reached, rows, said, words
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.cluster import Need
from airflow_wizard.finding import Fix
from airflow_wizard.options import cluster_storage
from airflow_wizard.options.access import TRAEFIK
from airflow_wizard.risk import Risk
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.finding import Finding
    from airflow_wizard.host.facts import Json

    Right = Mapping[str, Json]

_MOST = 12
# More refusals than these mean that nothing was granted there at all.
_FEW = 6
_ACCOUNT = "system:serviceaccount:"


def needed(case: Case) -> set[Need]:
    """What the plan is, in words of `airflow_wizard.cluster.Need`."""
    found = {Need.ALWAYS}
    place = case.facts.value("cluster_leftovers", "namespace")
    if isinstance(place, dict) and place.get("exists") is False:
        found.add(Need.NAMESPACE)
    folder = bool(said(case, "dags")) and not said(case, "git_repo")
    if folder or said(case, "log_storage") == cluster_storage.NODE:
        found.add(Need.VOLUMES)
    if "Kubernetes" in said(case, "executor"):
        found.add(Need.PODS)
    if said(case, "ingress_host"):
        found.add(Need.ROUTE if said(case, "ingress_class") == TRAEFIK else Need.INGRESS)
    return found


def _rights(case: Case) -> Finding:
    fact = case.facts.get("cluster_rights")
    if fact is None or not fact.known:
        return case.unknown(fact.error if fact is not None else "was not measured")
    seen, meant = case.facts.text("cluster_rights", "namespace"), said(case, "namespace")
    if seen and meant and seen != meant:
        return case.unknown(f"namespace {one_line(seen, limit=63)} was looked at, not {one_line(meant, limit=63)}")
    wanted = needed(case)
    asked = [right for right in rows(case.facts.value("cluster_rights", "rights")) if right.get("when") in wanted]
    refused = [right for right in asked if words(right.get("refused"))]
    place = one_line(case.facts.text("cluster_rights", "namespace") or said(case, "namespace"), limit=63)
    if not refused:
        silent = [right for right in asked if words(right.get("unanswered"))]
        if silent or not asked:
            return case.unknown(f"the cluster did not say for {len(silent)} of {len(asked)} kinds of objects")
        return case.ok(f"everything the plan does in {place} is allowed")
    return case.fail(
        f"you may not {_short(refused)}",
        f"the rights to install Airflow into {place}",
        f"It would stop half-way: {', '.join(dict.fromkeys(_why(right) for right in refused[:4]))}.",
        *_fixes(case, refused, place),
        evidence=tuple(_line(right, place) for right in refused)[:_MOST],
    )


def _short(refused: list[Right]) -> str:
    """``create roles, rolebindings and 3 more; watch events``: the groups are in the evidence."""
    found: dict[str, list[str]] = {}
    for right in refused:
        verbs = words(right.get("refused"))
        name = one_line(right.get("name"), limit=60)
        resource, slash, part = name.partition("/")
        found.setdefault("create" if "create" in verbs else verbs[0], []).append(
            resource.partition(".")[0] + slash + part
        )
    return "; ".join(
        f"{verb} {', '.join(names[:3])}" + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        for verb, names in found.items()
    )


def _why(right: Right) -> str:
    return one_line(right.get("why"), limit=60)


def _line(right: Right, place: str) -> str:
    where = "" if right.get("everywhere") is True else f" --namespace {place}"
    verbs = ", ".join(words(right.get("refused")))
    return f"kubectl auth can-i {one_line(verbs, limit=60)} {one_line(right.get('name'), limit=60)}{where}: no"


def _fixes(case: Case, refused: list[Right], place: str) -> tuple[Fix, ...]:
    kinds = {str(right.get("when")) for right in refused}
    fixes: list[Fix] = []
    if Need.NAMESPACE in kinds or len(refused) > _FEW:
        try_one = ("auth", "can-i", "create", "deployments.apps", "--namespace", "NAME")
        fixes.append(
            Fix("Name one you may use: --set namespace=NAME; see whether", commands=(kubectl(case, *try_one),))
        )
    if Need.VOLUMES in kinds:
        fixes += _without_volumes(case)
    if Need.ROUTE in kinds or Need.INGRESS in kinds:
        fixes.append(Fix("Reach it from this machine alone", answers=(("ingress_host", None),), id="kube.no-ingress"))
    if Need.PODS in kinds and kinds == {Need.PODS}:
        fixes.append(
            Fix("Run tasks beside the scheduler", answers=(("executor", "LocalExecutor"),), id="kube.local-executor")
        )
    return (*fixes, _by_administrator(case, kinds, place))


def _without_volumes(case: Case) -> list[Fix]:
    fixes = []
    if said(case, "log_storage") == cluster_storage.NODE:
        answers = (("log_storage", cluster_storage.PODS),)
        fixes.append(Fix("Leave each log with its pod", answers=answers, id="kube.logs-pods"))
    if said(case, "dags") and not said(case, "git_repo"):
        fixes.append(
            Fix("Bring DAGs with the image or from git_repo", answers=(("dags", None),), id="kube.no-dags-folder")
        )
    return fixes


def _by_administrator(case: Case, kinds: set[str], place: str) -> Fix:
    """What somebody with all rights types, once."""
    user = case.facts.text("cluster", "user")
    account = user.removeprefix(_ACCOUNT)
    subject = f"--serviceaccount={account}" if user.startswith(_ACCOUNT) else f"--user={user or 'USER'}"
    commands: list[tuple[str, ...]] = []
    if Need.NAMESPACE in kinds or case.facts.value("cluster_leftovers", "namespace") is None:
        # Where it cannot be seen it may be there: then this one says so and changes nothing.
        commands.append(("kubectl", "create", "namespace", place))
    if kinds - {Need.NAMESPACE, Need.VOLUMES, Need.ROUTE}:
        bind = ("create", "rolebinding", "airflow-wizard", "--clusterrole=admin", subject, "--namespace", place)
        commands.append(("kubectl", *bind))
    if Need.ROUTE in kinds:
        verbs, what = "--verb=get,list,watch,create,patch,delete", "--resource=ingressroutes.traefik.io"
        commands.append(("kubectl", "create", "role", "airflow-routes", verbs, what, "--namespace", place))
        bind = ("create", "rolebinding", "airflow-routes", "--role=airflow-routes", subject, "--namespace", place)
        commands.append(("kubectl", *bind))
    if Need.VOLUMES in kinds:
        verbs = "--verb=get,list,create,patch,delete"
        commands.append(("kubectl", "create", "clusterrole", "airflow-volumes", verbs, "--resource=persistentvolumes"))
        commands.append(
            ("kubectl", "create", "clusterrolebinding", "airflow-volumes", "--clusterrole=airflow-volumes", subject)
        )
    return Fix("Have an administrator of the cluster type this", Risk.DISRUPTIVE, tuple(commands))


CHECKS = (
    Check(
        "kube.rights",
        "Rights",
        "A launch that may not finish is not begun.",
        ("cluster",),
        reached(_rights),
        EXISTING,
        also=("cluster_rights", "cluster_leftovers", *BEFORE),
    ),
)
