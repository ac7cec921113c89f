"""The part of a path that exists already."""

from __future__ import annotations

from pathlib import Path


def nearest(folder: Path) -> Path:
    """``folder`` or its nearest parent that exists; a file in the way counts as existing."""
    for candidate in (folder, *folder.parents):
        try:
            candidate.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:  # a parent we may not look into: it is there, and that is where it ends
            return candidate
        return candidate
    return Path(folder.anchor or ".")
