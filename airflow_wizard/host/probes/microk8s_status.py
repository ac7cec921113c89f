"""MicroK8s on this machine: may we use it, does it run, what of it is switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines import probe_command
from airflow_wizard.host.probe import Ask, Probe, Seen, Unseen
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json

_DEADLINE = 9.0
_COMMAND = ("microk8s", "status", "--format", "yaml", "--timeout", "5")


def probe(ask: Ask) -> Seen:
    """``{permitted, running, addons, error}``; ``addons`` are the names of those that are on."""
    if ask.target != "microk8s":
        return {"microk8s_status": Unseen("only looked at for microk8s")}
    if probe_command.find("microk8s") is None:
        return {"microk8s_status": Unseen("microk8s is not installed")}
    said = probe_command.ask(_COMMAND, timeout=_DEADLINE - 1)
    if said.problem:
        return {"microk8s_status": Unseen(f"microk8s status: {said.reason}")}
    return {"microk8s_status": read(said.out, f"{said.out}\n{said.err}")}


def read(out: str, everything: str) -> Json:
    """What ``microk8s status --format yaml`` said. It exits with 0 when it is stopped, and then gives no YAML.

    Source: MicroK8s' scripts/wrappers/status.py and common/utils.py.
    """
    import yaml

    permitted = "Insufficient permissions" not in everything
    try:
        found = yaml.safe_load(out)
    except yaml.YAMLError:
        found = None
    found = found if isinstance(found, dict) else {}
    state = found.get("microk8s")
    addons = found.get("addons")
    names: list[Json] = [
        one_line(addon.get("name") or "", limit=60)
        for addon in (addons if isinstance(addons, list) else ())
        if isinstance(addon, dict) and addon.get("status") == "enabled"
    ]
    running = isinstance(state, dict) and state.get("running") is True
    lines = [line for line in everything.splitlines() if line.strip()]
    error = "" if running else one_line(lines[0] if lines else "", limit=200)
    return {"permitted": permitted, "running": running, "addons": names, "error": error}


PROBES = (Probe(("microk8s_status",), " ".join(_COMMAND), "the microk8s target", _DEADLINE, probe),)
