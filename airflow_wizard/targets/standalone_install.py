"""From written files to an Airflow that could start: exact commands, the same when typed by hand."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import airflow_cfg, standalone
from airflow_wizard.run import actions
from airflow_wizard.run.step import Step

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

STAMPS = ".airflow-wizard/stamps"
# Seconds on two cores with a near mirror; only the progress line shows them.
_USUAL = {"venv": 0.5, "install": 15.0, "migrate": 6.0, "wal": 0.1, "admin": 8.0}

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


def install_steps(request: StackRequest) -> list[Step]:
    """Virtual environment, Airflow, database, login; each is skipped when its stamp says that nothing changed."""
    venv, install = venv_command(request), install_command(request)
    inputs = hashlib.sha256("\0".join((*venv, *install, *request.inputs.values())).encode()).hexdigest()[:16]
    python = ("venv/bin/python",)
    steps = [
        _command(request, "venv", "Make a virtual environment", venv, of=request.answers.text("python"), made=python),
        _command(
            request,
            "install",
            f"Install Airflow {request.release.version}",
            install,
            of=inputs,
            made=("venv/bin/airflow",),
        ),
    ]
    answers = request.answers
    database = ("airflow.db",) if answers.text("database") != "external" else ()
    where = f"{request.release.version} {answers.text('database')} {answers.text('database_url')}".strip()
    migrate = ("./airflow", "db", "migrate")
    steps.append(_command(request, "migrate", "Create the database", migrate, of=where, made=database))
    if database:
        # Stays in the file for good. Airflow 3 asks for it by itself; Airflow 2 does not, and its processes then
        # lock each other out for seconds.
        script = f'import sqlite3; sqlite3.connect("{database[0]}").execute("PRAGMA journal_mode=WAL")'
        wal = ("venv/bin/python", "-c", script)
        title = "Let the database be read while it is written"
        steps.append(_command(request, "wal", title, wal, of="wal", made=database))
    if request.release.auth == "fab":
        steps.append(_admin(request, database))
    return steps


def _admin(request: StackRequest, database: tuple[str, ...]) -> Step:
    # Without --password and without a terminal the command reads the password twice from standard input.
    who = {"role": "Admin", "username": airflow_cfg.ADMIN, "email": f"{airflow_cfg.ADMIN}@localhost"}
    who |= {"firstname": "Airflow", "lastname": "Admin"}
    create = ("./airflow", "users", "create", *(word for key, value in who.items() for word in (f"--{key}", value)))
    password = hashlib.sha256(request.secrets[standalone.PASSWORD].encode()).hexdigest()[:16]
    of = f"{request.release.version} {password}"
    typed = standalone.PASSWORD
    return _command(request, "admin", "Create the login", create, of=of, made=database, typed=typed)


def _command(
    request: StackRequest,
    id_: str,
    title: str,
    command: tuple[str, ...],
    *,
    of: str,
    made: tuple[str, ...],
    typed: str = "",
) -> Step:
    action = actions.RunCommand(
        command,
        request.folder,
        stamp=f"{STAMPS}/{id_}",
        stamp_of=of,
        produces=made,
        secrets_file=str(PurePath(request.folder) / ".env") if typed else "",
        stdin_key=typed,
        unit="uv" if id_ in ("venv", "install") else id_,
    )
    return Step(id_, title, action, command=command, usual=_USUAL[id_])
