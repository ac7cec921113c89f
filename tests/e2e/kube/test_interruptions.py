"""Killed at every step, and with the cluster's API away in the middle: the same command comes to the same end."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.compose.engine import docker

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.e2e.kube.cluster import ForeignCluster
    from tests.e2e.kube.wizard import ClusterWizard, KindWizard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]
KILLED_AT = ("files", "apply", "migrate", "smoke-file", "install", "init", "helm", "forward", "identity", "smoke-run")
_MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml"
_KILL = (
    'for p in /proc/[0-9]*; do [ "$(cat $p/comm)" != kube-apiserver ] || kill -9 ${p#/proc/}; done 2>/dev/null; true'
)
_AWAY_SECONDS = 30.0


def test_killed_at_every_step_it_comes_to_the_same_end(
    foreign_cluster: ForeignCluster, cluster_wizard: ClusterWizard
) -> None:
    wizard, name = cluster_wizard, cluster_wizard.name
    words = (*wizard.up(*wizard.settings()), "--confirm-context", foreign_cluster.context)
    for step in KILLED_AT:
        _kill_at(wizard, words, step)
    done = wizard.run(*words, timeout=900)
    last = done.events()[-1]
    assert (done.code, last["event"]) == (0, "proven"), done.err + json.dumps(last)
    history = json.loads(foreign_cluster.helm("-n", name, "history", name, "-o", "json"))
    assert [one["status"] for one in history if one["status"] != "superseded"] == ["deployed"]
    jobs = foreign_cluster.kubectl("-n", name, "get", "jobs", "-o", "name").split()
    assert len(jobs) == 1
    assert wizard.run("destroy", name, "--confirm", name, timeout=600).code == 0


@pytest.mark.long
def test_an_api_that_is_away_in_the_middle_is_waited_for(
    foreign_cluster: ForeignCluster, cluster_wizard: ClusterWizard
) -> None:
    wizard, name = cluster_wizard, cluster_wizard.name
    words = (*wizard.up(*wizard.settings()), "--confirm-context", foreign_cluster.context)
    last = _through_an_outage(wizard, words, foreign_cluster)
    assert last["event"] == "proven", json.dumps(last)
    assert wizard.run("destroy", name, "--confirm", name, timeout=600).code == 0


@pytest.mark.long
def test_a_node_that_stops_in_the_middle_is_named_and_the_same_command_goes_on(kind_wizard: KindWizard) -> None:
    wizard, name = kind_wizard, kind_wizard.name
    words = wizard.up(*wizard.settings(nodes="2"), profile="kind-dev")
    launch = wizard.start(*words)
    last = _stopping(launch, lambda: docker("stop", "--time", "1", f"{name}-worker"))
    assert launch.returncode == 1, json.dumps(last)
    assert f"node {name}-worker does not answer; on it: " in json.dumps(last)
    assert docker("start", f"{name}-worker").code == 0
    done = wizard.run(*words, timeout=900)
    assert done.events()[-1]["event"] == "proven", done.err + done.out[-2000:]
    assert wizard.run("destroy", name, "--confirm", name, timeout=600).code == 0


def _stopping(launch: subprocess.Popen[str], stop: Callable[[], object]) -> dict[str, Any]:
    """The last event of a launch that something is stopped for when the page is waited for."""
    assert launch.stdout is not None
    last: dict[str, Any] = {}
    for line in launch.stdout:
        last = json.loads(line)
        if (last.get("id"), last.get("state")) == ("identity", "started"):
            stop()
    launch.wait(timeout=60)
    launch.stdout.close()
    if launch.stderr is not None:
        launch.stderr.close()
    return last


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


def _through_an_outage(wizard: ClusterWizard, words: tuple[str, ...], cluster: ForeignCluster) -> dict[str, Any]:
    """The last event of a launch from whose middle the API is away for a while, not to come back by itself."""
    launch = wizard.start(*words)
    assert launch.stdout is not None
    away: threading.Timer | None = None
    last: dict[str, Any] = {}
    for line in launch.stdout:
        last = json.loads(line)
        if last.get("id") == "apply" and last["state"] == "done" and away is None:
            docker("exec", cluster.node, "sh", "-c", f"mv {_MANIFEST} /root/ && {_KILL}")
            back = ("exec", cluster.node, "mv", "/root/kube-apiserver.yaml", _MANIFEST)
            away = threading.Timer(_AWAY_SECONDS, docker, back)
            away.start()
    assert away is not None
    away.join()
    launch.wait(timeout=60)
    launch.stdout.close()
    if launch.stderr is not None:
        launch.stderr.close()
    return last
