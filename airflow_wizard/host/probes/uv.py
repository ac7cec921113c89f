"""The installer."""

from __future__ import annotations

from airflow_wizard.engines import probe_command
from airflow_wizard.host.probe import Ask, Probe, Seen, Unseen

_DEADLINE = 3.0


def probe(_: Ask) -> Seen:
    """``{path, version}``; both null when there is none. The one that came with the wizard is preferred."""
    path = _bundled() or probe_command.find("uv")
    if path is None:
        return {"uv": {"path": None, "version": None}}
    said = probe_command.ask([path, "--version"], timeout=_DEADLINE - 0.5)
    words = said.out.split()
    if not said.ok or len(words) < 2:
        return {"uv": Unseen(f"{path} --version: {said.reason or 'no version in its answer'}")}
    return {"uv": {"path": path, "version": words[1]}}


def _bundled() -> str | None:
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        return None


PROBES = (Probe(("uv",), "uv --version", "installing without containers", _DEADLINE, probe),)
