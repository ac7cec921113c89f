"""A wizard that makes kind clusters of its own, and what it left on the machine."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.e2e.compose.engine import WAY, ComposeWizard, docker
from tests.e2e.kube.cluster import NODE_IMAGE

if TYPE_CHECKING:
    from pathlib import Path

_CLUSTER = "label=io.x-k8s.kind.cluster"


@dataclass
class ClusterWizard(ComposeWizard):
    """A wizard for a cluster that is there; its stack's name is that of its namespace, too."""

    chart: str = ""
    kubeconfig: str = ""
    context: str = ""
    path: str = ""

    @property
    def env(self) -> dict[str, str]:
        """Its environment, with what a test puts before the tools."""
        path = f"{self.path}{os.pathsep}{os.environ['PATH']}" if self.path else os.environ["PATH"]
        return {**super().env, "KUBECONFIG": self.kubeconfig, "PATH": path}

    def settings(self, **more: str) -> list[str]:
        """``--set`` words without which nothing can be launched here."""
        base = {"context": self.context, "namespace": self.name, "executor": "LocalExecutor"}
        given = {"chart_source": self.chart, **base, **more}
        return [word for key, value in given.items() for word in ("--set", f"{key}={value}")]

    def up(self, *words: str, profile: str = "any-cluster") -> tuple[str, ...]:
        """Words of a launch on this wizard's own port."""
        return super().up(*words, profile=profile)

    def script(self, folder: Path, *words: str) -> str:
        """What a stack's own ``./airflow`` says, from wherever it is called."""
        argv = [str(folder / "airflow"), *words]
        done = subprocess.run(argv, cwd="/", env=self.env, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, done.stdout + done.stderr + self._seen()
        return done.stdout

    def _seen(self) -> str:
        """What the cluster says of the stack, for a failure that nobody can look at later."""
        asked = ("get", "pods,events"), ("describe", "pods"), ("logs", "--previous", "-l", "component=dag-processor")
        kubectl = ("kubectl", "--kubeconfig", self.kubeconfig, "--namespace", self.name)
        runs = [subprocess.run([*kubectl, *words], capture_output=True, text=True, check=False) for words in asked]
        return "\n".join(run.stdout + run.stderr for run in runs)


@dataclass
class KindWizard(ComposeWizard):
    """Its stacks, and so its clusters, have names that nobody else uses."""

    chart: str = ""

    def settings(self, **more: str) -> list[str]:
        """``--set`` words without which nothing can be launched here: no registry has a chart or a node's image."""
        given = {"chart_source": self.chart, "node_image": NODE_IMAGE, "port": str(self.port), **more}
        return [word for key, value in given.items() for word in ("--set", f"{key}={value}")]

    def nodes(self) -> list[str]:
        """Containers of its clusters."""
        listed = docker("ps", "--all", "--format", "{{.Names}}", "--filter", f"{_CLUSTER}={self.name}")
        assert listed.code == 0, listed.err
        return listed.out.split()

    def kubectl(self, folder: Path, *words: str) -> str:
        """What kubectl says with the kubeconfig of a stack."""
        argv = ["kubectl", "--kubeconfig", str(folder / "secrets" / "kubeconfig"), *words]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def env(self) -> dict[str, str]:
        """Its environment: the person's own kubeconfig is a file that nothing of it may change."""
        return {**super().env, "KUBECONFIG": str(self.home / "kube-config-of-the-person")}

    def script(self, folder: Path, *words: str) -> str:
        """What a stack's own ``./airflow`` says, from wherever it is called."""
        argv = [str(folder / "airflow"), *words]
        done = subprocess.run(argv, cwd="/", capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def remove_all(self) -> None:
        """Its clusters go, whatever happened."""
        delete = ("kind", "delete", "cluster", "--name", self.name)
        subprocess.run(delete, env={**os.environ, **WAY}, capture_output=True, timeout=180, check=False)
