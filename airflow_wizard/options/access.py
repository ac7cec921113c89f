"""How people reach Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.options import rules
from airflow_wizard.options.machine import FIRST_PORT, LAST_PORT, port_free, port_holder
from airflow_wizard.options.model import KUBERNETES_TARGETS, Kind, Option, Situation, Target

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

GROUP = "Access"
TRAEFIK = "traefik"
KIND_NODE_PORT = 30080
INGRESS_TARGETS = frozenset({Target.CONTEXT, Target.MICROK8S, Target.KUBEADM})


def _default_port(situation: Situation) -> int:
    candidates = range(FIRST_PORT, LAST_PORT + 1)
    # Not measured counts as free: a port that turns out to be taken is a finding of its own, before anything starts.
    return next((port for port in candidates if port_free(situation, port) is not False), FIRST_PORT)


def _because_port(situation: Situation) -> str:
    if _default_port(situation) == FIRST_PORT:
        return "Airflow's own port, and free here" if port_free(situation, FIRST_PORT) else "Airflow's own port"
    return f"{FIRST_PORT} is taken by {port_holder(situation, FIRST_PORT)}; this is the next free one"


def _refuse_ingress_path(value: Answer, _: Situation) -> str:
    return rules.url_path(value) if isinstance(value, str) else "needs a path; / for the whole host"


def _by_traefik(situation: Situation) -> bool:
    return _has_ingress(situation) and situation.text("ingress_class") == TRAEFIK


def _refuse_node_port(value: Answer, _: Situation) -> str:
    usable = isinstance(value, int) and (value == 0 or 30000 <= value <= 32767)
    return "" if usable else "must be from 30000 to 32767, or 0 for none"


def _has_ingress(situation: Situation) -> bool:
    return bool(situation.text("ingress_host"))


OPTIONS = (
    Option(
        name="port",
        title="Port",
        group=GROUP,
        kind=Kind.INTEGER,
        help="Port of the web page and the API on this machine.",
        why="Any free one. Below 1024 needs special rights on most systems.",
        default=_default_port,
        because=_because_port,
        refuse=rules.between(1, 65535),
        example="8080",
    ),
    Option(
        name="bind",
        title="Reachable from",
        group=GROUP,
        kind=Kind.TEXT,
        help="Address to listen on: 127.0.0.1 is this machine only, 0.0.0.0 every network it is in.",
        why="Wider only on a network you trust: the login is random, but the traffic is not encrypted.",
        default=lambda _: "127.0.0.1",
        because=lambda _: "nobody else can reach it",
        refuse=rules.needed(rules.optional(rules.address), "an address, for example 127.0.0.1"),
        example="127.0.0.1",
    ),
    Option(
        name="ingress_host",
        title="Host name",
        group=GROUP,
        kind=Kind.TEXT,
        help="Host name under which the cluster's ingress publishes Airflow; empty for a port forward only.",
        why="Set it when a domain points at the cluster; leave it empty to reach Airflow from this machine alone.",
        default=lambda _: None,
        because=lambda _: "nothing is published before you name a host",
        targets=INGRESS_TARGETS,
        refuse=rules.optional(rules.host_name),
        example="home.example.org",
    ),
    Option(
        name="ingress_path",
        title="Path",
        group=GROUP,
        kind=Kind.TEXT,
        help="Path on that host, when Airflow shares it with others.",
        why="/ gives it the whole host. With a path the ingress must not strip it, or the page stays blank.",
        default=lambda _: "/",
        because=lambda _: "the whole host",
        targets=INGRESS_TARGETS,
        applies=_has_ingress,
        refuse=_refuse_ingress_path,
        example="/airflow",
    ),
    Option(
        name="ingress_class",
        title="Ingress class",
        group=GROUP,
        kind=Kind.TEXT,
        help="Ingress class that serves the host; empty for the cluster's default.",
        why="Name it when the cluster has several, or none is marked as default.",
        default=lambda _: None,
        because=lambda _: "the cluster's default class",
        targets=INGRESS_TARGETS,
        applies=_has_ingress,
        refuse=rules.optional(rules.label),
        expert=True,
        example="traefik",
    ),
    Option(
        name="tls_resolver",
        title="Certificate resolver",
        group=GROUP,
        kind=Kind.TEXT,
        help="Name of Traefik's certificate resolver that fetches the certificate; empty for none.",
        why="Name it when Traefik itself gets certificates, for example from Let's Encrypt.",
        default=lambda _: None,
        because=lambda _: "only you know it; without a certificate the page is served by http",
        targets=INGRESS_TARGETS,
        applies=_by_traefik,
        refuse=rules.optional(rules.label),
        example="letsencrypt",
    ),
    Option(
        name="tls_certificate",
        title="Certificate",
        group=GROUP,
        kind=Kind.TEXT,
        help="Name of the Secret of type kubernetes.io/tls that holds the certificate; empty for none.",
        why="Name it when the certificate is in the namespace already, or cert-manager puts it there.",
        default=lambda _: None,
        because=lambda _: "only you know it; without a certificate the page is served by http",
        targets=INGRESS_TARGETS,
        applies=_has_ingress,
        refuse=rules.optional(rules.host_name),
        expert=True,
        example="airflow-tls",
    ),
    Option(
        name="node_port",
        title="Port of the nodes",
        group=GROUP,
        kind=Kind.INTEGER,
        help="Port under which every node of the cluster answers for Airflow; 0 for none.",
        why="A way in without an ingress and without a port forward, for everybody who reaches a node.",
        default=lambda s: KIND_NODE_PORT if s.target is Target.KIND else 0,
        because=lambda s: "kind leads a port of this machine to it" if s.target is Target.KIND else "nobody is let in",
        targets=KUBERNETES_TARGETS,
        refuse=_refuse_node_port,
        expert=True,
        example="30080",
    ),
)
