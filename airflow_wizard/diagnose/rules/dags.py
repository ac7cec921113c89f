"""Rules about the DAGs: their folder, and files that cannot be imported. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.model import tail_of
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence, Subject

_MODULE = re.compile(r"No module named '([A-Za-z_]\w*(?:\.\w+)*)'")
_PLACE = re.compile(r'File "([^"]+)", line (\d+)')
_SYNTAX = re.compile(r"line (\d+)")
# The package to install where it is not called as what it is imported as; facts of PyPI.
_PACKAGES = {
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "git": "GitPython",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage",
    "jwt": "PyJWT",
    "MySQLdb": "mysqlclient",
    "PIL": "Pillow",
    "psycopg2": "psycopg2-binary",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}


def folder(evidence: Evidence) -> Iterator[Finding]:
    """A DAGs folder that is not there, or may not be read."""
    fact = evidence.files.get("dags")
    if fact is None or (fact.kind == "folder" and fact.readable):
        return
    path = evidence.subject.dags
    missing = fact.kind == "missing"
    found = "it does not exist" if missing else "it is not a folder" if fact.kind != "folder" else "it may not be read"
    fix = Fix("Make it", commands=(("mkdir", "-p", path),)) if missing else Fix("Give yourself access to it")
    yield Finding(
        "dags.folder",
        Level.FAIL,
        "DAGs folder",
        f"{path}: {found}",
        why="Airflow finds no DAG.",
        evidence=(path,),
        fixes=(fix,),
    )


def import_errors(evidence: Evidence) -> Iterator[Finding]:
    """Each DAG file that Airflow could not import."""
    for path, trace in evidence.import_errors:
        lines = [line for line in trace.splitlines() if line.strip()]
        last = lines[-1].strip() if lines else "no traceback was given"
        module = _MODULE.search(last)
        yield Finding(
            f"dag.import_error:{path}",
            Level.FAIL,
            f"DAG file {path.rsplit('/', 1)[-1]}",
            f"{_place(path, lines)}: {last}",
            why="None of its DAGs appears or runs until it can be imported.",
            evidence=tail_of(lines, 4),
            fixes=_fixes(evidence.subject, path, module[1] if module else ""),
        )


def _place(path: str, lines: list[str]) -> str:
    """``file:line`` in the person's own file, the deepest frame of it."""
    name = path.rsplit("/", 1)[-1]
    for line in reversed(lines):
        match = _PLACE.search(line)
        if match is not None and match[1].rsplit("/", 1)[-1] == name:
            return f"{path}:{match[2]}"
    match = _SYNTAX.search(lines[-1]) if lines else None
    return f"{path}:{match[1]}" if match else path


def _fixes(subject: Subject, path: str, module: str) -> tuple[Fix, ...]:
    if not module:
        return (Fix(f"Correct {path}; it is read again within a minute"),)
    python = f"{subject.folder}/venv/bin/python"
    package = package_of(module)
    install = Fix(f"Install {package}", Risk.SAFE, ((subject.uv, "pip", "install", "--python", python, package),))
    return (install, Fix("Name it in a requirements file, so that a new launch has it as well"))


def package_of(module: str) -> str:
    """The distribution that brings a module, as far as names tell."""
    parts = module.split(".")
    if parts[:2] == ["airflow", "providers"] and len(parts) > 2:
        depth = 4 if parts[2] in ("apache", "atlassian", "cncf", "common", "dbt", "microsoft") and len(parts) > 3 else 3
        return "apache-airflow-providers-" + "-".join(parts[2:depth])
    for size in range(len(parts), 0, -1):
        known = _PACKAGES.get(".".join(parts[:size]))
        if known:
            return known
    return parts[0].replace("_", "-")


RULES = (folder, import_errors)
