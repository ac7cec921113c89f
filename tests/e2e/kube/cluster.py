"""A cluster that somebody else made: plain kind, one node, with the images that Airflow's pods need."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.e2e.compose.engine import WAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TOOLS = ("docker", "kind", "kubectl", "helm")
NODE_IMAGE = os.environ.get("AIRFLOW_WIZARD_E2E_NODE", "kindest/node:v1.36.3")
AIRFLOW, POSTGRES, REDIS = "apache/airflow:3.3.2", "postgres:16", "redis:7.2-bookworm"


def missing() -> str:
    """What a cluster cannot be made without, with the command that brings it; empty when nothing is missing."""
    bring = "a machine with Debian 12 gets it by: PATH=$(bash .ci/cluster.sh):$PATH"
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        return f"missing: {', '.join(absent)}; {bring}"
    done = subprocess.run(
        ("docker", "image", "inspect", NODE_IMAGE, AIRFLOW, POSTGRES, REDIS),
        env={**os.environ, **WAY},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return "" if done.returncode == 0 else f"{done.stderr.strip()}; {bring}, and bash .ci/images.sh"


@dataclass(frozen=True)
class Namespace:
    """A namespace of one test."""

    cluster: ForeignCluster
    name: str

    def kubectl(self, *words: str, given: str = "", timeout: float = 120.0) -> str:
        """What kubectl says in it."""
        return self.cluster.kubectl("--namespace", self.name, *words, given=given, timeout=timeout)

    def helm(self, *words: str, timeout: float = 660.0) -> str:
        """What Helm says in it."""
        return self.cluster.helm("--namespace", self.name, *words, timeout=timeout)


@dataclass(frozen=True)
class ForeignCluster:
    """A kind cluster that the tests made, not the wizard; its kubeconfig is a file that nobody else reads."""

    name: str
    kubeconfig: Path

    @property
    def context(self) -> str:
        """As kind calls it."""
        return f"kind-{self.name}"

    @property
    def node(self) -> str:
        """Its only node, which is a container."""
        return f"{self.name}-control-plane"

    def kubectl(self, *words: str, given: str = "", timeout: float = 120.0) -> str:
        """What kubectl says; it has to succeed."""
        return self._run(("kubectl", "--kubeconfig", str(self.kubeconfig), *words), given=given, timeout=timeout)

    def helm(self, *words: str, timeout: float = 660.0) -> str:
        """What Helm says; it has to succeed."""
        return self._run(("helm", "--kubeconfig", str(self.kubeconfig), *words), timeout=timeout)

    def load(self, *images: str) -> None:
        """Bring images of the engine to the node, those it lacks, in one stream and without a file in between."""
        listed = self._run(("docker", "exec", self.node, "ctr", "--namespace", "k8s.io", "images", "ls", "-q"))
        lacking = [image for image in images if not any(f"/{one}".endswith(f"/{image}") for one in listed.split())]
        if not lacking:
            return
        into = ("docker", "exec", "-i", self.node, "ctr", "--namespace", "k8s.io", "images", "import", "-")
        with subprocess.Popen(("docker", "save", *lacking), env={**os.environ, **WAY}, stdout=subprocess.PIPE) as saved:
            self._run(into, source=saved, timeout=600.0)
        assert saved.returncode == 0, lacking

    @contextmanager
    def in_namespace(self) -> Iterator[Namespace]:
        """A namespace with a name that nobody else uses, and gone with all that is in it afterwards."""
        name = f"e2e-{secrets.token_hex(3)}"
        self.kubectl("create", "namespace", name)
        try:
            yield Namespace(self, name)
        finally:
            self.kubectl("delete", "namespace", name, "--wait=false")

    def _run(
        self,
        argv: Sequence[str],
        *,
        given: str = "",
        source: subprocess.Popen[bytes] | None = None,
        timeout: float = 120.0,
    ) -> str:
        done = subprocess.run(
            argv,
            env={**os.environ, **WAY},
            input=None if source is not None else given.encode(),
            stdin=source.stdout if source is not None else None,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr.decode(errors='replace')}"
        return done.stdout.decode(errors="replace")


@contextmanager
def made(folder: Path) -> Iterator[ForeignCluster]:
    """A cluster of its own, and gone afterwards whatever happened."""
    one = ForeignCluster(f"e2e-{secrets.token_hex(3)}", folder / "kubeconfig")
    told = ("--name", one.name, "--kubeconfig", str(one.kubeconfig))
    env = {**os.environ, **WAY}
    try:
        make = ("kind", "create", "cluster", *told, "--image", NODE_IMAGE, "--wait", "240s")
        done = subprocess.run(make, env=env, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr
        one.load(AIRFLOW, POSTGRES, REDIS)
        yield one
    finally:
        subprocess.run(("kind", "delete", "cluster", *told), env=env, capture_output=True, timeout=120, check=False)
