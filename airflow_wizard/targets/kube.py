"""What the Kubernetes targets share; each adds where its cluster comes from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from airflow_wizard.artifacts.kube import settings, stack, texts
from airflow_wizard.artifacts.kube.database import POSTGRES
from airflow_wizard.checks.registry import checks_for
from airflow_wizard.errors import InvalidError
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions, kube_actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets import kube_launch
from airflow_wizard.targets.model import Fit, Verdict

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import Artifact, StackRequest
    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.cluster import Release
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.options.model import Target
    from airflow_wizard.profile.model import Answers

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
FOLDERS = ("secrets",)


class KubeTarget(ABC):
    """See `airflow_wizard.targets.model.TargetModule`."""

    name: ClassVar[Target]
    title: ClassVar[str]
    about: ClassVar[str]
    minutes: ClassVar[float]
    memory: ClassVar[int]

    def check_ids(self) -> tuple[str, ...]:
        """Ids of the host checks that matter for it."""
        return tuple(check.id for check in checks_for(self.name))

    @abstractmethod
    def judge(self, facts: HostFacts) -> tuple[Verdict, str]:
        """The verdict and its reason."""

    @abstractmethod
    def cluster_steps(self, request: StackRequest) -> list[Step]:
        """Steps after which there is a cluster that has the images."""

    def way_in(self, request: StackRequest) -> list[Step]:
        """Steps after which Airflow's address leads into the cluster."""
        return kube_launch.forward_steps(request)

    def fit(self, facts: HostFacts) -> Fit:
        """How well it fits this machine."""
        if facts.text("system", "os") == "windows":
            verdict, reason = Verdict.CANNOT, "the wizard needs Linux, macOS or WSL 2"
        else:
            verdict, reason = self.judge(facts)
        return Fit(
            target=self.name,
            title=self.title,
            verdict=verdict,
            reason=reason,
            minutes=self.minutes,
            memory=self.memory,
            about=self.about,
        )

    def secret_keys(self, answers: Answers, release: AirflowRelease) -> tuple[str, ...]:
        """Keys of secrets/.env."""
        return settings.secret_keys(
            airflow3=release.api == "v2",
            external_database=answers.text("database") == "external",
            celery="Celery" in answers.text("executor"),
            git_password=bool(answers.text("git_user")),
        )

    def artifacts(self, request: StackRequest) -> tuple[Artifact, ...]:
        """Files of the stack.

        Raises:
            InvalidError: the database's address cannot be used from inside the cluster.
        """
        if request.answers.text("database") == "external":
            _refuse_address(request.answers.text("database_url"))
        return stack.artifacts(request)

    def endpoint(self, request: StackRequest) -> actions.Endpoint:
        """Where it answers."""
        return kube_launch.endpoint(request)

    def runtime(self, request: StackRequest) -> Release:
        """The Helm release, with what the wizard adds to it."""
        return kube_launch.release(request)

    def units(self, request: StackRequest) -> tuple[str, ...]:
        """The components, as the chart labels their pods."""
        return kube_launch.components(request)

    def launch(self, request: StackRequest) -> tuple[Step, ...]:
        """From nothing to proven."""
        answers, folder = request.answers, request.folder
        given = tuple((name, value) for name, value in answers.values.items() if name != "database_password")
        url, version = self.endpoint(request).url, str(request.release.version)
        files = actions.WriteArtifacts(folder, self.artifacts(request), FOLDERS)
        remember = actions.RememberStack(request.name, str(self.name), folder, url, version, given)
        wake = kube_actions.ScaleRelease(kube_launch.release(request), replicas(request), stopped=True)
        return (
            Step("files", "Write the files", files),
            Step("register", "Remember the stack", remember),
            *self.cluster_steps(request),
            # Else what was stopped stays so: neither kubectl apply nor Helm takes a number from whoever set it last.
            Step("wake", "Start what was stopped", wake, usual=0.5),
            *kube_launch.install_steps(request),
            *self.way_in(request),
            *kube_launch.wait_steps(request),
            *kube_launch.smoke_steps(request),
        )

    def stop(self, request: StackRequest) -> tuple[Step, ...]:
        """Let no pod run; data stays."""
        scale = self._scale(request, "stop", "Stop every pod", replicas(request, 0))
        return (*kube_launch.forward_steps(request, "stop"), scale)

    def start(self, request: StackRequest) -> tuple[Step, ...]:
        """Let all pods run again, and wait until they beat; no smoke DAG."""
        scale = self._scale(request, "start", "Start the pods", replicas(request))
        return (scale, *self.way_in(request), *kube_launch.wait_steps(request))

    @staticmethod
    def _scale(request: StackRequest, id_: str, title: str, sizes: tuple[tuple[str, int], ...]) -> Step:
        runs = kube_launch.release(request)
        words = ("--namespace", runs.namespace, "scale", "statefulset,deployment", "-l", f"release={runs.name}")
        many = "0" if all(size == 0 for _, size in sizes) else "1"
        command = runs.cluster.with_kubectl(*words, f"--replicas={many}")
        return kube_launch.step(id_, title, kube_actions.ScaleRelease(runs, sizes), command)

    def single_units(self, request: StackRequest) -> tuple[str, ...]:
        """The components."""
        return self.units(request)

    def act(self, request: StackRequest, verb: actions.UnitVerb, unit: str) -> tuple[Step, ...]:
        """Stop, start or restart the pods of one component."""
        runs = kube_launch.release(request)
        # The database is the wizard's own; everything else is labelled by the chart.
        ours = f"app.kubernetes.io/instance={runs.name},app.kubernetes.io/component={unit}"
        which = ("-l", ours if unit == POSTGRES else f"release={runs.name},component={unit}")
        if verb == "restart":
            words = ("--namespace", runs.namespace, "rollout", "restart", "statefulset,deployment", *which)
            action: actions.Action = kube_actions.RestartComponent(runs, unit)
        else:
            size = 0 if verb == "stop" else dict(replicas(request))[unit]
            words = ("--namespace", runs.namespace, "scale", "statefulset,deployment", *which, f"--replicas={size}")
            action = kube_actions.ScaleRelease(runs, ((unit, size),))
        command = runs.cluster.with_kubectl(*words)
        return (kube_launch.step(verb, f"{verb.capitalize()} {unit}", action, command),)

    def down(self, request: StackRequest, *, volumes: bool = False) -> tuple[Step, ...]:
        """Remove Airflow; with ``volumes`` its database and everything else it has in the cluster."""
        return self._down(request, volumes=volumes)

    @staticmethod
    def _down(request: StackRequest, *, volumes: bool, stays: str = "") -> tuple[Step, ...]:
        runs = kube_launch.release(request)
        files = tuple(reversed(kube_launch.manifests(request)))
        files = tuple(file for file in files if file != "namespace.yaml") if volumes else ()
        action = kube_actions.RemoveRelease(runs, files, data=volumes, namespace=volumes, stays=stays)
        what = "Airflow and its data" if volumes else "Airflow"
        command = runs.cluster.with_helm("uninstall", runs.name, "--namespace", runs.namespace)
        remove = kube_launch.step("down", f"Remove {what}", action, command, destroys=volumes)
        return (*kube_launch.forward_steps(request, "stop"), remove)

    def destroy(self, request: StackRequest, *, images: bool = False, cluster: bool = False) -> tuple[Step, ...]:
        """Remove everything the wizard made; DAGs and other files of the person stay."""
        del images, cluster  # a cluster cleans up its nodes by itself, and is somebody else's
        return (*self.down(request, volumes=True), *remove_files(request))


