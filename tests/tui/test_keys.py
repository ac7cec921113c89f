"""One key table: bindings, footer, help and palette say the same."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

from textual.binding import Binding
from textual.command import CommandPalette
from textual.dom import DOMNode

from airflow_wizard.tui import app as app_module
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.tui.keys import NEXT, PANEL, SCREENS, table
from airflow_wizard.tui.screens import registry
from tests.tui.recorded import Recorded
from tests.tui.seeing import text, until, until_seen

TUI = Path(app_module.__file__).parent


def ours() -> list[type[DOMNode]]:
    """Every class of the package that can have bindings."""
    found = []
    for path in TUI.rglob("*.py"):
        name = ".".join(path.relative_to(TUI.parents[1]).with_suffix("").parts)
        module = importlib.import_module(name.removesuffix(".__init__"))
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, DOMNode) and kind.__module__ == module.__name__:
                found.append(kind)
    return found


def test_every_binding_of_ours_has_an_id_and_a_tooltip() -> None:
    for kind in ours():
        for binding in vars(kind).get("BINDINGS", ()):
            assert isinstance(binding, Binding), kind
            assert binding.id, (kind, binding.key)
            assert binding.tooltip, (kind, binding.key)
            assert binding.description, (kind, binding.key)


def test_ids_are_unique_and_every_screen_has_its_keys() -> None:
    shared = {NEXT.id, PANEL.id}
    listed = [key.id for keys in SCREENS.values() for key in keys if key.id not in shared]
    assert len(listed) == len(set(listed))
    assert set(SCREENS) == set(registry.SCREENS)


def test_no_key_means_two_things_on_one_screen() -> None:
    everywhere = {
        key: item.id for item in table().values() if item.id.startswith("app.") for key in item.keys.split(",")
    }
    for name, keys in SCREENS.items():
        taken: dict[str, str] = {}
        for item in keys:
            for key in item.keys.split(","):
                assert key not in taken, (name, key, taken.get(key), item.id)
                assert key not in everywhere, (name, key, everywhere.get(key), item.id)
                taken[key] = item.id


def test_nothing_needs_a_chord() -> None:
    for item in table().values():
        if item.id in {"app.suspend", "app.quit_now"}:  # what a terminal itself knows
            continue
        assert any("+" not in key for key in item.keys.split(",")), item.id


def test_bindings_are_written_in_the_table_only() -> None:
    for path in TUI.rglob("*.py"):
        if path.name == "keys.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        made = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "Binding"]
        assert not made, path


async def test_the_footer_help_and_palette_name_what_works_now() -> None:
    app = WizardApp(Start(screen="checks"), Recorded())
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "11 checked")
        for size in ((80, 24), (120, 50)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: "f fix" in text(app).splitlines()[-1])  # the cursor stands on the port
            assert "→ next" in text(app).splitlines()[-1]
            await pilot.press("home")
            await until(pilot, lambda: "f fix" not in text(app).splitlines()[-1])
            await pilot.press("end", "up", "up", "up")
        await pilot.press("question_mark")
        await until_seen(pilot, "Measure this machine again")
        assert "Stop the stack" not in text(app)
        await pilot.press("escape")
        await until_seen(pilot, "11 checked")
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"evidence")
        await until_seen(pilot, "Show where a value was seen")
        await pilot.press("enter")
        await until_seen(pilot, "Where this was seen")


async def test_a_click_on_a_hint_does_what_its_key_does() -> None:
    app = WizardApp(Start(screen="checks"), Recorded())
    async with app.run_test(size=(120, 40)) as pilot:
        await until_seen(pilot, "→ next")
        footer = text(app).splitlines()[-1]
        await pilot.click("#keys", offset=(footer.index("next"), 1))
        await until_seen(pilot, "Where should Airflow run?")
        await pilot.click("#rail", offset=(4, 1))
        await until_seen(pilot, "Is this machine ready?")
