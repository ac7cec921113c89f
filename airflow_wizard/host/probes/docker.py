"""The Docker engine in effect."""

from __future__ import annotations

import os
import sys

from airflow_wizard.engines import machine
from airflow_wizard.engines.docker_info import docker_facts
from airflow_wizard.host.probe import Ask, Probe, Seen
from airflow_wizard.host.probes.nearest import nearest
from airflow_wizard.text import one_line

_DEADLINE = 5.0


def probe(_: Ask) -> Seen:
    """See `docker_facts`; plus ``root_free``: bytes free where images land, null when that is inside a VM."""
    facts = docker_facts(_DEADLINE - 1)
    facts["error"] = one_line(facts.get("error", ""), limit=300)
    facts["root_free"] = _root_free(str(facts.get("root_dir") or ""), str(facts.get("provider") or ""))
    return {"docker": facts}


def _root_free(root: str, provider: str) -> int | None:
    from pathlib import Path

    local = not os.environ.get("DOCKER_HOST", "unix://").startswith(("tcp://", "ssh://"))
    if not root or provider != "linux" or sys.platform != "linux" or not local:
        return None
    try:
        # The folder itself is closed to ordinary users; its file system is not.
        return (
            machine.space(nearest(Path(root)).parent)[0]
            if not os.access(root, os.X_OK)
            else machine.space(Path(root))[0]
        )
    except OSError:
        return None


PROBES = (Probe(("docker",), "docker info, docker version (SDK)", "containers", _DEADLINE, probe),)
