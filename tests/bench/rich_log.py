"""What one would write first: Textual's RichLog, and what a command prints into it, line by line."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from textual.app import App
from textual.widgets import RichLog

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Follows(App[None]):
    """Shows the output of the command in its arguments."""

    def compose(self) -> ComposeResult:
        """One log."""
        yield RichLog(max_lines=10_000)

    async def on_mount(self) -> None:
        """Begins to read."""
        self.run_worker(self._read())

    async def _read(self) -> None:
        log = self.query_one(RichLog)
        child = await asyncio.create_subprocess_exec(*sys.argv[1:], stdout=asyncio.subprocess.PIPE)
        assert child.stdout is not None
        async for line in child.stdout:
            log.write(line.decode(errors="replace").rstrip("\n"))


if __name__ == "__main__":
    Follows().run()
