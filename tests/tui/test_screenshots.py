"""The pictures that are shown are what the program shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenshots import make_screenshots

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["checks", "options", "dashboard"])
def test_a_picture_is_what_is_drawn_now(name: str) -> None:
    kept = (make_screenshots.HERE / f"{name}.svg").read_text(encoding="utf-8")
    assert make_screenshots.render(name) == kept, "draw them again: make screenshots"


def test_every_picture_is_there() -> None:
    for name in make_screenshots.PICTURES:
        picture: Path = make_screenshots.HERE / f"{name}.svg"
        assert picture.is_file()
