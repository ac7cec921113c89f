"""The two commands that install Airflow into a stack: exact, shown, and the same when typed by hand."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

# Where the project publishes the set of dependencies each release was tested with (installation docs, 3.x).
_CONSTRAINTS = "https://raw.githubusercontent.com/apache/airflow/constraints-{version}/constraints-{python}.txt"


def venv_command(request: StackRequest) -> tuple[str, ...]:
    """``uv venv``: into the stack, with the chosen Python, also over a half-made one."""
    return (
        request.tools["uv"],
        "venv",
        "--no-project",
        "--allow-existing",
        "--python",
        request.tools["python"],
        "venv",
    )


def install_command(request: StackRequest) -> tuple[str, ...]:
    """``uv pip install``: Airflow itself, what the person added, and what keeps the set together.

    With the official constraints file when it can be reached; else with the catalogue's own tested exclusions.
    Byte code is compiled here, once and on all cores, instead of by four starting processes at the same time.
    """
    release = request.release
    extras = "[postgres]" if request.answers.text("database") == "external" else ""
    command = [request.tools["uv"], "pip", "install", "--python", "venv/bin/python", "--compile-bytecode"]
    command.append(f"apache-airflow{extras}=={release.version}")
    if uses_constraints(request):
        command += ["--constraint", _CONSTRAINTS.format(version=release.version, python=request.answers.text("python"))]
    else:
        command += release.pins
    command += request.answers.items("packages")
    requirements = request.answers.text("requirements")
    if requirements:
        command += ["--requirements", str(PurePath(request.folder) / requirements)]
    return tuple(command)


def uses_constraints(request: StackRequest) -> bool:
    """True when the official constraints file was seen to be reachable."""
    return request.facts.value("constraints", "reachable") is True
