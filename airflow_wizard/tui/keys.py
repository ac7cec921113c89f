"""Every key, once: footer, help, command palette and bindings are made from this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding

if TYPE_CHECKING:
    from textual.binding import BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One thing a key does.

    Attributes:
        id: stable name, for a keymap of one's own.
        keys: the keys, comma separated; the first is shown.
        action: Textual action.
        label: one or two words for the footer.
        tooltip: a sentence for help and palette.
        shown: it stands in the footer.
        face: how the key is written; empty: by its name.
        priority: works even while text is typed.
    """

    id: str
    keys: str
    action: str
    label: str
    tooltip: str
    shown: bool = True
    face: str = ""
    priority: bool = False


GLOBAL = (
    Key("app.help", "question_mark,f1", "app.help", "help", "Show what every key does here", face="?"),
    Key("app.palette", "ctrl+p,colon", "app.command_palette", "palette", "Find an action by its name", False, "^p"),
    Key("app.theme", "f2", "app.next_theme", "theme", "Next theme: dark, light, high contrast", False, "F2"),
    Key("app.troubleshoot", "t", "app.troubleshoot", "troubleshoot", "Find out what is wrong", False),
    Key("app.profiles", "p", "app.profiles", "profiles", "Use, save, compare or delete profiles", False),
    Key("app.suspend", "ctrl+z", "app.suspend_process", "suspend", "Back to the shell; `fg` returns", False, "^z"),
    Key("app.quit", "q", "app.leave", "quit", "Save and leave; the next start continues here"),
    Key("app.quit_now", "ctrl+q,ctrl+c", "app.leave", "quit", "Save and leave, also while typing", False, "^q", True),
)
BACK = Key("screen.back", "escape", "back", "back", "One step back; nothing is lost", face="esc")
PANEL = Key("screen.panel", "i", "panel", "explain", "Show or hide the explanation on the right", face="i")
NEXT = Key("screen.next", "right,n", "next", "next", "On to the next step", face="→")
CLOSE = Key("overlay.close", "escape,q", "back", "close", "Close and return", face="esc")

ROWS = (
    Key("rows.up", "up,k", "cursor(-1)", "select", "Row above", False, "↑"),
    Key("rows.down", "down,j", "cursor(1)", "select", "Row below", False, "↓"),
    Key("rows.page_up", "pageup", "page(-1)", "page", "One page up", False, "PgUp"),
    Key("rows.page_down", "pagedown", "page(1)", "page", "One page down", False, "PgDn"),
    Key("rows.first", "home,g", "edge(-1)", "first", "First row", False, "Home"),
    Key("rows.last", "end,G", "edge(1)", "last", "Last row", False, "End"),
    Key("rows.choose", "enter", "choose", "choose", "Act on the selected row", False, "⏎"),
)
LOG = (
    Key("log.up", "up,k", "by(-1)", "scroll", "One line up; stops following", False, "↑"),
    Key("log.down", "down,j", "by(1)", "scroll", "One line down", False, "↓"),
    Key("log.page_up", "pageup", "page(-1)", "page", "One page up", False, "PgUp"),
    Key("log.page_down", "pagedown", "page(1)", "page", "One page down", False, "PgDn"),
    Key("log.first", "home,g", "edge(-1)", "first", "Oldest line; once more loads older ones", False, "Home"),
    Key("log.last", "end,G", "edge(1)", "last", "Newest line, and follow", False, "End"),
    Key("log.follow", "f", "follow", "follow", "Follow the newest line, or stay", False),
    Key("log.wrap", "w", "wrap", "wrap", "Wrap long lines, or cut them", False),
    Key("log.trouble", "e", "trouble(1)", "next error", "Next error, warning or restart"),
    Key("log.trouble_up", "E", "trouble(-1)", "error above", "Error, warning or restart above", False),
)
# What only a pane with the logs of a stack can do.
LOGS = (
    Key("logs.search", "slash", "search", "search", "Show only log lines with a word or a pattern", face="/"),
    Key("logs.whole", "enter", "whole", "whole line", "The whole line; JSON with its structure", face="⏎"),
    Key("logs.next", "n", "match(1)", "next match", "Next line that matches", False),
    Key("logs.before", "N", "match(-1)", "match above", "Line above that matches", False),
    Key("logs.only", "ampersand", "only", "all lines", "Only lines that match, or all with them marked", False, "&"),
    Key("logs.clock", "z", "clock", "time", "Time of day: here, UTC or none", False),
    Key("logs.copy", "y", "copy", "copy", "Copy the selected line, or all that are seen", False),
    Key("logs.save", "W", "save", "save", "Save the lines that are shown to a new file, without secrets", False),
)

CAUSE = Key("units.cause", "enter", "choose", "cause", "All about the selected unit, and why it is so", face="⏎")
UNITS = (
    Key("units.menu", "x", "menu", "actions", "Restart, stop, start, shell, … of the selected unit"),
    Key("units.filter", "slash", "filter", "filter", "Show only units with a word", face="/"),
    Key("units.order", "f6", "order", "order", "List units by role, state, cpu, memory, …; once more: the next", False),
    Key("units.figures", "m", "figures", "figures", "Show or hide CPU and memory of the units", False),
)
UNIT = (
    Key("unit.menu", "x", "menu", "actions", "Restart, stop, start, shell, …"),
    Key("unit.log", "u", "log", "log", "Its whole log"),
)
MENU = Key("menu.copy", "y", "copy", "copy", "Copy its command")
COMMANDS = (
    Key("commands.output", "enter", "choose", "output", "What the command wrote", face="⏎"),
    Key("commands.copy", "y", "copy", "copy", "Copy the command"),
)

