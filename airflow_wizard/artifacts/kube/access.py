"""ingress.yaml or ingressroute.yaml: Airflow under a host name, below a path that is passed on as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.kube.config import base_path
from airflow_wizard.artifacts.kube.names import labels, named, namespace
from airflow_wizard.artifacts.yaml_text import Why, manifests

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

_HEAD = "Airflow as {url}. The path must reach it unchanged: where it is stripped, the page stays blank."


def access_file(request: StackRequest) -> tuple[str, str] | None:
    """Name and text of the file; None when nothing is published."""
    if not request.answers.text("ingress_host"):
        return None
    head = _HEAD.format(url=settings.base_url(request))
    if settings.by_traefik(request):
        return "ingressroute.yaml", manifests([_route(request)], head)
    return "ingress.yaml", manifests([_ingress(request)], head)


def _metadata(request: StackRequest) -> Node:
    return {"name": named(request, "web"), "namespace": namespace(request), "labels": labels(request, "web")}


def _ingress(request: StackRequest) -> dict[str, Node]:
    host, certificate = request.answers.text("ingress_host"), request.answers.text("tls_certificate")
    backend: Node = {"service": {"name": settings.web_service(request), "port": {"number": 8080}}}
    path: Node = {"path": base_path(request) or "/", "pathType": "Prefix", "backend": backend}
    spec: dict[str, Node] = {}
    if name := request.answers.text("ingress_class"):
        spec["ingressClassName"] = name
    spec["rules"] = [{"host": host, "http": {"paths": [path]}}]
    if certificate:
        spec["tls"] = [{"hosts": [host], "secretName": certificate}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": _metadata(request),
        "spec": spec,
    }


def _route(request: StackRequest) -> dict[str, Node]:
    resolver, certificate = request.answers.text("tls_resolver"), request.answers.text("tls_certificate")
    service: Node = {"name": settings.web_service(request), "port": 8080}
    rule: Node = {"match": _match(request), "kind": "Rule", "services": [service]}
    spec: dict[str, Node] = {
        "entryPoints": ["websecure" if settings.has_tls(request) else "web"],
        "routes": [rule],
    }
    if resolver:
        spec["tls"] = Why({"certResolver": resolver}, "Traefik fetches the certificate itself")
    elif certificate:
        spec["tls"] = {"secretName": certificate}
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": _metadata(request),
        "spec": spec,
    }


def _match(request: StackRequest) -> str:
    host, path = f"Host(`{request.answers.text('ingress_host')}`)", base_path(request)
    # PathPrefix alone would take /airflow-of-somebody-else too.
    return f"{host} && (Path(`{path}`) || PathPrefix(`{path}/`))" if path else host
