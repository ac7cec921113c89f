"""Three themes: one accent, three state colours, one grey for what is secondary."""

from __future__ import annotations

from textual.theme import Theme


def _theme(  # noqa: PLR0913 - a palette is a list of colours
    name: str,
    *,
    dark: bool,
    ground: str,
    panel: str,
    text: str,
    secondary: str,
    rule: str,
    accent: str,
    ok: str,
    warn: str,
    fail: str,
    cursor: str,
    units: tuple[str, ...],
) -> Theme:
    return Theme(
        name=name,
        primary=accent,
        secondary=accent,
        accent=accent,
        foreground=text,
        background=ground,
        surface=ground,
        panel=panel,
        success=ok,
        warning=warn,
        error=fail,
        dark=dark,
        variables={
            "dim": secondary,
            "rule": rule,
            "cursor": cursor,
            **{f"unit-{number}": colour for number, colour in enumerate(units)},
            "block-cursor-background": accent,
            "block-cursor-foreground": ground,
            "input-selection-background": f"{accent} 35%",
            "input-cursor-background": text,
            "input-cursor-foreground": ground,
            "scrollbar": rule,
            "scrollbar-hover": secondary,
            "scrollbar-active": accent,
            "scrollbar-background": ground,
            "scrollbar-background-hover": ground,
            "scrollbar-background-active": ground,
            "scrollbar-corner-color": ground,
        },
    )


THEMES = (
    _theme(
        "wizard-dark",
        dark=True,
        ground="#12161c",
        panel="#1a2029",
        text="#dbe2ea",
        secondary="#93a0b0",
        rule="#2e3846",
        accent="#4fc1e0",
        ok="#63c987",
        warn="#e5b454",
        fail="#f0736a",
        cursor="#20303c",
        units=("#7fb2f0", "#b9a4f0", "#6fc7b8", "#d6a5cf", "#a9c37a", "#d3b48c"),
    ),
    _theme(
        "wizard-light",
        dark=False,
        ground="#fbfaf7",
        panel="#f0eeea",
        text="#22272e",
        secondary="#5f6873",
        rule="#d5d1c8",
        accent="#006a8e",
        ok="#186b34",
        warn="#8a5a00",
        fail="#b3261e",
        cursor="#dcebf1",
        units=("#1f5fa8", "#6b46b0", "#0b6e66", "#9a2f7d", "#4d6b12", "#80521c"),
    ),
    _theme(
        "wizard-contrast",
        dark=True,
        ground="#000000",
        panel="#000000",
        text="#ffffff",
        secondary="#d0d0d0",
        rule="#ffffff",
        accent="#ffff00",
        ok="#00ff7f",
        warn="#ffc400",
        fail="#ff9d94",
        cursor="#00283f",
        units=("#8fd0ff", "#d5b8ff", "#7dfbe4", "#ffb3f2", "#c8ff7a", "#ffd9a0"),
    ),
)
NAMES = tuple(theme.name for theme in THEMES)


def after(name: str) -> str:
    """The theme that follows ``name`` round the circle."""
    return NAMES[(NAMES.index(name) + 1) % len(NAMES)] if name in NAMES else NAMES[0]
