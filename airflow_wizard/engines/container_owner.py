"""Whose a project is: two folders, of one person or of two, can have Compose projects of one name.

Compose writes into each container in which folder its file lay. Nothing that was made elsewhere is stopped, removed, or
shown as this stack's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.engines.container_facts import Container


def made_in(containers: Iterable[Container], folder: str) -> tuple[Container, ...]:
    """Those that were made from the files in ``folder``; one that does not tell counts as made there."""
    return tuple(c for c in containers if not c.folder or _same(c.folder, folder))


def elsewhere(containers: Iterable[Container], folder: str) -> tuple[str, ...]:
    """The other folders that containers were made in."""
    return tuple(sorted({c.folder for c in containers if c.folder and not _same(c.folder, folder)}))


def _same(one: str, other: str) -> bool:
    # Compose may have been called through a link.
    return one == other or os.path.realpath(one) == os.path.realpath(other)
