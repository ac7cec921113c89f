"""A cluster with thousands of pods that nothing runs, and a stack that the wizard knows them by.

kwok stands in for kubelets; the API server, its store and what it tells are the real ones.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi
from airflow_wizard.errors import EngineUnreachableError
from tests.bench.processes import PROGRAM
from tests.bench.watched import SIZE, Watched
from tests.e2e.kube.staged import stage

if TYPE_CHECKING:
    from tests.bench.session import Session

NODE_IMAGE = "kindest/node:v1.36.3"
# A cluster that is there is used instead of one of our own.
GIVEN = "WIZARD_BENCH_KUBECONFIG"
STAGES = Path(__file__).with_name("kwok-stages.yaml")
_AT_ONCE = 8
_NODE = "bench-node"
_TOOLS = ("kubectl", "kind", "kwok")


class KubeStage:
    """A namespace with pods; whatever was made is removed at the end."""

    def __init__(self, session: Session, pods: int) -> None:
        self.name = f"bench-{secrets.token_hex(3)}"
        self.count = pods
        self.home = session.place / self.name
        self.env = {**session.env, "AIRFLOW_WIZARD_HOME": str(self.home), "PATH": os.environ["PATH"]}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        missing = [name for name in _TOOLS if shutil.which(name) is None]
        if missing:
            raise RuntimeError(f"no {', '.join(missing)} on the PATH")
        try:
            self._make()
        except (ApiRefusedError, EngineUnreachableError, subprocess.CalledProcessError) as error:
            self._stack.close()
            raise RuntimeError(str(error)) from error
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _make(self) -> None:
        given = os.environ.get(GIVEN)
        self.kubeconfig = Path(given) if given else self._cluster()
        self.kubectl = ("kubectl", "--kubeconfig", str(self.kubeconfig))
        self.api = self._stack.enter_context(KubeApi(self.kubectl, timeout=30.0))
        self._post("/api/v1/namespaces", {"metadata": {"name": self.name}})
        self._stack.callback(self._run, "delete", "namespace", self.name, "--wait=false")
        self._post("/api/v1/nodes", _node())
        self._stack.callback(self._run, "delete", "node", _NODE, "--wait=false")
        kwok = ["kwok", "--config", str(STAGES), "--kubeconfig", str(self.kubeconfig)]
        kwok += ["--manage-all-nodes=false", "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake"]
        # Without one the cluster takes the node for lost after forty seconds, and tells so of each of its pods.
        kwok += ["--node-lease-duration-seconds=40"]
        process = subprocess.Popen(kwok, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self.add, range(self.count)))
        self._until_running()
        stage(self.name, self.home / "stacks" / self.name, self.env, kubeconfig=self.kubeconfig)

    def _cluster(self) -> Path:
        kubeconfig = self.home / "kubeconfig"
        self.home.mkdir(parents=True, exist_ok=True)
        words = ["kind", "create", "cluster", "--name", self.name, "--image", NODE_IMAGE, "--wait", "180s"]
        subprocess.run([*words, "--kubeconfig", str(kubeconfig)], check=True, capture_output=True)
        delete = ["kind", "delete", "cluster", "--name", self.name, "--kubeconfig", str(kubeconfig)]
        self._stack.callback(lambda: subprocess.run(delete, check=False, capture_output=True))
        return kubeconfig

    def _until_running(self) -> None:
        path, end = f"/api/v1/namespaces/{self.name}/pods", time.time() + 300.0
        while self.api.get(path, fieldSelector="status.phase=Pending", limit="1").get("items"):
            if time.time() > end:
                raise RuntimeError("kwok does not let the pods run")
            time.sleep(1.0)

    def _run(self, *words: str) -> None:
        subprocess.run([*self.kubectl, *words], check=False, capture_output=True)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        for again in (True, True, False):
            try:
                self.api.post(path, body)
            except ApiRefusedError as error:
                # The store of a cluster on a busy machine takes its time.
                if error.reason == "AlreadyExists":
                    return
                if not again or error.status < 500:
                    raise
            else:
                return

    def add(self, number: int) -> None:
        """Make one pod, as Airflow's executor would."""
        labels = {"tier": "airflow", "release": self.name, "component": "worker", "kubernetes_executor": "True"}
        task = {"dag_id": "bench", "task_id": f"task_{number % 50:02}", "try_number": "1"}
        container = {
            "name": "base", "image": "apache/airflow:3.3.2", "args": ["airflow", "tasks", "run"],
            "resources": {"limits": {"memory": "512Mi", "cpu": "1"}},
            "env": [{"name": f"AIRFLOW__CORE__SETTING_{n}", "value": "x" * 24} for n in range(12)],
        }  # fmt: skip
        spec = {"nodeName": _NODE, "restartPolicy": "Never", "containers": [container]}
        metadata = {"name": self.pod(number), "labels": labels | task, "annotations": task}
        self._post(f"/api/v1/namespaces/{self.name}/pods", {"metadata": metadata, "spec": spec})

    def pod(self, number: int) -> str:
        """Name of a pod."""
        return f"bench-task-{number:05}"

    def remove(self, number: int) -> None:
        """Evict one pod."""
        path = f"/api/v1/namespaces/{self.name}/pods/{self.pod(number)}/eviction"
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": self.pod(number)}}
        self.api.post(path, body)

    def dashboard(self) -> Watched:
        """The wizard in a terminal, with the selection on the stack; enter opens its dashboard."""
        watched = Watched([PROGRAM], self.env, SIZE)
        try:
            watched.until(lambda lines: any(self.name in line and "3.3.2" in line for line in lines))
            watched.press("\x1b[B")
            watched.until(lambda lines: any("❯" in line and self.name in line for line in lines))
            watched.rest()
        except BaseException:
            watched.__exit__()
            raise
        return watched


def _node() -> dict[str, Any]:
    size = {"cpu": "1000", "memory": "1000Gi", "pods": "20000"}
    return {
        "metadata": {"name": _NODE, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {"taints": [{"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}]},
        "status": {"allocatable": size, "capacity": size},
    }
