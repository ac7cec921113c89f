"""Images from a real registry of this machine: with their bytes, what is already there, and every way to be refused."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import InterruptedByUserError, StepFailedError
from airflow_wizard.run.actions import PullImages
from tests.e2e.wizard import free_port, get
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.compose.engine import Engine

pytestmark = pytest.mark.e2e
MIB = 2**20


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty registry that listens on the loopback alone, and is gone afterwards."""
    program = shutil.which("docker-registry") or shutil.which("registry")
    if program is None:
        why = "no registry program here: apt-get install docker-registry"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(f"CI must run the tests of pulling: {why}", pytrace=False)
        pytest.skip(why)
    place = tmp_path_factory.mktemp("registry")
    address = f"127.0.0.1:{free_port()}"
    (place / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {place}/data}}}}\n"
        f"http: {{addr: '{address}'}}\n"
    )
    with (place / "log").open("wb") as log:
        child = subprocess.Popen([program, "serve", str(place / "config.yml")], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        while not _answers(address):
            assert child.poll() is None, (place / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield address
    finally:
        child.terminate()
        child.wait(10)


def _answers(address: str) -> bool:
    with contextlib.suppress(OSError):
        return get(f"http://{address}/v2/")[0] == 200
    return False


@pytest.fixture(scope="module")
def image(engine: Engine, registry: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image of two layers, 24 MB that cannot be compressed, in the registry and not on the engine."""
    folder = tmp_path_factory.mktemp("image")
    for name in ("one", "two"):
        (folder / name).write_bytes(os.urandom(12 * MIB))
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY one /one\nCOPY two /two\n")
    name = f"{registry}/e2e/tiny:1"
    assert engine.docker("build", "--quiet", "--tag", name, str(folder)).code == 0
    assert engine.docker("push", name).code == 0
    engine.names("image", "rm", name)
    yield name
    engine.docker("image", "rm", name)


def test_bytes_are_told_while_they_come_and_what_is_there_is_not_pulled_again(engine: Engine, image: str) -> None:
    assert engine.docker("builder", "prune", "--force", "--filter", "until=1ns").code in (0, 1)
    heard = Heard()
    action = PullImages((image, "redis:7.2-bookworm"), ".")
    assert heard.done(action) == ""
    told = heard.do(action)
    assert "in 1 images" in told
    parts = {name: (state, words) for seen in heard.parts for name, state, words in seen}
    assert parts["redis:7.2-bookworm"] == ("ok", "is there")
    assert any("MB of 25 MB" in line or "asking the registry" in line for line in heard.progress), heard.progress
    assert heard.commands == [f"docker pull {image}", "exit 0"]
    assert engine.docker("image", "inspect", image).code == 0
    assert heard.done(action).startswith("2 images are there")


def test_a_tag_that_does_not_exist_is_named(engine: Engine, image: str) -> None:
    assert engine.major
    wrong = f"{image[:-1]}99"
    with pytest.raises(StepFailedError) as caught:
        Heard().do(PullImages((wrong,), "."))
    assert wrong in caught.value.what
    assert "no such image or tag" in caught.value.why
    assert "--set image=" in caught.value.next


def test_a_registry_that_is_not_there_ends_at_once(engine: Engine) -> None:
    assert engine.major
    began = time.monotonic()
    with pytest.raises(StepFailedError) as caught:
        Heard().do(PullImages((f"127.0.0.1:{free_port()}/nothing/here:1",), "."))
    assert time.monotonic() - began < 30
    assert "docker load" in caught.value.next


def test_a_pull_is_given_up_when_the_person_wants_to_stop(engine: Engine, image: str) -> None:
    engine.docker("image", "rm", image)
    heard = Heard()
    heard.on_progress = heard.cancel.set
    with pytest.raises(InterruptedByUserError):
        heard.do(PullImages((image,), "."))
    assert heard.commands[-1] == "exit 1"
