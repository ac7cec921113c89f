"""What ``microk8s status`` says, as the documented tool says it."""

from __future__ import annotations

import pytest

from airflow_wizard.host.probes.microk8s_status import read

RUNNING = """\
microk8s:
  running: true
high-availability:
  enabled: false
addons:
  - name: dns
    repository: core
    status: enabled
  - name: hostpath-storage
    status: enabled
  - name: ingress
    status: disabled
"""


def test_a_running_one_names_its_add_ons() -> None:
    assert read(RUNNING, RUNNING) == {
        "permitted": True,
        "running": True,
        "addons": ["dns", "hostpath-storage"],
        "error": "",
    }


@pytest.mark.parametrize(
    ("words", "permitted"),
    [
        ("microk8s is not running, try microk8s start\n", True),
        ("microk8s:\n  running: false\n", True),
        ("Insufficient permissions to access MicroK8s.\nYou can either try again with sudo or add the user\n", False),
        ("", True),
        ("{: not yaml", True),
    ],
)
def test_one_that_is_stopped_or_closed_says_so(words: str, *, permitted: bool) -> None:
    seen = read(words, words)
    assert isinstance(seen, dict)
    assert (seen["running"], seen["permitted"], seen["addons"]) == (False, permitted, [])
    assert str(seen["error"]) == (words.splitlines()[0] if words else "")