def remove_files(request: StackRequest) -> tuple[Step, ...]:
    """The stack's files, and its place on the list."""
    paths = removable(request)
    return (
        Step(
            "remove",
            "Delete the stack's files",
            actions.RemovePaths(request.folder, paths, ("secrets", "dags", "logs")),
            command=("rm", "-r", *(str(PurePath(request.folder) / path) for path in paths)),
            risk=Risk.DESTRUCTIVE,
        ),
        Step("forget", "Forget the stack", actions.ForgetStack(request.name)),
    )


def removable(request: StackRequest) -> tuple[str, ...]:
    """Paths below the stack's folder that the wizard or Airflow made. The state folder goes last."""
    made = [artifact.path for artifact in stack.artifacts(request)]
    return (*sorted(made), texts.KUBECONFIG, "logs", ".airflow-wizard")


def replicas(request: StackRequest, size: int | None = None) -> tuple[tuple[str, int], ...]:
    """(component, pods) as values.yaml has them, or ``size`` for all."""
    workers = request.answers.integer("workers") if settings.has_celery(request) else 1
    return tuple(
        (name, size if size is not None else workers if name == "worker" else 1)
        for name in kube_launch.components(request)
    )


def _refuse_address(address: str) -> None:
    if urlsplit(address).hostname in _HERE:
        raise InvalidError(
            "database_url: names this machine as localhost",
            why="inside a pod that is the pod itself",
            next="name it by an address that the cluster's nodes reach, and let PostgreSQL listen there",
            key="database_url",
        )
