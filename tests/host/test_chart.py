"""A chart on this machine, as far as it says what it is."""

from __future__ import annotations

import io
import os
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.host.probe import Ask, Unseen
from airflow_wizard.host.probes.chart import probe

if TYPE_CHECKING:
    from pathlib import Path

GOOD = b"apiVersion: v2\nname: airflow\nversion: 1.22.0\n"


def seen(folder: Path, source: object) -> Any:  # noqa: ANN401
    return probe(Ask(folder, chart_source=str(source)))["chart"]


def a_chart(folder: Path, text: bytes = GOOD) -> Path:
    place = folder / "airflow"
    place.mkdir()
    (place / "Chart.yaml").write_bytes(text)
    return place


def packed(file: Path, name: str = "airflow/Chart.yaml", text: bytes = GOOD) -> Path:
    with tarfile.open(file, "w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return file


def test_a_folder_and_an_archive_say_what_they_are(tmp_path: Path) -> None:
    for source in (a_chart(tmp_path), f"file://{tmp_path}/airflow", packed(tmp_path / "airflow-1.22.0.tgz")):
        value = seen(tmp_path, source)
        assert (value["name"], value["version"], value["problem"]) == ("airflow", "1.22.0", "")


def test_an_address_is_not_asked_and_a_target_without_a_chart_has_none(tmp_path: Path) -> None:
    for address in ("https://airflow.apache.org", "oci://registry.example.org/airflow"):
        assert seen(tmp_path, address) == {"address": address}
    assert seen(tmp_path, "") == Unseen("only looked at for clusters")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"name: airflow\nversion: [1\n", "Chart.yaml of airflow, line 3: "),
        (b"- airflow\n", "Chart.yaml of airflow does not name a chart"),
        (b"version: 1.22.0\n", "Chart.yaml of airflow does not name a chart"),
        (b"\xff\xfe\x00", "Chart.yaml of airflow is no YAML"),
    ],
)
def test_a_description_that_says_nothing(tmp_path: Path, text: bytes, problem: str) -> None:
    assert seen(tmp_path, a_chart(tmp_path, text))["problem"].startswith(problem)


def test_what_is_no_chart(tmp_path: Path) -> None:
    plain = tmp_path / "plain.tgz"
    plain.write_bytes(b"no archive")
    cut = tmp_path / "cut.tgz"
    cut.write_bytes(packed(tmp_path / "whole.tgz").read_bytes()[:40])
    deep = packed(tmp_path / "deep.tgz", "airflow/charts/postgresql/Chart.yaml")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for source, problem in (
        (tmp_path / "gone", "it is not there"),
        (tmp_path, "the folder has no Chart.yaml"),
        (plain, "it is no archive as helm package makes it"),
        (cut, "it is no archive as helm package makes it"),
        (deep, "the archive has no Chart.yaml"),
        (pipe, "it is neither a folder nor an archive"),
        (tmp_path / ("long" * 200), "it cannot be read: File name too long"),
    ):
        assert seen(tmp_path, source)["problem"] == problem


def test_a_path_that_helm_looks_for_elsewhere_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = a_chart(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    stack = tmp_path / "stack"
    for source in ("airflow", "./airflow", "~/airflow"):
        value = seen(stack, source)
        assert value["problem"] == "it is not there"
        assert value["nearby"] == str(place)
    assert seen(stack, "nowhere")["nearby"] == ""
    stack.mkdir()
    a_chart(stack)
    assert seen(stack, "airflow")["path"] == str(stack / "airflow")
    assert seen(stack, "airflow")["problem"] == ""


@given(text=st.binary(max_size=200))
def test_any_bytes_are_a_chart_or_a_problem(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    folder = tmp_path_factory.mktemp("chart")
    value = seen(folder, a_chart(folder, text))
    assert bool(value["name"]) != bool(value["problem"])
    assert "\x1b" not in value["name"] + value["problem"]
