"""The way into a cluster: kept by a program of its own, and given up when its pod will never come."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines import forwarding
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers import forward, watch_pods
from airflow_wizard.run.kube_actions import Forward
from tests.engines.kube import PODS, release_in
from tests.engines.loopback import free_port
from tests.run.handlers.context import Heard
from tests.run.handlers.pods import container, pod, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engines.kube import FakeCluster


@pytest.fixture
def action(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forward]:
    """A port of this machine that is to lead to the API server; nothing of it outlives the test."""
    monkeypatch.setattr(watch_pods, "POLL", 0.01)
    monkeypatch.setattr(watch_pods, "_LOOK_EVERY", 0.0)
    yield Forward(release_in(tmp_path, "api-server"), "demo-api-server", "127.0.0.1", free_port())
    assert forwarding.stop(str(tmp_path))


def listens(cluster: FakeCluster, port: int) -> None:
    """What kubectl's port forward does, in a few words of Python."""
    code = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(600)"
    cluster.says("port-forward", more=f'exec {sys.executable} -c "{code}"')


def test_it_is_kept_until_it_is_ended(cluster: FakeCluster, action: Forward) -> None:
    listens(cluster, action.port)
    cluster.put(PODS, pod(component="api-server", now=time.time()))
    assert Heard().done(action) == ""
    heard = Heard()
    assert heard.do(action).startswith("kept by process ")
    command = f"port-forward --address 127.0.0.1 service/demo-api-server {action.port}:8080"
    assert heard.commands == [f"kubectl --context mine --namespace airflow {command}", "exit 0"]
    assert Heard().done(action).startswith("kept by process ")
    end = Forward(action.release, action.service, action.bind, action.port, verb="stop")
    assert Heard().done(end) == ""
    assert Heard().do(end) == "ended"
    assert Heard().done(end) == "there is none"
    assert not forwarding.listens(action.bind, action.port)


def test_a_pod_that_cannot_start_is_told_instead_of_waited_for(cluster: FakeCluster, action: Forward) -> None:
    cluster.says(
        "port-forward", "error: unable to forward port because pod is not running. Current status=Pending\n", 1
    )
    cluster.put(PODS, pod(container(state=waiting("ImagePullBackOff", "no such image")), component="api-server"))
    heard = Heard()
    with pytest.raises(StepFailedError, match="api-server cannot start: ImagePullBackOff: no such image"):
        heard.do(action)
    assert heard.commands[-1] == "exit 1"
    assert heard.parts[0] == (("api-server", "failed", "main: ImagePullBackOff"),)
    assert forwarding.read(action.release.folder) is None, "nothing is kept that leads nowhere"


def test_one_that_leads_nowhere_says_what_kubectl_said(
    cluster: FakeCluster, action: Forward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "_PATIENCE", 0.0)
    said = "error: services \x1b[31mdemo-api-server not found"
    monkeypatch.setattr(forwarding, "last_lines", lambda _: (said,))
    cluster.says("port-forward", said, 1)
    with pytest.raises(StepFailedError, match="leads nowhere after 0 s") as caught:
        Heard().do(action)
    assert caught.value.evidence == ("error: services demo-api-server not found",)
