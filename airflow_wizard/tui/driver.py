"""The terminal, given back at once by whoever leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver


def quick(usual: type[Driver]) -> type[Driver]:
    """A driver that is not waited for at the end; the usual one in a browser and on Windows."""
    if usual.__module__ != "textual.drivers.linux_driver":
        return usual
    from textual.drivers.linux_driver import LinuxDriver

    class QuickDriver(LinuxDriver):
        """The thread that reads keys looks up ten times a second. Who only suspends the app waits for that.

        Else it would take keys that are meant for the shell.
        """

        def disable_input(self) -> None:
            """No key is read any more."""
            leaving = self._app.return_code is not None
            if leaving and self.exit_event.is_set():
                return
            if leaving:
                self._key_thread = None
            super().disable_input()
            if leaving:
                # Textual takes this back, because to it the thread has ended.
                self.exit_event.set()

    return QuickDriver
