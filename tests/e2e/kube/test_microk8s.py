"""MicroK8s, where no snap can run: a program that speaks as the documented one and leads to a real cluster."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.wizard import stack_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.kube.cluster import ForeignCluster
    from tests.e2e.kube.wizard import ClusterWizard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

# Words and exit codes: MicroK8s' scripts/wrappers/status.py, common/utils.py and the pages on its commands.
_PROGRAM = """\
#!/bin/sh
# microk8s, as far as the wizard uses it.
state={state}
export KUBECONFIG={kubeconfig}
case "$1" in
  version) echo "MicroK8s v1.36.3 revision 8612" ;;
  start) touch "$state/running" ;;
  status)
    if [ ! -e "$state/running" ]; then echo "microk8s is not running, try microk8s start"; exit 0; fi
    echo "microk8s:"; echo "  running: true"; echo "addons:"
    for addon in dns hostpath-storage ingress; do
      on=disabled; [ ! -e "$state/$addon" ] || on=enabled
      printf '  - name: %s\\n    status: %s\\n' "$addon" "$on"
    done ;;
  enable) shift; for addon; do touch "$state/$addon"; echo "Addon core/$addon is enabled"; done ;;
  config) cat "$KUBECONFIG" ;;
  kubectl) shift; exec kubectl "$@" ;;
  helm3 | helm) shift; exec helm "$@" ;;
  *) echo "'$1' is not a valid MicroK8s subcommand." >&2; exit 1 ;;
esac
"""


def test_started_switched_on_and_proven(
    foreign_cluster: ForeignCluster, cluster_wizard: ClusterWizard, tmp_path: Path
) -> None:
    wizard, name = cluster_wizard, cluster_wizard.name
    found = json.loads(foreign_cluster.kubectl("config", "view", "--raw", "--flatten", "-o", "json"))
    found["contexts"][0]["name"] = found["current-context"] = "microk8s"
    kubeconfig = tmp_path / "microk8s.config"
    kubeconfig.write_text(json.dumps(found), encoding="utf-8")
    (tmp_path / "bin").mkdir()
    (tmp_path / "state").mkdir()
    program = tmp_path / "bin" / "microk8s"
    program.write_text(_PROGRAM.format(state=tmp_path / "state", kubeconfig=kubeconfig), encoding="utf-8")
    program.chmod(0o755)
    wizard.path = str(tmp_path / "bin")
    profile = tmp_path / "server.yaml"
    profile.write_text("schema: 1\nname: server\ntarget: microk8s\nexecutor: LocalExecutor\n", encoding="utf-8")

    settings = wizard.settings(context="microk8s", storage_class="standard", dags="")
    done = wizard.run(*wizard.up(*settings, profile=str(profile)), timeout=900)
    last = done.events()[-1]
    assert (done.code, last["event"]) == (0, "proven"), done.err + json.dumps(last)
    assert {one.name for one in (tmp_path / "state").iterdir()} == {"running", "dns", "hostpath-storage"}
    own = stack_folder(wizard, name) / "secrets" / "kubeconfig"
    assert own.stat().st_mode & 0o777 == 0o600
    assert wizard.run("destroy", name, "--confirm", name, timeout=600).code == 0
    assert name not in foreign_cluster.kubectl("get", "namespaces", "-o", "name")
