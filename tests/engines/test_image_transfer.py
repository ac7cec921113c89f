"""Images into nodes: one stream for all, and who broke it off is the one that says why."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.image_transfer import held_by, image_ids, reference, transfer
from airflow_wizard.errors import InterruptedByUserError, StepFailedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster

LS = """\
REF                            TYPE       DIGEST      SIZE PLATFORMS   LABELS
docker.io/library/postgres:16  app/vnd    sha256:aaa  10   linux/amd64 io.cri=m,airflow-wizard.image=sha256:p@sha256:aaa
docker.io/apache/airflow:3.3.2 app/vnd    sha256:ccc  10   linux/amd64 airflow-wizard.image=sha256:x@sha256:bbb
docker.io/library/redis:7      app/vnd    sha256:ddd  10   linux/amd64 io.cri=m
"""
SAVE, IMPORT = "save", "exec --interactive"


@pytest.mark.parametrize(
    ("image", "full"),
    [
        ("postgres:16", "docker.io/library/postgres:16"),
        ("postgres", "docker.io/library/postgres:latest"),
        ("apache/airflow:3.3.2", "docker.io/apache/airflow:3.3.2"),
        ("ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        ("localhost/x:1", "localhost/x:1"),
        ("127.0.0.1:5000/x", "127.0.0.1:5000/x:latest"),
        ("a/b@sha256:0", "docker.io/a/b@sha256:0"),
    ],
)
def test_a_name_is_written_out_as_containerd_has_it(image: str, full: str) -> None:
    assert reference(image) == full
    assert reference(full) == full


NAMES = st.sampled_from(["a", "b.c", "localhost", "x:5000", "d-e"])


@given(st.lists(NAMES, min_size=1, max_size=3), st.sampled_from(["", ":1.0", "@sha256:0"]))
def test_a_full_name_stays_as_it_is(parts: list[str], end: str) -> None:
    full = reference("/".join([*parts[:-1], parts[-1].partition(":")[0]]) + end)
    assert reference(full) == full
    assert {":", "@"} & set(full.rpartition("/")[2])


def test_what_a_node_was_given_is_known_until_another_image_takes_the_name(cluster: FakeCluster) -> None:
    cluster.says("images ls", LS)
    assert held_by("node") == {"docker.io/library/postgres:16": "sha256:p"}
    cluster.says("images ls", "", 1)
    assert held_by("node") == {}


def test_what_the_engine_does_not_have_is_left_out(cluster: FakeCluster) -> None:
    cluster.says("image inspect postgres:16", json.dumps([{"Id": "sha256:p", "Size": 42}]))
    cluster.says("image inspect no/such:1", "[]\n", 1)
    assert image_ids(("postgres:16", "no/such:1")) == {"postgres:16": ("sha256:p", 42)}


@pytest.fixture
def engine(cluster: FakeCluster, tmp_path: Path) -> FakeCluster:
    """One that has postgres, and nodes that keep what they are given in files of their name."""
    cluster.says("image inspect", json.dumps([{"Id": "sha256:p", "Size": 3_000_000}]))
    cluster.says("images ls", LS)
    cluster.says(SAVE, more="head -c 3000000 /dev/zero")
    for node in ("one", "two"):
        cluster.says(f"{IMPORT} {node}", more=f"cat >{tmp_path}/{node}")
    return cluster


def test_every_node_gets_the_whole_stream_and_a_note_of_what_it_was(engine: FakeCluster, tmp_path: Path) -> None:
    told: list[int] = []
    transfer(("postgres:16",), ("one", "two"), on_bytes=told.append, cancel=threading.Event())
    assert [(tmp_path / node).stat().st_size for node in ("one", "two")] == [3_000_000, 3_000_000]
    assert told == sorted(told)
    assert told[-1] == 3_000_000
    label = "label docker.io/library/postgres:16 airflow-wizard.image=sha256:p@sha256:aaa"
    assert len([command for command in engine.commands if label in command]) == 2


def test_a_node_that_takes_no_more_says_why(engine: FakeCluster) -> None:
    engine.says(f"{IMPORT} two", more="echo 'no space \x1b[1mleft on device' >&2", code=1)
    with pytest.raises(StepFailedError, match="`docker exec --interactive two") as caught:
        transfer(("postgres:16",), ("one", "two"), on_bytes=lambda _: None, cancel=threading.Event())
    assert caught.value.evidence == ("no space left on device",)


def test_an_engine_that_cannot_give_it_says_why(engine: FakeCluster) -> None:
    engine.says(SAVE, more="echo 'No such image' >&2", code=1)
    with pytest.raises(StepFailedError, match="`docker save postgres:16 …` ended with exit 1") as caught:
        transfer(("postgres:16",), ("one",), on_bytes=lambda _: None, cancel=threading.Event())
    assert caught.value.evidence == ("No such image",)


def test_it_ends_when_the_person_does_not_want_it(engine: FakeCluster) -> None:
    cancel = threading.Event()
    engine.says(f"{IMPORT} one", more="cat >/dev/null; sleep 60")
    with pytest.raises(InterruptedByUserError):
        transfer(("postgres:16",), ("one",), on_bytes=lambda _: cancel.set(), cancel=cancel)
