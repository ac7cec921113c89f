"""The app: its screens, its themes and how it ends. What screens do is in `screens`."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from textual.app import App

from airflow_wizard.tui import flow, themes
from airflow_wizard.tui.background import Job
from airflow_wizard.tui.flow import DEPTH
from airflow_wizard.tui.keys import GLOBAL, bindings
from airflow_wizard.tui.session import STEPS, Session
from airflow_wizard.tui.start import Start

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.command import Provider
    from textual.driver import Driver
    from textual.screen import Screen

    from airflow_wizard.tui.services import Services
    from airflow_wizard.tui.widgets.frame import HintClicked

__all__ = ["Start", "WizardApp", "run_app"]


def _palette() -> type[Provider]:
    from airflow_wizard.tui.palette import KeyCommands

    return KeyCommands


class WizardApp(App[int]):
    """The full-screen wizard. Returns an exit code."""

    TITLE = "airflow-wizard"
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = ["styles/frame.tcss", "styles/screens.tcss"]
    BINDINGS = bindings(*GLOBAL)
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(self, start: Start | None = None, services: Services | None = None) -> None:
        super().__init__()
        if services is None:
            from airflow_wizard.tui.workflows import Workflows

            services = Workflows()
        self.services: Services = services
        self.start_with = start or Start()
        self.session = Session(
            stack=self.start_with.stack or "",
            folder=str(Path(self.start_with.folder).expanduser().absolute()) if self.start_with.folder else "",
        )
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.NAMES[0]

    def get_driver_class(self) -> type[Driver]:
        """One that lets go of a terminal at once."""
        from airflow_wizard.tui.driver import quick

        return quick(super().get_driver_class())

    def on_mount(self) -> None:
        """Paints the first screen; nothing is measured before it."""
        if not self.is_headless:
            flow.listen_to_signals(self)
        self.push_screen(self.make(self.start_with.screen))

    def make(self, name: str) -> Screen[None]:
        """A screen by name; its module is loaded when it is first wanted."""
        from airflow_wizard.tui.screens import registry

        return registry.make(name)

    def action_go(self, name: str) -> None:
        """To a step of the flow, or to another whole screen."""
        if name in STEPS:
            self.session.reach(name)
            self.keep()
        self.switch_screen(self.make(name))

    def pop_to_flow(self) -> None:
        """Closes what lies over the flow and begins it."""
        while len(self.screen_stack) > DEPTH:
            self.pop_screen()
        self.action_go("checks")

    def action_home(self) -> None:
        """Back to the first screen."""
        self.switch_screen(self.make("welcome"))

    async def on_hint_clicked(self, event: HintClicked) -> None:
        """A click on a key hint does what the key does."""
        for active in self.screen.active_bindings.values():
            if active.binding.id == event.binding:
                await self.run_action(active.binding.action, active.node)
                return

    def action_help(self) -> None:
        """What every key does on the screen that is seen."""
        from airflow_wizard.tui.present.help import lines
        from airflow_wizard.tui.screens.dialogs import TextOverlay
        from airflow_wizard.tui.spans import Tone

        working = {a.binding.id for a in self.screen.active_bindings.values() if a.enabled and a.binding.id}
        self.push_screen(TextOverlay((("Keys", Tone.STRONG),), lines(working), name="help"))

    def action_troubleshoot(self) -> None:
        """What is wrong with a stack, or with this machine."""
        self.push_screen(self.make("troubleshoot"))

    def action_profiles(self) -> None:
        """Named answers."""
        self.push_screen(self.make("profiles"))

    def action_next_theme(self) -> None:
        """Dark, light, high contrast."""
        self.theme = themes.after(self.theme)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Not over a question, and nothing over itself."""
        if action in {"help", "troubleshoot", "profiles"}:
            return not self.screen.is_modal and all(screen.name != action for screen in self.screen_stack)
        return super().check_action(action, parameters)

    def keep(self) -> None:
        """Saves the unfinished flow, in a thread."""
        if self.session.step:
            Job(self, "save-flow", lambda _: flow.save(self.services, self.session))

    async def action_leave(self) -> None:
        """Leaves at once, unless a launch runs: then it asks. What was answered is kept."""
        if not flow.may_leave(self):
            return
        flow.save_quietly(self.services, self.session)
        self.exit(0)


def run_app(start: Start) -> int:
    """Opens the wizard and returns its exit code."""
    result = WizardApp(start).run()
    return 0 if result is None else result
