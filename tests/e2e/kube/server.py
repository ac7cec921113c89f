"""A server of one's own: a bare node in a container, which nobody but kubeadm can make a cluster of."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sysconfig
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.compose.engine import WAY, docker
from tests.e2e.kube.cluster import AIRFLOW, NODE_IMAGE, POSTGRES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.wizard import Run

_SOURCE = Path(__file__).resolve().parents[3]
# A node has no init system; what keeps its kubelet running waits for this file. Without it kubeadm could not stop it.
_SYSTEMCTL = """\
#!/bin/sh
case "$*" in
  *firewalld*) exit 3 ;;
  "stop kubelet")
    rm -f /var/lib/kubelet/config.yaml
    for one in /proc/[0-9]*; do [ "$(cat $one/comm 2>/dev/null)" != kubelet ] || kill "${one#/proc/}"; done ;;
esac
"""
# Network and storage as the node image has them: there is no internet to fetch flannel's and Rancher's from.
_PROFILE = """\
schema: 1
name: home
target: kubeadm
airflow_version: "3.3.2"
executor: LocalExecutor
storage_class: standard
pod_network: /kind/manifests/default-cni.yaml
storage_manifest: /kind/manifests/default-storage.yaml
chart_source: /chart
"""


@dataclass(frozen=True)
class Server:
    """The wizard is run in it, as root.

    Attributes:
        name: of its container.
    """

    name: str

    def wizard(self, *words: str, timeout: float = 600.0) -> Run:
        """Run the wizard there to its end, without a terminal."""
        return self.run("python3", "-m", "airflow_wizard", *words, timeout=timeout).honest()

    def run(self, *argv: str, timeout: float = 120.0) -> Run:
        """A command there."""
        return docker("exec", self.name, *argv, timeout=timeout)

    def said(self, *argv: str) -> str:
        """What a command there says; it has to succeed."""
        done = self.run(*argv)
        assert done.code == 0, f"{' '.join(argv)}: {done.out}{done.err}"
        return done.out

    def has(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        return self.run("test", "-e", path).code == 0

    def write(self, path: str, text: str) -> None:
        """Make an executable file there."""
        self.said("sh", "-c", 'printf %s "$2" >"$1"; chmod 755 "$1"', "sh", path, text)

    def load(self, *images: str) -> None:
        """Bring images of the engine into the server's containerd."""
        into = ("docker", "exec", "-i", self.name, "ctr", "--namespace", "k8s.io", "images", "import", "-")
        env = {**os.environ, **WAY}
        with subprocess.Popen(("docker", "save", *images), env=env, stdout=subprocess.PIPE) as saved:
            done = subprocess.run(into, env=env, stdin=saved.stdout, capture_output=True, timeout=600, check=False)
        assert (saved.returncode, done.returncode) == (0, 0), done.stderr.decode(errors="replace")


@contextmanager
def bare(chart: Path) -> Iterator[Server]:
    """A server with containerd, kubelet, kubeadm and the images; gone afterwards whatever happened."""
    server = Server(f"e2e-{secrets.token_hex(3)}")
    helm = shutil.which("helm")
    assert helm is not None
    mounts = {_SOURCE: "/src", Path(sysconfig.get_path("purelib")): "/packages", chart: "/chart"}
    mounts[Path(helm).resolve()] = "/usr/local/bin/helm"
    words = [word for here, there in mounts.items() for word in ("--volume", f"{here}:{there}:ro")]
    words += ["--tmpfs", "/tmp", "--tmpfs", "/run", "--volume", "/var"]
    words += ["--env", "PYTHONPATH=/src:/packages", "--env", "AIRFLOW_WIZARD_HOME=/var/home"]
    words += ["--env", "PYTHONDONTWRITEBYTECODE=1", "--workdir", "/var"]
    run = ("run", "--detach", "--privileged", "--cgroupns=private", "--name", server.name, "--hostname", "home")
    try:
        done = docker(*run, *words, NODE_IMAGE)
        assert done.code == 0, done.err
        server.said("sh", "-c", "until ctr version >/dev/null 2>&1; do sleep 0.2; done")
        server.write("/usr/local/bin/systemctl", _SYSTEMCTL)
        server.write("/var/home.yaml", _PROFILE)
        server.load(AIRFLOW, POSTGRES)
        yield server
    finally:
        docker("rm", "--force", "--volumes", server.name)
