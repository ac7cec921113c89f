"""What a launch does in a cluster, as rights that the person needs there. One list; probes ask it, checks judge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_wizard.cluster import Need

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_wizard.host.facts import Json

_WRITE = ("create", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Right:
    """One kind of thing, and what is done with it.

    Attributes:
        resource: plural, and after a slash the part of it that is meant: ``pods/log``.
        group: API group; empty for the core.
        verbs: as authorization knows them.
        why: what a plan does with it.
        when: what makes it needed.
        everywhere: it is not in a namespace.
    """

    resource: str
    group: str
    verbs: tuple[str, ...]
    why: str
    when: Need = Need.ALWAYS
    everywhere: bool = False

    @property
    def name(self) -> str:
        """As kubectl takes it: ``deployments.apps``."""
        resource, slash, part = self.resource.partition("/")
        return f"{resource}.{self.group}{slash}{part}" if self.group else self.resource


RIGHTS = (
    Right("namespaces", "", ("create",), "make the namespace", Need.NAMESPACE, everywhere=True),
    Right(
        "persistentvolumes",
        "",
        ("get", *_WRITE),
        "share a folder of a node between pods",
        Need.VOLUMES,
        everywhere=True,
    ),
    Right("secrets", "", ("get", "list", *_WRITE), "keep passwords, and Helm its releases"),
    Right("configmaps", "", ("get", *_WRITE), "configure Airflow"),
    Right("serviceaccounts", "", ("get", *_WRITE), "give each component an identity"),
    Right("services", "", ("get", "list", *_WRITE), "let components find each other"),
    Right("persistentvolumeclaims", "", ("get", "list", *_WRITE), "keep data"),
    Right("deployments", "apps", ("get", "list", "watch", *_WRITE), "run the scheduler and the web server"),
    Right("statefulsets", "apps", ("get", "list", "watch", *_WRITE), "run what keeps its data"),
    Right("jobs", "batch", ("get", "list", "watch", *_WRITE), "prepare the database"),
    Right("roles", "rbac.authorization.k8s.io", ("get", *_WRITE), "let Airflow start pods and read their logs"),
    Right("rolebindings", "rbac.authorization.k8s.io", ("get", *_WRITE), "let Airflow start pods and read their logs"),
    Right("pods", "", ("get", "list", "watch", "delete"), "see what runs"),
    Right("pods/log", "", ("get",), "read logs"),
    Right("pods/exec", "", ("create",), "run Airflow's commands"),
    Right("pods/portforward", "", ("create",), "reach the web page from this machine"),
    Right("events", "", ("list", "watch"), "see why something waits"),
    Right("pods", "", ("create", "patch"), "start a pod for each task", Need.PODS),
    Right("ingresses", "networking.k8s.io", ("get", *_WRITE), "publish the web page", Need.INGRESS),
    Right("ingressroutes", "traefik.io", ("get", *_WRITE), "publish the web page by Traefik", Need.ROUTE),
)


def questions(namespace: str) -> list[dict[str, Json]]:
    """The ``resourceAttributes`` of one SelfSubjectAccessReview for each verb, in the order of `RIGHTS`."""
    return [
        {
            "namespace": "" if right.everywhere else namespace,
            "verb": verb,
            "group": right.group,
            "resource": right.resource.partition("/")[0],
            "subresource": right.resource.partition("/")[2],
        }
        for right in RIGHTS
        for verb in right.verbs
    ]


def covered(rules: Iterable[Mapping[str, Any]], question: Mapping[str, Json]) -> bool:
    """Whether rules of a SelfSubjectRulesReview allow this in the namespace they were asked for.

    Never for what is in no namespace: a rule does not say whether it holds everywhere. Nor by one that holds for
    single objects.
    """
    if not question["namespace"]:
        return False
    name = f"{question['resource']}/{question['subresource']}" if question["subresource"] else question["resource"]
    wanted = (("verbs", question["verb"]), ("apiGroups", question["group"]), ("resources", name))

    def allows(rule: Mapping[str, Any]) -> bool:
        given = [(rule.get(key) or (), value) for key, value in wanted]
        return not rule.get("resourceNames") and all("*" in said or value in said for said, value in given)

    return any(allows(rule) for rule in rules)


def answers(allowed: list[bool | None]) -> list[Json]:
    """One fact for each of `RIGHTS`: resource, group, when, refused verbs and those that nobody answered for.

    ``allowed`` has one entry for each of `questions`; None where there was no answer.
    """
    left = iter(allowed)
    found: list[Json] = []
    for right in RIGHTS:
        said = [(verb, next(left, None)) for verb in right.verbs]
        found.append(
            {
                "name": right.name,
                "when": str(right.when),
                "everywhere": right.everywhere,
                "why": right.why,
                "refused": [verb for verb, yes in said if yes is False],
                "unanswered": [verb for verb, yes in said if yes is None],
            }
        )
    return found
