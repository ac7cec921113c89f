"""Which cluster, which chart, and where in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.catalog.charts import charts, charts_for
from airflow_wizard.catalog.load import parse_version
from airflow_wizard.catalog.model import Version
from airflow_wizard.errors import InvalidError
from airflow_wizard.options import rules
from airflow_wizard.options.machine import release_of
from airflow_wizard.options.model import KUBERNETES_TARGETS, Choice, Kind, Option, Situation, Target
from airflow_wizard.options.resources import executor_of

if TYPE_CHECKING:
    from airflow_wizard.catalog.model import ChartRelease
    from airflow_wizard.finding import Answer

GROUP = "Cluster"
# The first chart that takes several executors side by side.
_SEVERAL_EXECUTORS = Version(1, 16, 0)
OFFICIAL_CHART = "https://airflow.apache.org"
_EXISTING = frozenset({Target.CONTEXT, Target.MICROK8S, Target.KUBEADM})
# MicroK8s brings a kubectl of its own that knows where to look.
_BY_KUBECONFIG = frozenset({Target.CONTEXT, Target.KUBEADM})
ADMIN_CONF = "/etc/kubernetes/admin.conf"
_CONTEXTS = {Target.MICROK8S: "microk8s", Target.KUBEADM: "kubernetes-admin@kubernetes"}


def _usable(situation: Situation) -> tuple[ChartRelease, ...]:
    return charts_for(release_of(situation))


def _default_chart(situation: Situation) -> str:
    return str(_usable(situation)[0].version)


def _because_chart(situation: Situation) -> str:
    if _usable(situation)[0] != charts()[0]:
        return f"the last one that accepts Airflow {release_of(situation).version}"
    return "the newest released one"


def _charts(situation: Situation) -> tuple[Choice, ...]:
    default = _default_chart(situation)
    return tuple(
        Choice(str(known.version), "", _because_chart(situation) if str(known.version) == default else "")
        for known in _usable(situation)
    )


def _refuse_chart(value: Answer, situation: Situation) -> str:
    try:
        asked = parse_version(str(value))
    except InvalidError:
        return f"is not a chart version; for example {charts()[0].version}"
    airflow, usable = release_of(situation).version, _usable(situation)
    newest, oldest = usable[0].version, usable[-1].version
    if asked > charts()[0].version or asked < charts()[-1].version:
        return f"is not one this wizard knows the values of: {charts()[-1].version} to {charts()[0].version}"
    if asked > newest:
        return f"refuses Airflow {airflow}; take {newest} or older"
    if asked < oldest:
        return f"cannot run Airflow {airflow}; take {oldest} or newer"
    if "," in executor_of(situation) and asked < _SEVERAL_EXECUTORS:
        return f"takes one executor only; take {_SEVERAL_EXECUTORS} or newer"
    return ""


def _refuse_namespace(text: str) -> str:
    """Source: Kubernetes' "Namespaces": the prefix ``kube-`` is reserved for its own."""
    return "belongs to Kubernetes itself" if text.startswith("kube-") else rules.label(text)


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


def _default_kubeconfig(situation: Situation) -> Answer:
    """The file kubeadm writes, unless this user may not read it and has its context in one of their own."""
    known = situation.facts.value("kubectl", "contexts")
    own = isinstance(known, list) and situation.text("context") in known
    readable = situation.facts.value("kubeadm_preflight", "admin_conf_readable") is True
    return None if situation.target is Target.CONTEXT or (own and not readable) else ADMIN_CONF


def _because_kubeconfig(situation: Situation) -> str:
    if _default_kubeconfig(situation):
        return "the file kubeadm writes"
    return "kubectl's own: KUBECONFIG, or .kube/config in your home folder"


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
        name="kubeconfig",
        title="Kubeconfig",
        group=GROUP,
        kind=Kind.PATH,
        help="File that the context stands in; empty for the one kubectl reads by itself.",
        why="Name the file an administrator gave you, or kubeadm's own; nothing is copied from it.",
        default=_default_kubeconfig,
        because=_because_kubeconfig,
        targets=_BY_KUBECONFIG,
        refuse=rules.optional(rules.path),
        expert=True,
        example="/etc/kubernetes/admin.conf",
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
        refuse=rules.needed(rules.optional(_refuse_namespace), "a name"),
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
        example="1.22.0",
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
