"""Which cluster, which chart, and where in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.options import rules
from airflow_wizard.options.machine import release_of
from airflow_wizard.options.model import KUBERNETES_TARGETS, Choice, Kind, Option, Situation, Target

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

GROUP = "Cluster"
NEWEST_CHART = "1.22.0"
# The last chart whose check-values.yaml lets Airflow older than 2.11 through.
LAST_CHART_BEFORE_2_11 = "1.19.0"
# The first one that gives Airflow 3 a stable [api] secret_key and the right name of the JWT secret.
FIRST_CHART_FOR_3 = "1.18.0"
OFFICIAL_CHART = "https://airflow.apache.org"
_CHART = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})", re.ASCII)
_EXISTING = frozenset({Target.CONTEXT, Target.MICROK8S, Target.KUBEADM})
_CONTEXTS = {Target.MICROK8S: "microk8s", Target.KUBEADM: "kubernetes-admin@kubernetes"}


def _before_2_11(situation: Situation) -> bool:
    version = release_of(situation).version
    return (version.major, version.minor) < (2, 11)


def _default_chart(situation: Situation) -> str:
    return LAST_CHART_BEFORE_2_11 if _before_2_11(situation) else NEWEST_CHART


def _because_chart(situation: Situation) -> str:
    if _before_2_11(situation):
        return f"the last one that accepts Airflow {release_of(situation).version}"
    return "the newest released one"


def _charts(situation: Situation) -> tuple[Choice, ...]:
    return (Choice(_default_chart(situation), "", _because_chart(situation)),)


def _refuse_chart(value: Answer, situation: Situation) -> str:
    asked = _key(str(value))
    if asked is None:
        return f"is not a chart version; for example {NEWEST_CHART}"
    version = release_of(situation).version
    if asked >= (2, 0, 0) and (version.major, version.minor) < (3, 1):
        return f"refuses Airflow {version}; take {_default_chart(situation)}"
    if _before_2_11(situation) and asked > _of(LAST_CHART_BEFORE_2_11):
        return f"refuses Airflow {version}; take {LAST_CHART_BEFORE_2_11} or older"
    if version.major >= 3 and asked < _of(FIRST_CHART_FOR_3):
        return f"cannot run Airflow {version}; take {FIRST_CHART_FOR_3} or newer"
    return ""


def _key(text: str) -> tuple[int, int, int] | None:
    found = _CHART.fullmatch(text)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def _of(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _refuse_source(text: str) -> str:
    if text.startswith("http://"):
        return "must be https: a chart fetched in the open could be changed on the way"
    if "://" in text and not text.startswith(("https://", "oci://", "file://")):
        return "must be an https or oci address, or a path"
    return "must not contain spaces" if "://" in text and " " in text else ""


def _refuse_context(value: Answer, situation: Situation) -> str:
    if value is not None:
        return "" if not str(value).startswith("-") else "is not the name of a context"
    if situation.target is Target.CONTEXT:
        return "needs the name of a kube context: the current one is never assumed. See: kubectl config get-contexts"
    return "needs the name of a kube context"


OPTIONS = (
    Option(
        name="context",
        title="Kube context",
        group=GROUP,
        kind=Kind.TEXT,
        help="Name of the kube context, as kubectl config get-contexts lists it.",
        why="Always named, so that a changed current context never sends Airflow to another cluster.",
        default=lambda s: _CONTEXTS.get(s.target),
        because=lambda s: f"the name {s.target} gives its own" if s.target in _CONTEXTS else "only you know it",
        targets=_EXISTING,
        refuse=_refuse_context,
        example="my-cluster",
    ),
    Option(
        name="namespace",
        title="Namespace",
        group=GROUP,
        kind=Kind.TEXT,
        help="Namespace everything is put into.",
        why="One of its own: what is in it goes when Airflow is removed.",
        default=lambda _: "airflow",
        because=lambda _: "its usual name",
        targets=KUBERNETES_TARGETS,
        refuse=rules.needed(rules.optional(rules.label), "a name"),
        example="airflow",
    ),
    Option(
        name="storage_class",
        title="Storage class",
        group=GROUP,
        kind=Kind.TEXT,
        help="Storage class of every volume claim; empty for the cluster's default.",
        why="Name one when the cluster has no default class: claims would wait for ever.",
        default=lambda s: "microk8s-hostpath" if s.target is Target.MICROK8S else None,
        because=lambda s: "its own add-on" if s.target is Target.MICROK8S else "the cluster's default class",
        targets=KUBERNETES_TARGETS,
        refuse=rules.optional(rules.host_name),
        example="local-path",
    ),
    Option(
        name="chart_version",
        title="Chart version",
        group=GROUP,
        kind=Kind.TEXT,
        help="Release of the official Helm chart.",
        why="The newest that accepts the chosen Airflow; another one to match a cluster you already have.",
        default=_default_chart,
        because=_because_chart,
        choices=_charts,
        targets=KUBERNETES_TARGETS,
        refuse=_refuse_chart,
        expert=True,
        example=NEWEST_CHART,
    ),
    Option(
        name="chart_source",
        title="Chart source",
        group=GROUP,
        kind=Kind.TEXT,
        help="Where the chart comes from: a repository, an oci:// address, or a folder or .tgz on this machine.",
        why="The official repository, unless the cluster has no way out.",
        default=lambda _: OFFICIAL_CHART,
        because=lambda _: "the official repository",
        targets=KUBERNETES_TARGETS,
        refuse=rules.needed(rules.optional(_refuse_source), "an address or a path"),
        expert=True,
        example=OFFICIAL_CHART,
    ),
)
