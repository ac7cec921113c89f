"""Check of a cluster's door: it answers, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.kube_case import BEFORE, EXISTING, NO_CLUSTER, is_bare, is_stopped, kubectl, said
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.kubernetes import ADMIN_CONF
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding

_WHY = "Airflow is installed into this cluster."
# Programs that sign in to a cloud, and how its people get them and a fresh kubeconfig.
_CLOUDS = {
    "aws": ("aws", "eks", "update-kubeconfig", "--name", "CLUSTER"),
    "gke-gcloud-auth-plugin": ("gcloud", "components", "install", "gke-gcloud-auth-plugin"),
    "kubelogin": ("az", "aks", "install-cli"),
    "doctl": ("doctl", "auth", "init"),
}


_PLAIN = {
    "unauthorized": "it does not accept your sign-in (401)",
    "refused": "nothing listens there",
    "dns": "this name is not known here",
    "plugin_failed": "the program that signs in failed",
}


def _reachable(case: Case) -> Finding:
    facts = case.facts
    kind, asked = facts.text("cluster", "error_kind"), said(case, "context")
    if asked and facts.text("cluster", "context") not in ("", one_line(asked, limit=120)):
        return case.unknown(f"the facts are about context {one_line(facts.text('cluster', 'context'), limit=60)}")
    if facts.value("cluster", "reachable") is True:
        user = one_line(facts.text("cluster", "user"), limit=60)
        found = f"{one_line(facts.text('cluster', 'context'))}: Kubernetes {one_line(facts.text('cluster', 'version'))}"
        return case.ok(f"{found}, as {user}" if user else found)
    if is_bare(case):
        return case.info("no cluster yet", "kubeadm makes one on this server; each command is shown before it is run.")
    if is_stopped(case):
        return case.info("not running yet", "The launch starts MicroK8s first.")
    if kind == "not_named":
        return case.unknown("no context is named", causes=("kube.context",))
    if case.target is Target.KUBEADM and kind in NO_CLUSTER:
        return _admin_file(case)
    return _shut(case, kind)


def _admin_file(case: Case) -> Finding:
    """A cluster that kubeadm has made here, and that this user's kubeconfig does not know."""
    home, user = case.facts.text("system", "home") or "/root", case.facts.text("system", "user") or "YOU"
    path = case.facts.text("kubeadm_preflight", "admin_conf") or ADMIN_CONF
    copy = Fix(
        "Copy it into your home folder",
        Risk.PRIVILEGED,
        (
            ("mkdir", "-p", f"{home}/.kube"),
            ("sudo", "cp", path, f"{home}/.kube/config"),
            ("sudo", "chown", user, f"{home}/.kube/config"),
        ),
    )
    return case.fail(
        f"there is a cluster, and you have no way in: {_error(case)}",
        "a kubeconfig for it",
        "kubeadm leaves the way in with root alone.",
        copy,
    )


