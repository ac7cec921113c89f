"""Docker Compose: the plugin, or the one that is no longer maintained."""

from __future__ import annotations

import json

from airflow_wizard.engines import probe_command
from airflow_wizard.host.probe import Ask, Probe, Seen
from airflow_wizard.text import one_line

# Two questions, one after the other; Compose 1 takes a second or two to import itself.
_DEADLINE = 8.0
_PATIENCE = 3.5


def probe(_: Ask) -> Seen:
    """``{version, kind, path, problem}``; ``kind`` is ``plugin``, ``standalone``, ``v1`` or ``none``.

    ``standalone``: a program that ``docker compose`` does not find; ``problem``: why the program cannot be run.
    """
    docker = probe_command.find("docker")
    if docker is not None:
        said = probe_command.ask([docker, "compose", "version", "--format", "json"], timeout=_PATIENCE)
        version = _version(said.out) if said.ok else ""
        if version:
            return {"compose": {"version": version, "kind": "plugin", "path": docker}}
    old = probe_command.find("docker-compose")
    if old is None:
        return {"compose": {"version": None, "kind": "none", "path": None, "problem": ""}}
    said = probe_command.ask([old, "version", "--short"], timeout=_PATIENCE)
    version = said.out.strip().removeprefix("v") if said.ok else ""
    # The plugin is also shipped as a program of the old name; what counts is what it says it is.
    kind = "v1" if version.startswith("1.") else "standalone" if version else "none"
    problem = one_line(said.reason, limit=200)
    return {"compose": {"version": version or None, "kind": kind, "path": old, "problem": problem}}


def _version(out: str) -> str:
    try:
        answer = json.loads(out)
    except ValueError:
        return ""
    version = answer.get("version") if isinstance(answer, dict) else None
    return version.removeprefix("v") if isinstance(version, str) else ""


PROBES = (Probe(("compose",), "docker compose version --format json", "the compose target", _DEADLINE, probe),)
