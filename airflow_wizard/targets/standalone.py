"""Airflow without containers: its own virtual environment, kept running by the stack's own supervisor."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import airflow_cfg, standalone
from airflow_wizard.artifacts.smoke_dag import SMOKE_PREFIX
from airflow_wizard.checks.registry import checks_for
from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets.model import Fit, Verdict
from airflow_wizard.targets.standalone_install import install_command, venv_command

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import Artifact, StackRequest
    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.profile.model import Answers
    from airflow_wizard.run.actions import Endpoint

_STAMPS = ".airflow-wizard/stamps"
# Characters that end a path inside an SQLAlchemy URL, or a line of airflow.cfg.
_UNUSABLE = "?#%\n\r\t"
_MEMORY = 1_150_000_000
_NEEDED = 1_500_000_000


class Standalone:
    """See `airflow_wizard.targets.model.TargetModule`."""

    name = Target.STANDALONE
    title = "No containers"

    def check_ids(self) -> tuple[str, ...]:
        """Checks that matter."""
        return tuple(check.id for check in checks_for(self.name))

    def fit(self, facts: HostFacts) -> Fit:
        """Fits wherever a supported Python and about 1.5 GB of memory are."""
        verdict, reason = self._verdict(facts)
        return Fit(
            target=self.name,
            title=self.title,
            verdict=verdict,
            reason=reason,
            minutes=1.0,
            memory=_MEMORY,
            ready=True,
            about=(
                "Airflow's own processes in one folder, with a virtual environment of its own. The quickest way to "
                "a running Airflow, and the lightest: no engine, no images. Tasks run as you, on this machine; use "
                "containers when tasks need other systems or other people share it."
            ),
        )

    @staticmethod
    def _verdict(facts: HostFacts) -> tuple[Verdict, str]:
        if facts.text("system", "os") == "windows":
            return Verdict.CANNOT, "Airflow does not run on Windows itself; inside WSL 2 it does"
        found = facts.value("pythons", "found")
        if isinstance(found, list) and not found:
            return Verdict.NEEDS, "Python 3.10 or newer"
        memory = facts.number("memory", "limit") or facts.number("memory", "total")
        if memory is not None and memory < _NEEDED:
            return Verdict.NEEDS, "1.5 GB of memory"
        if memory is None and found is None:
            return Verdict.UNKNOWN, "this machine could not be measured"
        return Verdict.FITS, "about 1 minute, 1.1 GB"

    def secret_keys(self, answers: Answers, release: AirflowRelease) -> tuple[str, ...]:
        """Keys of .env."""
        return standalone.secret_keys(
            airflow3=release.api == "v2", external_database=answers.text("database") == "external"
        )

    def artifacts(self, request: StackRequest) -> tuple[Artifact, ...]:
        """Files of the stack.

        Raises:
            InvalidError: the folder's name cannot be used in a database address.
        """
        if any(character in request.folder for character in _UNUSABLE):
            raise InvalidError(
                f"the folder {request.folder!r} has one of ? # % or a line break in its name",
                why="Airflow's configuration and SQLite's address cannot hold it",
                next="choose another with --dir",
                key="dir",
            )
        return standalone.artifacts(request)

    def endpoint(self, request: StackRequest) -> Endpoint:
        """Where it answers, and what must beat there; a DAG processor inside the scheduler does not report."""
        beats = ("metadatabase", "scheduler", "triggerer")
        return actions.Endpoint(
            url=airflow_cfg.base_url(request),
            api=request.release.api,
            health_path=request.release.health_path,
            components=(*beats, "dag_processor") if standalone.has_dag_processor(request) else beats,
            secrets_file=str(PurePath(request.folder) / ".env"),
        )

    def units(self, request: StackRequest) -> tuple[str, ...]:
        """The components, by the names their logs have."""
        return tuple(standalone.components(request))

    def launch(self, request: StackRequest) -> tuple[Step, ...]:
        """From nothing to proven."""
        return (*self._prepare(request), *self._run(request), *self._prove(request))

    def _prepare(self, request: StackRequest) -> list[Step]:
        folder = request.folder
        answers = request.answers
        version = str(request.release.version)
        venv = venv_command(request)
        install = install_command(request)
        inputs = hashlib.sha256("\0".join((*venv, *install, *request.inputs.values())).encode()).hexdigest()[:16]
        given = tuple((n, v) for n, v in answers.values.items() if n != "database_password")
        steps = [
            Step(
                "files",
                "Write the files",
                actions.WriteArtifacts(folder, self.artifacts(request), (*standalone.FOLDERS, _STAMPS)),
            ),
            Step(
                "register",
                "Remember the stack",
                actions.RememberStack(
                    request.name, str(self.name), folder, airflow_cfg.base_url(request), version, given
                ),
            ),
            Step("port", "Look at the port", actions.CheckPort(folder, answers.text("bind"), answers.integer("port"))),
            Step(
                "venv",
                "Make a virtual environment",
                actions.RunCommand(
                    venv, folder, f"{_STAMPS}/venv", answers.text("python"), ("venv/bin/python",), unit="uv"
                ),
                command=venv,
                usual=0.5,
            ),
            Step(
                "install",
                f"Install Airflow {version}",
                actions.RunCommand(install, folder, f"{_STAMPS}/install", inputs, ("venv/bin/airflow",), unit="uv"),
                command=install,
                usual=15.0,
            ),
        ]
        migrate = ("./airflow", "db", "migrate")
        database = "airflow.db" if answers.text("database") != "external" else ""
        steps.append(
            Step(
                "migrate",
                "Create the database",
                actions.RunCommand(
                    migrate,
                    folder,
                    f"{_STAMPS}/migrate",
                    f"{version} {answers.text('database')} {answers.text('database_url')}".strip(),
                    (database,) if database else (),
                    unit="migrate",
                ),
                command=migrate,
                usual=6.0,
            )
        )
        if database:
            steps.append(self._wal(request, database))
        if request.release.auth == "fab":
            steps.append(self._admin(request, database))
        return steps

    @staticmethod
    def _wal(request: StackRequest, database: str) -> Step:
        # Stays in the file for good. Airflow 3 asks for it by itself; Airflow 2 does not, and its processes then
        # lock each other out for seconds.
        script = f'import sqlite3; sqlite3.connect("{database}").execute("PRAGMA journal_mode=WAL")'
        command = ("venv/bin/python", "-c", script)
        stamp = f"{_STAMPS}/wal"
        action = actions.RunCommand(command, request.folder, stamp, "wal", (database,), unit="migrate")
        return Step("wal", "Let the database be read while it is written", action, command=command, usual=0.1)

    @staticmethod
    def _admin(request: StackRequest, database: str) -> Step:
        # Without --password and without a terminal the command reads the password twice from standard input.
        who = {"role": "Admin", "username": airflow_cfg.ADMIN, "email": f"{airflow_cfg.ADMIN}@localhost"}
        who |= {"firstname": "Airflow", "lastname": "Admin"}
        flags = [word for key, value in who.items() for word in (f"--{key}", value)]
        create = ("./airflow", "users", "create", *flags)
        secrets_file = str(PurePath(request.folder) / ".env")
        password = hashlib.sha256(request.secrets[standalone.PASSWORD].encode()).hexdigest()[:16]
        return Step(
            "admin",
            "Create the login",
            actions.RunCommand(
                create,
                request.folder,
                f"{_STAMPS}/admin",
                f"{request.release.version} {password}",
                (database,) if database else (),
                secrets_file=secrets_file,
                stdin_key=standalone.PASSWORD,
                unit="users",
            ),
            command=create,
            usual=8.0,
        )

    def _run(self, request: StackRequest) -> list[Step]:
        return [
            Step(
                "smoke-file",
                "Put the smoke DAG in place",
                self._smoke(request, "place"),
                undo=self._remove_smoke(request),
            ),
            Step(
                "start",
                "Start Airflow",
                actions.StartSupervisor(request.folder, standalone.fingerprint(request)),
                command=("./stack", "start"),
                usual=1.0,
                undo=actions.StopSupervisor(request.folder),
            ),
        ]

    def _remove_smoke(self, request: StackRequest) -> actions.RemoveSmokeDag:
        return actions.RemoveSmokeDag(self.endpoint(request), self._dags(request), _smoke_id(request), request.folder)

    def _prove(self, request: StackRequest) -> list[Step]:
        endpoint = self.endpoint(request)
        return [
            Step("identity", "Is it ours", actions.AwaitIdentity(endpoint, request.folder), usual=12.0),
            Step("heartbeats", "Heartbeats", actions.AwaitHeartbeats(endpoint, request.folder), usual=6.0),
            Step("login", "Login", actions.VerifyLogin(endpoint), usual=0.5),
            Step("dags-folder", "DAGs folder", self._smoke(request, "parse"), usual=3.0),
            Step("smoke-run", "Run the smoke DAG", self._smoke(request, "run"), usual=6.0),
            Step("smoke-log", "Read its log back", self._smoke(request, "log"), usual=0.5),
            Step(
                "smoke-remove",
                "Remove the smoke DAG",
                self._remove_smoke(request),
                usual=0.5,
                always=True,
            ),
        ]

    def _smoke(self, request: StackRequest, stage: str) -> actions.RunSmokeDag:
        return actions.RunSmokeDag(
            endpoint=self.endpoint(request),
            dags_folder=self._dags(request),
            dag_id=_smoke_id(request),
            airflow3=request.release.api == "v2",
            folder=request.folder,
            stage=stage,
        )

    @staticmethod
    def _dags(request: StackRequest) -> str:
        return str(airflow_cfg.dags_folder(request))

    def stop(self, request: StackRequest) -> tuple[Step, ...]:
        """Stop every process; files stay."""
        return (
            Step(
                "stop",
                "Stop Airflow",
                actions.StopSupervisor(request.folder),
                command=("./stack", "stop"),
                risk=Risk.DISRUPTIVE,
                usual=5.0,
            ),
        )

    def start(self, request: StackRequest) -> tuple[Step, ...]:
        """Start what is installed, and wait until it beats; no smoke DAG."""
        endpoint = self.endpoint(request)
        port = actions.CheckPort(request.folder, request.answers.text("bind"), request.answers.integer("port"))
        return (
            Step("port", "Look at the port", port),
            self._run(request)[-1],
            Step("identity", "Is it ours", actions.AwaitIdentity(endpoint, request.folder), usual=12.0),
            Step("heartbeats", "Heartbeats", actions.AwaitHeartbeats(endpoint, request.folder), usual=6.0),
            Step("login", "Login", actions.VerifyLogin(endpoint), usual=0.5),
        )

    def destroy(self, request: StackRequest) -> tuple[Step, ...]:
        """Stop, then delete what the wizard or Airflow made; DAGs and other files of the person stay."""
        paths = removable(request)
        return (
            *self.stop(request),
            Step(
                "remove",
                "Delete the stack's files",
                actions.RemovePaths(request.folder, paths, standalone.FOLDERS),
                command=("rm", "-r", *(str(PurePath(request.folder) / path) for path in paths)),
                risk=Risk.DESTRUCTIVE,
            ),
            Step("forget", "Forget the stack", actions.ForgetStack(request.name)),
        )


def removable(request: StackRequest) -> tuple[str, ...]:
    """Paths below the stack's folder that the wizard, uv or Airflow made. The state folder goes last."""
    made = [a.path for a in standalone.artifacts(request)]
    return (
        "venv",
        *sorted(set(made) - {p for p in made if p.startswith("supervisor/")}),
        "supervisor",
        "airflow.db",
        "airflow.db-wal",
        "airflow.db-shm",
        "webserver_config.py",
        "simple_auth_manager_passwords.json.generated",
        "airflow-webserver.pid",
        "plugins/__pycache__",
        "logs",
        "run",
        ".airflow-wizard",
    )


def _smoke_id(request: StackRequest) -> str:
    return SMOKE_PREFIX + request.secrets[standalone.STACK_ID].replace("-", "")[:8]


TARGET = Standalone()