def _shut(case: Case, kind: str) -> Finding:
    facts, error = case.facts, _error(case)
    plugin, server = one_line(facts.text("cluster", "plugin")), one_line(facts.text("cluster", "server"))
    look = Fix("See what kubectl says", commands=(kubectl(case, "get", "--raw", "/readyz"),))
    contexts = Fix("See which contexts there are", commands=(("kubectl", "config", "get-contexts"),))
    name = plugin.rpartition("/")[2]
    how = Fix("See how it is called, and call it yourself", commands=(kubectl(case, "config", "view", "--minify"),))
    sign_in = Fix("Set it up again", commands=(_CLOUDS[name],)) if name in _CLOUDS else how
    needed, why, fixes = {
        "kubectl_missing": ("kubectl", "Everything is asked and done through it.", ()),
        "no_context": ("a context that exists", "Nothing is guessed: the wrong cluster is hard to leave.", (contexts,)),
        "bad_kubeconfig": (
            "a kubeconfig that can be read",
            "It says where the cluster is and who you are.",
            (Fix("See what kubectl reads", commands=(kubectl(case, "config", "view"),)),),
        ),
        "plugin_missing": (f"{plugin or 'the sign-in program'} on PATH", "It signs you in to the cluster.", (sign_in,)),
        "plugin_failed": ("a sign-in that works", "The program that signs you in failed.", (sign_in,)),
        "plugin_hangs": (
            "a sign-in that ends",
            "The program that signs you in waits for something, often for a browser or a password nobody sees.",
            (sign_in,),
        ),
        "certificate_expired": ("a valid certificate", "kubeadm's certificates last for a year.", _renew(case)),
        "unknown_authority": (
            "the cluster's own certificate authority",
            "The server is not the one this kubeconfig was made for, or something between replaces its certificate.",
            (Fix("Ask for a new kubeconfig, then see", commands=(kubectl(case, "cluster-info"),)),),
        ),
        "wrong_name": (
            "the name that is in its certificate",
            "The address in the kubeconfig is not one the server has a certificate for.",
            (Fix("See which address is used", commands=(kubectl(case, "config", "view", "--minify"),)),),
        ),
        "unauthorized": (
            "a sign-in the cluster accepts",
            "The token or certificate is not valid any more, or was made for another cluster.",
            (Fix("See who you are there", commands=(kubectl(case, "auth", "whoami"),)),),
        ),
        "dns": (
            "a name that is known here",
            "The name of the server cannot be resolved: another network, or a VPN that is off.",
            (Fix("See whether the name is known", commands=(("getent", "hosts", _host(server)),)), look),
        ),
        "refused": (
            "an API server that listens",
            "Nobody listens at that address: the cluster is stopped, or it moved.",
            (_start(case), look),
        ),
    }.get(kind, ("an API server that answers", _WHY, (look,)))  # fmt: skip
    found = f"{server}: {error}" if server and server not in error else error
    evidence = (one_line(facts.text("cluster", "error"), limit=300),)
    return case.fail(one_line(found, limit=160), needed, why, *(fixes or (look,)), evidence=evidence)


def _error(case: Case) -> str:
    kind, words = case.facts.text("cluster", "error_kind"), one_line(case.facts.text("cluster", "error"), limit=120)
    plugin = one_line(case.facts.text("cluster", "plugin"))
    if kind == "certificate_expired" and (end := case.facts.text("cluster", "expired")):
        return f"your certificate was valid until {one_line(end.partition('T')[0])}"
    if kind == "plugin_missing":
        return f"{plugin or 'the sign-in program'} is not installed"
    if kind in _PLAIN:
        return _PLAIN[kind]
    return words or kind.replace("_", " ") or "it does not answer"


def _renew(case: Case) -> tuple[Fix, ...]:
    renew = Fix(
        "On the control plane: see them, renew them, and copy the new admin.conf",
        Risk.PRIVILEGED,
        (("sudo", "kubeadm", "certs", "check-expiration"), ("sudo", "kubeadm", "certs", "renew", "all")),
    )
    if case.target is Target.KUBEADM:
        return (renew,)
    return (Fix("Ask for a new kubeconfig, then see", commands=(kubectl(case, "auth", "whoami"),)), renew)


def _start(case: Case) -> Fix:
    if case.target is Target.MICROK8S:
        return Fix("Start it", commands=(("microk8s", "start"),))
    if case.target is Target.KUBEADM:
        return Fix("See why the kubelet does not run it", commands=(("systemctl", "status", "kubelet"),))
    context = case.facts.text("cluster", "context")
    if context.startswith("kind-"):
        return Fix("Start its node", commands=(("docker", "start", f"{context.removeprefix('kind-')}-control-plane"),))
    if context == "minikube":
        return Fix("Start it", commands=(("minikube", "start"),))
    return Fix("See which contexts there are", commands=(("kubectl", "config", "get-contexts"),))


def _host(server: str) -> str:
    return server.partition("://")[2].partition("/")[0].rpartition(":")[0] or server or "SERVER"


CHECKS = (
    Check(
        "kube.reachable",
        "Cluster",
        _WHY,
        ("cluster",),
        _reachable,
        EXISTING,
        also=("system", *BEFORE),
    ),
)
