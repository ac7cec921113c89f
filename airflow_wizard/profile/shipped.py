"""The ready-made profiles."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder() -> Path:
    """Where they are: inside an installed package, else at the top of the checkout."""
    installed = _PACKAGE / "shipped"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "profiles"


def files() -> dict[str, Path]:
    """File by name of profile, sorted by name."""
    return {path.stem: path for path in sorted(folder().glob("*.yaml"))}
