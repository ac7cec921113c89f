"""What a person would read on the screen, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.pilot import Pilot


def text(app: App[int]) -> str:
    """The whole screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def until(pilot: Pilot[int], true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Lets the app work until something is so."""
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"it did not come to be:\n{text(pilot.app)}")


async def until_seen(pilot: Pilot[int], words: str, seconds: float = 10.0) -> None:
    """Lets the app work until words are on the screen."""
    await until(pilot, lambda: words in text(pilot.app), seconds)
