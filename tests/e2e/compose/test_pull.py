"""Images from a real registry of this machine: with their bytes, what is already there, and every way to be refused."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import InterruptedByUserError, StepFailedError
from airflow_wizard.run.actions import PullImages
from tests.e2e.wizard import free_port
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.compose.engine import Engine
    from tests.e2e.compose.registry import LocalRegistry

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def image(engine: Engine, registry: LocalRegistry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image of 24 MB in the registry and not on the engine."""
    name = registry.stock(engine, tmp_path_factory.mktemp("image"), "e2e/tiny:1", layers=2, mebibytes=12)
    yield name
    engine.docker("image", "rm", name)


def test_bytes_are_told_while_they_come_and_what_is_there_is_not_pulled_again(engine: Engine, image: str) -> None:
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
