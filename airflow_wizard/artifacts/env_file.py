"""Files of KEY=VALUE lines: reading their keys and adding missing ones."""

from __future__ import annotations

import re

from airflow_wizard.artifacts.merge import lines_of

_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=(.*)", re.DOTALL)


def is_env(text: str) -> bool:
    """True when every line is an assignment, a comment or blank, and at least one is an assignment."""
    meaningful = [line for line in lines_of(text) if line.strip() and not line.lstrip().startswith("#")]
    return bool(meaningful) and all(_ASSIGNMENT.fullmatch(line) for line in meaningful)


def values_of(text: str) -> dict[str, str]:
    """Values by key as they stand in the file, quotes included; the last of several lines counts."""
    found = (_ASSIGNMENT.fullmatch(line) for line in lines_of(text) if not line.lstrip().startswith("#"))
    return {match[1]: match[2].strip() for match in found if match}


def add_missing(planned: str, disk: str) -> str:
    """``disk``, and at its end the assignments of ``planned`` whose keys it lacks; a value on disk wins."""
    present = values_of(disk)
    missing = []
    for line in lines_of(planned):
        match = _ASSIGNMENT.fullmatch(line)
        if match and not line.lstrip().startswith("#") and match[1] not in present:
            missing.append(line if line.endswith("\n") else line + "\n")
    if not missing:
        return disk
    return disk + ("" if not disk or disk.endswith("\n") else "\n") + "".join(missing)
