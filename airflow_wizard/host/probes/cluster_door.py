"""How a named cluster is entered, and why its door stays shut."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines import probe_command
from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi
from airflow_wizard.host.cluster import certificate, faults
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.cluster import Cluster
    from airflow_wizard.host.facts import Json

_PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Door:
    """What a kubeconfig says of a context, without anything secret.

    Attributes:
        context: its name.
        server: address of the API server.
        signs_in_by: ``certificate``, ``token``, ``password``, ``plugin``, ``proxy`` or empty.
        plugin: the program that signs in; empty for none.
        sure: the file could be read.
    """

    context: str
    server: str = ""
    signs_in_by: str = ""
    plugin: str = ""
    sure: bool = True


def describe(cluster: Cluster) -> Door | dict[str, Json]:
    """The door; or the fact of one that is shut already, since nobody has a kubectl or the context is not there."""
    if probe_command.find(cluster.kubectl[0]) is None:
        return closed(cluster.context, "kubectl_missing", f"{cluster.kubectl[0]} is not installed")
    said = probe_command.ask(cluster.with_kubectl("config", "view", "--minify", "-o", "json"), timeout=_PATIENCE)
    if said.problem == "timeout":
        return Door(cluster.context, sure=False)
    if not said.ok:
        words = one_line(said.reason.removeprefix("error: "), limit=300)
        kind = faults.kind_of(words)
        return closed(cluster.context, "bad_kubeconfig" if kind == "other" else kind, words)
    return door_of(cluster.context, said.out)


def door_of(context: str, text: str) -> Door:
    """The door by what ``kubectl config view --minify`` says, which leaves out everything secret."""
    try:
        config = json.loads(text)
    except ValueError:
        return Door(context, sure=False)
    server, user = _first(config, "clusters", "cluster"), _first(config, "users", "user")
    program = user.get("exec") if isinstance(user.get("exec"), dict) else None
    by = ""
    if program is not None:
        by = "plugin"
    elif "auth-provider" in user:
        by = "proxy"
    elif "client-certificate" in user or "client-certificate-data" in user:
        by = "certificate"
    elif "token" in user or "tokenFile" in user:
        by = "token"
    elif "username" in user:
        by = "password"
    name = one_line((program or {}).get("command") or "", limit=120)
    return Door(context, one_line(server.get("server") or "", limit=200), by, name)


def _first(config: object, plural: str, singular: str) -> dict[str, Any]:
    found = config.get(plural) if isinstance(config, dict) else None
    entry = found[0] if isinstance(found, list) and found else None
    inner = entry.get(singular) if isinstance(entry, dict) else None
    return inner if isinstance(inner, dict) else {}


def opened(door: Door, version: str, who: dict[str, Any]) -> dict[str, Json]:
    """The fact of a cluster that answers."""
    groups = who.get("groups")
    return {
        **_basis(door),
        "reachable": True,
        "version": one_line(version, limit=60),
        "user": one_line(who.get("username") or "", limit=120),
        "groups": [one_line(g, limit=80) for g in groups] if isinstance(groups, list) else [],
    }


def closed(context: str, kind: str, words: str) -> dict[str, Json]:
    """The fact of a cluster that is not even called."""
    return {**_basis(Door(context)), "error_kind": kind, "error": one_line(words, limit=300)}


def _basis(door: Door) -> dict[str, Json]:
    return {
        "context": one_line(door.context, limit=120),
        "server": door.server,
        "signs_in_by": door.signs_in_by,
        "plugin": door.plugin,
        "reachable": False,
        "error_kind": "",
        "error": "",
        "expired": "",
    }


def why_shut(cluster: Cluster, door: Door, error: Exception, api: KubeApi) -> dict[str, Json]:
    """The fact of a cluster that was called and gave no answer, or not one for us."""
    words, fact = _words(error, api), _basis(door)
    kind = faults.kind_of(words, error.status if isinstance(error, ApiRefusedError) else None)
    if kind == "timeout" and door.plugin and api.signs_in:
        kind, words = "plugin_hangs", f"{door.plugin} does not end"
    if kind in ("plugin_missing", "plugin_failed"):
        fact["plugin"] = door.plugin or faults.plugin_in(words)
    if kind == "unauthorized" and door.signs_in_by == "certificate":
        end = _client_certificate(cluster)
        if end is not None and end < datetime.now(UTC):
            kind, words = "certificate_expired", "the certificate in the kubeconfig is not valid any more"
            fact["expired"] = end.isoformat(timespec="minutes")
    return {**fact, "error_kind": kind, "error": one_line(words, limit=300)}


def _words(error: Exception, api: KubeApi) -> str:
    words = str(error)
    for start in (f"the cluster does not answer ({api.words}): ", "kubectl cannot be used: "):
        words = words.removeprefix(start)
    return words


def _client_certificate(cluster: Cluster) -> datetime | None:
    """Until when the certificate we sign in with is valid. It is public; the key beside it is not asked for."""
    template = "{.users[0].user.client-certificate-data}{'\\n'}{.users[0].user.client-certificate}"
    words = ("config", "view", "--minify", "--raw", "-o", f"jsonpath={template}")
    said = probe_command.ask(cluster.with_kubectl(*words), timeout=_PATIENCE)
    data, _, path = said.out.partition("\n")
    try:
        pem = base64.b64decode(data).decode("ascii") if data else _read(path)
    except (binascii.Error, UnicodeDecodeError):
        return None
    return certificate.valid_until(pem)


def _read(path: str) -> str:
    from pathlib import Path

    try:
        return Path(path.strip()).read_text(encoding="ascii") if path.strip() else ""
    except (OSError, UnicodeDecodeError):
        return ""
