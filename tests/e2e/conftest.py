"""A wizard of its own for each test, and nothing left running after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from tests.e2e.wizard import Wizard, processes_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def wizard(tmp_path: Path) -> Iterator[Wizard]:
    """A wizard with an empty home; whatever its stacks still run at the end is ended."""
    one = Wizard(tmp_path / "wizard")
    yield one
    folders = [f for f in (one.home / "stacks").glob("*") if f.is_dir()] if (one.home / "stacks").is_dir() else []
    left = [process for folder in folders for process in processes_in(folder)]
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=10)