SCREENS: dict[str, tuple[Key, ...]] = {
    "welcome": (Key("welcome.choose", "enter,right", "choose", "open", "Open what is selected", face="⏎"),),
    "checks": (
        Key("checks.fix", "f", "fix", "fix", "Apply the first fix of the selected row"),
        Key("checks.again", "r", "again", "again", "Measure this machine again"),
        Key("checks.evidence", "e", "evidence", "evidence", "Show where a value was seen"),
        NEXT,
    ),
    "target": (
        Key("target.choose", "enter,right,n", "choose", "use this", "Run Airflow there", face="⏎"),
        PANEL,
    ),
    "options": (
        Key("options.up", "up", "field(-1)", "field", "Field above", False, "↑"),
        Key("options.down", "down", "field(1)", "field", "Field below", False, "↓"),
        Key("options.next", "f8,n", "next", "review", "See what would be done", face="F8"),
        Key("options.expert", "f7", "expert", "expert", "Show or hide the options few people need", face="F7"),
        Key("options.panel", "f5,i", "panel", "explain", "Show or hide what the field means", face="F5"),
        Key("options.default", "f6", "default", "default", "Give this field its default again", face="F6"),
    ),
    "review": (
        Key("review.launch", "enter,l", "launch", "write and launch", "Write the files and run the steps", face="⏎"),
        Key("review.panel", "i", "panel", "preview", "Show or hide the file or the command", face="i"),
        Key("review.write", "w", "write", "write only", "Write the files, run nothing"),
        Key("review.script", "x", "script", "script", "Save a script that repeats this without the wizard"),
        Key("review.diff", "d", "diff", "diff", "Switch between the file and its difference to disk"),
    ),
    "launch": (
        Key("launch.retry", "r", "retry", "retry", "Run again; what is done is kept"),
        Key("launch.open", "enter", "dashboard", "dashboard", "On to the running stack", face="⏎"),
        Key("launch.output", "i", "panel", "output", "Show or hide what the programs write", face="i"),
        Key("launch.stop", "s", "stop", "stop here", "Stop now; the same command continues later"),
    ),
    "dashboard": (
        Key("dashboard.open", "o", "open", "open", "Open Airflow in a browser"),
        Key("dashboard.copy", "c", "copy", "copy", "Copy the password"),
        Key("dashboard.show", "v", "reveal", "show", "Show or hide the password"),
        Key("dashboard.start", "a", "start", "start", "Start the stack again"),
        Key("dashboard.stop", "s", "stop", "stop", "Stop the stack; everything is kept"),
        Key("dashboard.restart", "r", "restart", "restart", "Restart the stack"),
        Key("dashboard.more", "i", "more", "connect", "REST call, command line, folders, how to remove", face="i"),
        Key("dashboard.remove", "d", "remove", "remove", "Take away containers, database or everything; or start over"),
        Key("dashboard.unit", "u", "unit", "unit", "Show the log of the selected unit, or of all"),
        Key("dashboard.cluster", "K", "cluster", "cluster", "Jobs, claims, services and events of the cluster", False),
        Key("dashboard.commands", "L", "commands", "commands", "Every command that was run for this stack", False),
        Key("dashboard.logs", "l", "logs", "log", "To the log: search, errors, whole lines, save"),
        Key("dashboard.destroy", "D", "destroy", "destroy", "Remove the stack for good; asks for its name", False),
    ),
    "troubleshoot": (
        Key("troubleshoot.fix", "f", "fix", "fix", "Apply the first fix of the selected finding, after showing it"),
        Key("troubleshoot.again", "r", "again", "again", "Look again"),
        Key("troubleshoot.copy", "y", "copy", "copy report", "Copy the findings, without secrets"),
        PANEL,
    ),
    "profiles": (
        Key("profiles.use", "enter,u", "use", "use", "Begin with this profile", face="⏎"),
        Key("profiles.save", "s", "save", "save current", "Save the current answers as a profile"),
        Key("profiles.diff", "d", "diff", "compare", "Compare with the current answers"),
        Key("profiles.delete", "x", "delete", "delete", "Delete a saved profile", face="x"),
    ),
}


FACES = {"question_mark": "?", "slash": "/", "ampersand": "&", "colon": ":", "escape": "esc", "enter": "⏎",
         "up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "PgUp", "pagedown": "PgDn",
         "home": "Home", "end": "End", "space": "space"}  # fmt: skip


def face(name: str) -> str:
    """How one key is written."""
    if name.startswith("ctrl+"):
        return f"^{name.removeprefix('ctrl+')}"
    return FACES.get(name, name.upper() if name[0] == "f" and name[1:].isdecimal() else name)


def faces(key: Key) -> str:
    """All ways to press it."""
    return " ".join(dict.fromkeys(face(name) for name in key.keys.split(",")))


def bindings(*keys: Key) -> list[BindingType]:
    """Textual's bindings for keys of the table."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=key.shown,
            key_display=key.face or None,
            priority=key.priority,
            tooltip=key.tooltip,
            id=key.id,
        )
        for key in keys
    ]


def table() -> dict[str, Key]:
    """Every key by its id."""
    own = (k for keys in SCREENS.values() for k in keys)
    listed = (*GLOBAL, BACK, PANEL, NEXT, CLOSE, *ROWS, *LOGS, *LOG, CAUSE, *UNITS, *UNIT, MENU, *COMMANDS, *own)
    return {key.id: key for key in listed}
