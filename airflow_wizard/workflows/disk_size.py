"""How much of the disk something takes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def size_of(path: Path) -> int:
    """Bytes allocated on disk below ``path``; what cannot be read counts as nothing, links are not followed."""
    total = 0
    try:
        total += path.lstat().st_blocks * 512
    except OSError:
        return 0
    if path.is_dir() and not path.is_symlink():
        for root, folders, files in os.walk(path, onerror=lambda _: None):
            for name in (*folders, *files):
                try:
                    total += os.lstat(os.path.join(root, name)).st_blocks * 512  # noqa: PTH118 - 20,000 files
                except OSError:
                    continue
    return total
