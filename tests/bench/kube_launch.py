"""On Kubernetes: ``airflow-wizard up`` beside ``helm upgrade --install`` with the chart's defaults, on the same nodes.

The chart is the official one where a folder of it is given by ``WIZARD_BENCH_CHART``; else the tests' own, held to the
official defaults: migration and login as hooks, each component waiting for the migration, probes that import Airflow.
Its bundled database is gone from all registries: the peer is given the same PostgreSQL with a claim as the bundled one
has, applied in the moment that Helm starts.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines.airflow_api import AirflowApi, ForeignError, Login, NoAnswerError, RefusedError
from airflow_wizard.status.airflow_health import health_of
from tests.bench.figures import Pair, compared
from tests.bench.processes import PROGRAM, await_true
from tests.bench.session import free_port
from tests.e2e.kube.charts import unpacked
from tests.e2e.kube.cluster import AIRFLOW, POSTGRES, made, missing

if TYPE_CHECKING:
    from tests.bench.figures import Row
    from tests.bench.session import Session
    from tests.e2e.kube.cluster import ForeignCluster

VERSION = "3.3.2"
CHART = "WIZARD_BENCH_CHART"
BUDGET = 0.6
_PATIENCE = 600.0
_NOTE = "helm upgrade --install, the chart's defaults"
_DATABASE = f"""
apiVersion: v1
kind: Service
metadata: {{name: database}}
spec: {{selector: {{app: database}}, ports: [{{port: 5432}}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: database}}
spec:
  serviceName: database
  selector: {{matchLabels: {{app: database}}}}
  volumeClaimTemplates:
    - metadata: {{name: data}}
      spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 8Gi}}}}}}
  template:
    metadata: {{labels: {{app: database}}}}
    spec:
      containers:
        - name: postgres
          image: {POSTGRES}
          env: [{{name: POSTGRES_PASSWORD, value: postgres}}]
          volumeMounts: [{{name: data, mountPath: /var/lib/postgresql/data, subPath: data}}]
          readinessProbe: {{exec: {{command: [pg_isready, -h, 127.0.0.1]}}, periodSeconds: 1}}
"""


def measure(session: Session) -> list[Row]:
    if why := missing():
        raise RuntimeError(why)
    pairs, ledger = [], ""
    with tempfile.TemporaryDirectory() as place, made(Path(place)) as cluster:
        given = os.environ.get(CHART)
        chart = Path(given) if given else unpacked(Path(place) / "chart")
        for _ in range(session.long_pairs):
            theirs = _peer(cluster, chart, Path(place))
            # What is still being ended would take its share of the processors from the next one.
            await_true(lambda: "e2e-" not in cluster.kubectl("get", "namespaces"), seconds=_PATIENCE, what="an end")
            ours, ledger = _ours(session, cluster, chart)
            pairs.append(Pair(ours, theirs))
    kept = pairs[1:] or pairs
    return [compared("kubernetes: to four heartbeats + login", kept, BUDGET, "s", f"{_NOTE}; {ledger}")]


def _ours(session: Session, cluster: ForeignCluster, chart: Path) -> tuple[float, str]:
    name = f"bench-{time.time_ns() % 10**9}"
    given = {
        "airflow_version": VERSION, "executor": "LocalExecutor", "namespace": name, "context": cluster.context,
        "chart_source": str(chart), "port": str(free_port()),
    }  # fmt: skip
    argv = [PROGRAM, "up", "--profile", "any-cluster", "--name", name, "--yes", "--json"]
    argv += ["--confirm-context", cluster.context]
    argv += [word for key, value in given.items() for word in ("--set", f"{key}={value}")]
    env = {**session.env, "PATH": os.environ["PATH"], "KUBECONFIG": str(cluster.kubeconfig)}
    login, last = 0.0, {}
    began = time.perf_counter()
    child = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in child.stdout or ():
        last = json.loads(line)
        if last.get("id") == "login" and last.get("state") == "done":
            login = time.perf_counter() - began
    if child.wait() != 0 or not login:
        raise RuntimeError(f"the launch was not proven: {last}")
    subprocess.run([PROGRAM, "destroy", name, "--confirm", name], env=env, check=True, capture_output=True)
    spent = last["ledger"]
    told = ", ".join(f"{step} {spent[step]:.0f} s" for step in ("apply", "install", "init", "identity", "heartbeats"))
    return login, told


def _peer(cluster: ForeignCluster, chart: Path, place: Path) -> float:
    port = free_port()
    with cluster.in_namespace() as namespace:
        values = place / "peer.yaml"
        connection = {"user": "postgres", "pass": "postgres", "host": "database", "port": 5432, "db": "postgres",
                      "protocol": "postgresql+psycopg2", "sslmode": "disable"}  # fmt: skip
        repository, _, tag = AIRFLOW.partition(":")
        values.write_text(
            json.dumps(
                {
                    "executor": "LocalExecutor", "airflowVersion": VERSION, "defaultAirflowTag": tag,
                    "defaultAirflowRepository": repository, "postgresql": {"enabled": False},
                    "data": {"metadataConnection": connection},
                    # No image of it is here; it is none of the four.
                    "statsd": {"enabled": False},
                }
            ),
            encoding="utf-8",
        )  # fmt: skip
        api = AirflowApi(f"http://127.0.0.1:{port}", "v2", "/api/v2/monitor/health", Login("admin", "admin", ""))
        began = time.perf_counter()
        namespace.kubectl("apply", "-f", "-", given=_DATABASE)
        words = ("upgrade", "--install", "peer", str(chart), "--values", str(values), "--timeout", "15m")
        argv = ("helm", "--kubeconfig", str(cluster.kubeconfig), "--namespace", namespace.name, *words)
        helm = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        forward = _Forward(cluster, namespace.name, port)
        try:
            await_true(
                lambda: forward.keep() or _beats(api), seconds=_PATIENCE, what="the chart's defaults, four heartbeats"
            )
            await_true(lambda: _logs_in(api), seconds=_PATIENCE, what="the chart's login")
            return time.perf_counter() - began
        finally:
            helm.terminate()
            helm.wait()
            forward.end()


class _Forward:
    """A port forward that is tried again until there is something to lead to."""

    def __init__(self, cluster: ForeignCluster, namespace: str, port: int) -> None:
        words = ("port-forward", "service/peer-api-server", f"{port}:8080", "--address", "127.0.0.1")
        self._argv = ("kubectl", "--kubeconfig", str(cluster.kubeconfig), "--namespace", namespace, *words)
        self._child: subprocess.Popen[bytes] | None = None

    def keep(self) -> bool:
        """Starts it where it is not; never True."""
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(self._argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return False

    def end(self) -> None:
        if self._child is not None:
            self._child.terminate()
            self._child.wait()


def _beats(api: AirflowApi) -> bool:
    with contextlib.suppress(NoAnswerError, ForeignError, RefusedError):
        health = health_of(api.health())
        parts = (health.metadatabase, health.scheduler, health.triggerer, health.dag_processor) if health else (None,)
        return all(part is not None and part.status == "healthy" for part in parts)
    return False


def _logs_in(api: AirflowApi) -> bool:
    with contextlib.suppress(NoAnswerError, ForeignError, RefusedError):
        return bool(api.log_in())
    return False
