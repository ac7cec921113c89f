"""Programs the Kubernetes targets need. No cluster is contacted and no kubeconfig is read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from airflow_wizard.engines import probe_command
from airflow_wizard.host.probe import Ask, Probe, Seen, Unseen

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.engines.probe_command import Said
    from airflow_wizard.host.facts import Json

_DEADLINE = 4.0
_PATIENCE = _DEADLINE - 1.0
_NUMBER = re.compile(r"v?(\d+\.\d+(?:\.\d+)?[^\s\"]*)")


def _simple(name: str, *arguments: str) -> Callable[[Ask], Seen]:
    def probe(_: Ask) -> Seen:
        path = probe_command.find(name)
        if path is None:
            return {name: {"path": None, "version": None}}
        said = probe_command.ask([path, *arguments], timeout=_PATIENCE)
        if not said.ok:
            return {name: Unseen(f"{name} {' '.join(arguments)}: {said.reason}")}
        match = _NUMBER.search(said.out)
        return {name: {"path": path, "version": match.group(1) if match else None}}

    return probe


def kubectl(asked: Ask) -> Seen:
    """``{path, version, contexts, current}``: names only, of the kubeconfig that was named or kubectl's own.

    ``contexts`` is None where kubectl did not list them in time: that says nothing about how many there are.
    """
    path = probe_command.find("kubectl")
    if path is None:
        return {"kubectl": {"path": None, "version": None, "contexts": [], "current": ""}}
    from concurrent.futures import ThreadPoolExecutor

    def ask(*arguments: str) -> Said:
        return probe_command.ask([path, *file, *arguments], timeout=_PATIENCE)

    named = asked.cluster.kubeconfig if asked.cluster else ""
    file = ("--kubeconfig", named) if named else ()
    with ThreadPoolExecutor(3) as pool:
        version = pool.submit(ask, "version", "--client", "-o", "json")
        listed = pool.submit(ask, "config", "get-contexts", "-o", "name")
        current_one = pool.submit(ask, "config", "current-context")
    said, names, current = version.result(), listed.result(), current_one.result()
    listed_in_time = names.problem != "timeout"
    contexts: Json = list(names.out.split("\n")[:-1]) if names.ok else [] if listed_in_time else None
    return {
        "kubectl": {
            "path": path,
            "version": _client(said.out),
            "contexts": contexts,
            "current": current.out.strip() if current.ok else "",
        }
    }


def _client(out: str) -> str | None:
    try:
        return str(json.loads(out)["clientVersion"]["gitVersion"]).removeprefix("v")
    except (ValueError, KeyError, TypeError):
        return None


PROBES = (
    Probe(("kubectl",), "kubectl config get-contexts -o name", "the cluster targets", _DEADLINE, kubectl),
    Probe(("kind",), "kind version", "the kind target", _DEADLINE, _simple("kind", "version")),
    Probe(("helm",), "helm version --short", "the cluster targets", _DEADLINE, _simple("helm", "version", "--short")),
    Probe(("microk8s",), "microk8s version", "the microk8s target", _DEADLINE, _simple("microk8s", "version")),
    Probe(
        ("kubeadm",),
        "kubeadm version -o short",
        "the kubeadm target",
        _DEADLINE,
        _simple("kubeadm", "version", "-o", "short"),
    ),
)
