"""What a server shows before kubeadm is run, on the machine the tests run on."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from airflow_wizard.host.probe import Ask
from airflow_wizard.host.probes.kubeadm_preflight import probe


@pytest.mark.skipif(sys.platform != "linux", reason="kubeadm runs on Linux only")
def test_the_disks_of_the_kubelet_are_measured_where_its_folders_are_or_will_be(tmp_path: Path) -> None:
    found = probe(Ask(folder=tmp_path, target="kubeadm"))["kubeadm_preflight"]
    assert isinstance(found, dict)
    disks = found["disks"]
    assert isinstance(disks, list)
    assert [disk["of"] for disk in disks if isinstance(disk, dict)] == ["kubelet", "images"]
    for disk in disks:
        assert isinstance(disk, dict)
        assert Path(str(disk["path"])).exists()
        assert disk["total"] == shutil.disk_usage(str(disk["path"])).total
