"""Killed at every step, and with the cluster's API away in the middle: the same command comes to the same end."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.kube.cluster import ForeignCluster
    from tests.e2e.kube.wizard import ClusterWizard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]
KILLED_AT = ("files", "apply", "smoke-file", "init", "helm", "forward", "identity", "smoke-run")
_MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml"
_AWAY_SECONDS = 30.0


def test_killed_at_every_step_and_with_the_api_away(
    foreign_cluster: ForeignCluster, cluster_wizard: ClusterWizard
) -> None:
    wizard, name = cluster_wizard, cluster_wizard.name
    words = (*wizard.up(*wizard.settings()), "--confirm-context", foreign_cluster.context)
    for step in KILLED_AT:
        _kill_at(wizard, words, step)
    away = threading.Thread(target=_take_api_away, args=(foreign_cluster,))
    away.start()
    done = wizard.run(*words, timeout=1200)
    away.join()
    last = done.events()[-1]
    assert (done.code, last["event"]) == (0, "proven"), done.err + json.dumps(last)
    releases = json.loads(foreign_cluster.helm("-n", name, "list", "-a", "-o", "json"))
    assert [one["status"] for one in releases] == ["deployed"]
    jobs = foreign_cluster.kubectl("-n", name, "get", "jobs", "-o", "name").split()
    assert len(jobs) == 1
    assert wizard.run("destroy", name, "--confirm", name, timeout=600).code == 0


def _kill_at(wizard: ClusterWizard, words: tuple[str, ...], step: str) -> None:
    """Ends the launch outright as soon as a step begins; what it started goes on by itself, as after a crash."""
    launch = wizard.start(*words)
    assert launch.stdout is not None
    for line in launch.stdout:
        event = json.loads(line)
        if event.get("id") == step and event["state"] in ("started", "skipped"):
            launch.kill()
            break
    launch.wait(timeout=60)
    launch.stdout.close()
    if launch.stderr is not None:
        launch.stderr.close()
    assert launch.returncode == -9, f"it ended before {step}"


def _take_api_away(cluster: ForeignCluster) -> None:
    """The API server goes once the launch is under way, and comes back after a while."""
    from tests.e2e.compose.engine import docker

    time.sleep(3.0)  # not a wait for anything: the moment itself is what is tried
    docker("exec", cluster.node, "mv", _MANIFEST, "/tmp/kube-apiserver.yaml")
    time.sleep(_AWAY_SECONDS)
    docker("exec", cluster.node, "mv", "/tmp/kube-apiserver.yaml", _MANIFEST)
