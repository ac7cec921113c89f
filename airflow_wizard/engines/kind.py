"""What the engine knows of kind's clusters: their nodes are containers with kind's labels."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_facts import KIND
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from pathlib import Path

ROLE = "io.x-k8s.kind.role"
NOTE = ".airflow-wizard/kind.json"
_PATIENCE = 30.0
# An error of klog: level and day, time, thread, place in the source.
_ERROR = re.compile(r"^E\d{4} [\d:.]+\s+\d+ [\w.]+:\d+\] ")


@dataclass(frozen=True, slots=True)
class KindNode:
    """A node: name of its container, its role, whether it runs, and the ports of this machine that lead into it."""

    name: str
    role: str
    running: bool
    ports: tuple[tuple[str, int], ...] = ()


def nodes_of(cluster: str) -> tuple[KindNode, ...]:
    """Nodes of a cluster, also those that do not run; empty when there is no such cluster.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    names = _docker("ps", "--all", "--quiet", "--filter", f"label={KIND}={cluster}").split()
    if not names:
        return ()
    found = []
    for seen in json.loads(_docker("inspect", *names)):
        config = seen.get("Config") or {}
        published = ((seen.get("HostConfig") or {}).get("PortBindings") or {}).values()
        ports = tuple(
            (str(p.get("HostIp") or ""), int(p["HostPort"]))
            for bindings in published
            for p in bindings or ()
            if str(p.get("HostPort") or "").isdigit()
        )
        role = str((config.get("Labels") or {}).get(ROLE, ""))
        running = bool((seen.get("State") or {}).get("Running"))
        found.append(KindNode(str(seen.get("Name", "")).lstrip("/"), role, running, ports))
    return tuple(sorted(found, key=lambda node: (node.role != "control-plane", node.name)))


def volumes_of(node: str) -> tuple[str, ...]:
    """Names of the volumes that a node keeps everything in; raises as `nodes_of`."""
    return tuple(_docker("inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", node).split())


def noted_in(folder: Path) -> str:
    """Name of the cluster that the stack in a folder began to make; empty where it made none.

    Written before the first node is made: a cluster that is there without it was made by somebody else.
    """
    try:
        return str(json.loads((folder / NOTE).read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def kubelet_errors(nodes: tuple[KindNode, ...], most: int = 4) -> tuple[str, ...]:
    """The last different errors of the kubelets of nodes that run, safe to show; empty where none can be read."""
    script = (
        "journalctl --no-pager --output cat --lines 400 --unit kubelet 2>/dev/null || tail -n 400 /var/log/kubelet.log"
    )
    found: dict[str, None] = {}
    for node in nodes:
        with contextlib.suppress(EngineUnreachableError):
            for line in _docker("exec", node.name, "sh", "-c", script).splitlines():
                if _ERROR.match(line):
                    words = one_line(_ERROR.sub("", line), limit=300)
                    found.pop(words[:60], None)
                    found[words] = None
    return tuple(list(found)[-most:])


def _docker(*words: str) -> str:
    try:
        done = subprocess.run(
            ("docker", *words), capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineUnreachableError(
            f"`docker {words[0]}` gave no answer: {one_line(str(error), limit=200)}",
            why="kind's nodes are containers of this engine",
            next="see that it runs: docker info",
        ) from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise EngineUnreachableError(
            f"`docker {words[0]}`: {one_line(lines[-1] if lines else f'exit {done.returncode}', limit=300)}",
            why="kind's nodes are containers of this engine",
            next="see that it runs: docker info",
        )
    return done.stdout
