"""Airflow without containers: its own virtual environment, kept running by the stack's own supervisor."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import airflow_cfg, standalone
from airflow_wizard.checks.registry import checks_for
from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets.model import Fit, Verdict
from airflow_wizard.targets.standalone_install import STAMPS, install_steps
from airflow_wizard.targets.standalone_proof import endpoint, place_smoke_dag, smoke_steps, wait_steps

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import Artifact, StackRequest
    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.profile.model import Answers
    from airflow_wizard.run.actions import Endpoint

# Characters that end a path inside an SQLAlchemy URL, or a line of airflow.cfg.
_UNUSABLE = "?#%\n\r\t"
_MEMORY = 1_150_000_000
_NEEDED = 1_500_000_000
# The stamps go with it, or the next start would find the database made already.
_DATABASE = (
    "airflow.db",
    "airflow.db-wal",
    "airflow.db-shm",
    *(f"{STAMPS}/{id_}" for id_ in ("migrate", "wal", "admin")),
)


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
        """Where it answers."""
        return endpoint(request)

    def units(self, request: StackRequest) -> tuple[str, ...]:
        """The components, by the names their logs have."""
        return tuple(standalone.components(request))

    def launch(self, request: StackRequest) -> tuple[Step, ...]:
        """From nothing to proven."""
        answers, folder = request.answers, request.folder
        given = tuple((name, value) for name, value in answers.values.items() if name != "database_password")
        url, version = airflow_cfg.base_url(request), str(request.release.version)
        files = actions.WriteArtifacts(folder, self.artifacts(request), (*standalone.FOLDERS, STAMPS))
        remember = actions.RememberStack(request.name, str(self.name), folder, url, version, given)
        return (
            Step("files", "Write the files", files),
            Step("register", "Remember the stack", remember),
            self._port(request),
            *install_steps(request),
            place_smoke_dag(request),
            self._start(request),
            *wait_steps(request),
            *smoke_steps(request),
        )

    @staticmethod
    def _port(request: StackRequest) -> Step:
        answers = request.answers
        action = actions.CheckPort(request.folder, answers.text("bind"), answers.integer("port"))
        return Step("port", "Look at the port", action)

    @staticmethod
    def _start(request: StackRequest) -> Step:
        return Step(
            "start",
            "Start Airflow",
            actions.StartSupervisor(request.folder, standalone.fingerprint(request)),
            command=("./stack", "start"),
            usual=1.0,
            undo=actions.StopSupervisor(request.folder),
        )

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
        return (self._port(request), self._start(request), *wait_steps(request))

    def runtime(self, request: StackRequest) -> actions.Processes:
        """Its own supervisor."""
        return actions.Processes(request.folder)

    def single_units(self, request: StackRequest) -> tuple[str, ...]:
        """The components: there is one of each."""
        return self.units(request)

    def act(self, request: StackRequest, verb: actions.UnitVerb, unit: str) -> tuple[Step, ...]:
        """Stop, start or restart one component."""
        action = actions.ActOnProcess(request.folder, unit, verb)
        command = ("./stack", verb if verb == "restart" else f"{verb}-unit", unit)
        return (Step(verb, f"{verb.capitalize()} {unit}", action, command=command, risk=Risk.DISRUPTIVE, usual=5.0),)

    def down(self, request: StackRequest, *, volumes: bool = False) -> tuple[Step, ...]:
        """The same as stop, for nothing but processes runs; with ``volumes`` the database file goes as well."""
        if not volumes:
            return self.stop(request)
        return (*self.stop(request), _remove(request, "Delete the database", _DATABASE))

    def destroy(self, request: StackRequest, *, images: bool = False, cluster: bool = False) -> tuple[Step, ...]:
        """Stop, then delete what the wizard or Airflow made; DAGs and other files of the person stay."""
        del images, cluster
        return (
            *self.stop(request),
            _remove(request, "Delete the stack's files", removable(request), standalone.FOLDERS),
            Step("forget", "Forget the stack", actions.ForgetStack(request.name)),
        )


def _remove(request: StackRequest, title: str, paths: tuple[str, ...], if_empty: tuple[str, ...] = ()) -> Step:
    return Step(
        "remove",
        title,
        actions.RemovePaths(request.folder, paths, if_empty),
        command=("rm", "-r", *(str(PurePath(request.folder) / path) for path in paths)),
        risk=Risk.DESTRUCTIVE,
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


TARGET = Standalone()
