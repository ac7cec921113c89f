"""The engine of this machine for every test of this folder, and a wizard that leaves nothing on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.e2e.compose.engine import WAY, ComposeWizard, Engine, missing, remove_all
from tests.e2e.compose.project import Project
from tests.e2e.compose.registry import LocalRegistry, program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine, with every image the tests use; a broken machine on CI, a skip with its reason elsewhere."""
    found, why = missing()
    if found is None:
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(f"CI must run the tests of the Compose target: {why}", pytrace=False)
        pytest.skip(why)
    return found


@pytest.fixture(autouse=True)
def the_persons_engine(isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new home of a test would hide which engine is used, and the plugins of its client."""
    assert isolated.is_dir()
    for name, value in WAY.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def wizard(engine: Engine, tmp_path: Path) -> Iterator[ComposeWizard]:
    """A wizard with an empty home and a name of its own; what its stacks left on the engine is removed."""
    one = ComposeWizard(tmp_path / "wizard")
    yield one
    remove_all(engine, one)


@pytest.fixture
def project(engine: Engine) -> Iterator[Project]:
    """A project of its own, gone after the test."""
    one = Project(engine)
    yield one
    one.remove()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRegistry]:
    """An empty registry that listens on the loopback alone, and is gone afterwards."""
    why = "no registry program here: apt-get install docker-registry"
    if program() is None:
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(f"CI must run the tests of pulling: {why}", pytrace=False)
        pytest.skip(why)
    with LocalRegistry(tmp_path_factory.mktemp("registry")) as one:
        yield one
