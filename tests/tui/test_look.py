"""Themes that can be read, sizes that fit, and a body that does not jump."""

from __future__ import annotations

import pytest
from textual.color import Color

from airflow_wizard.status.snapshot import Health, Unit, UnitState
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.tui.present.units import unit_cells
from airflow_wizard.tui.spans import Line, Tone, fit, width
from airflow_wizard.tui.themes import NAMES, THEMES, after
from airflow_wizard.tui.widgets.rows import Column, Row, place
from tests.tui.machine import FACTS, record, snapshot
from tests.tui.recorded import Recorded
from tests.tui.seeing import text, until, until_seen

READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text
STRONG = 7.0  # 1.4.6


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_tone_can_be_read_on_every_ground(theme: object) -> None:
    from textual.theme import Theme

    assert isinstance(theme, Theme)
    needed = STRONG if "contrast" in theme.name else READABLE
    colours = [theme.foreground, theme.accent, theme.success, theme.warning, theme.error, theme.variables["dim"]]
    for ground in (theme.background, theme.panel, theme.variables["cursor"]):
        for colour in colours:
            ratio = contrast(str(colour), str(ground))
            assert ratio >= needed, (theme.name, colour, ground, ratio)


def contrast(one: str, other: str) -> float:
    """Ratio of relative luminances as WCAG defines it."""
    a, b = sorted((luminance(one), luminance(other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def luminance(colour: str) -> float:
    parts = [v / 255 for v in Color.parse(colour).rgb]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_themes_go_round() -> None:
    assert {after(name) for name in NAMES} == set(NAMES)
    assert after("something-else") == NAMES[0]


async def test_a_key_changes_the_theme(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "New Airflow")
        for name in (NAMES[1], NAMES[2], NAMES[0]):
            await pilot.press("f2")
            await until(pilot, lambda name=name: app.theme == name)  # type: ignore[misc]


async def test_any_size_can_be_taken_while_it_runs() -> None:
    app = WizardApp(Start(stack="demo"), Recorded(known_stacks=[record()]))
    app.session.facts = FACTS
    async with app.run_test(size=(120, 40)) as pilot:
        await until_seen(pilot, "New Airflow")
        for screen in ("checks", "target", "options", "review", "dashboard", "troubleshoot", "profiles"):
            app.action_go(screen)
            for size in ((80, 24), (200, 60), (40, 10), (100, 30)):
                await pilot.resize_terminal(*size)
                await until(pilot, lambda size=size: len(text(app).splitlines()) == size[1])  # type: ignore[misc]
            await until_seen(pilot, "help")


async def test_without_colour_every_state_still_has_its_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = WizardApp(Start(screen="checks"), Recorded())
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "✖ 1 must be solved")


def test_a_row_is_exactly_as_wide_as_asked() -> None:
    columns = (Column(1), Column(8), Column(4, flex=1), Column(6, right=True, above=40))
    row = Row(
        "x", ((("●", Tone.OK),), (("漢字漢字漢字", Tone.PLAIN),), (("word " * 20, Tone.DIM),), (("1.0", Tone.DIM),))
    )
    for cells in range(1, 120):
        assert width(place(row, columns, cells)) == cells


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    assert fit((("abcdef", Tone.PLAIN),), 4) == (("abc…", Tone.PLAIN),)
    assert fit((("1", Tone.PLAIN),), 3, right=True) == (("  ", Tone.PLAIN), ("1", Tone.PLAIN))


def test_a_unit_of_a_stopped_stack_is_no_failure() -> None:
    def sign(code: int, health: Health) -> Line:
        unit = Unit("scheduler", "scheduler", UnitState.EXITED, health, exit_code=code)
        return unit_cells(unit, snapshot(), figures=False)[0]

    # 137 is what `docker stop` does to one that does not end in time.
    assert {sign(code, Health.NONE) for code in (0, 137)} == {(("○", Tone.DIM),)}
    assert sign(1, Health.NONE) == (("✖", Tone.FAIL),)
    # Beside others that run, one that does not is a failure, however it ended.
    assert {sign(code, Health.UNHEALTHY) for code in (0, 137, 1)} == {(("✖", Tone.FAIL),)}
