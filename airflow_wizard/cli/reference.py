"""The generated parts of README: commands, options, exit codes.

``python -m airflow_wizard.cli.reference`` prints them; ``--write README.md`` puts them between their marks.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.cli import narrate, output
from airflow_wizard.cli.help import label, usage
from airflow_wizard.cli.registry import everything
from airflow_wizard.cli.root import ROOT
from airflow_wizard.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_wizard.cli.command import Command


def commands() -> str:
    """One table of all commands, then usage, arguments and an example of each."""
    parts = []
    for heading, declared in everything():
        parts.append(_table((heading, "does"), [(f"`{c.name}`", c.help) for c in declared]))
    for _, declared in everything():
        for command in declared:
            parts += [_details(leaf) for leaf in command.children or (command,)]
    parts.append(_details(ROOT))
    return "\n\n".join(parts)


def options() -> str:
    """A table of the options for each group."""
    from airflow_wizard.options.describe import describe_all
    from airflow_wizard.options.model import ALL_TARGETS

    rows = describe_all()
    parts = []
    for group in dict.fromkeys(str(row["group"]) for row in rows):
        cells = []
        for row in rows:
            if row["group"] == group:
                targets = row["targets"] if isinstance(row["targets"], list) else []
                where = "all" if len(targets) == len(ALL_TARGETS) else ", ".join(str(t) for t in targets)
                name = (
                    f"`{row['name']}`" + (" (expert)" if row["expert"] else "") + (" (secret)" if row["secret"] else "")
                )
                example = f"`{row['example']}`" if row["example"] else ""
                cells.append((name, str(row["type"]), str(row["help"]), example, where))
        parts.append(_table((group, "type", "what it is", "example", "targets"), cells))
    return "\n\n".join(parts)


def exit_codes() -> str:
    """The table of exit codes."""
    return _table(("exit", "meaning"), [(str(int(code)), code.meaning) for code in ExitCode])


SECTIONS: dict[str, Callable[[], str]] = {"commands": commands, "options": options, "exit-codes": exit_codes}


def rewrite(text: str) -> str:
    """``text`` with every generated part renewed.

    Raises:
        ValueError: the marks of a part are missing.
    """
    for name, make in SECTIONS.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            message = f"{begin} … {end} is missing"
            raise ValueError(message)
        text = f"{before}{begin}\n\n{make()}\n\n{end}{after}"
    return text


def main(argv: Sequence[str]) -> int:
    """Prints the generated parts, or writes them into a file."""
    if len(argv) == 2 and argv[0] == "--write":
        path = Path(argv[1])
        old = path.read_text(encoding="utf-8")
        new = rewrite(old)
        if new != old:
            path.write_text(new, encoding="utf-8")
        narrate.say(f"{path}: {'renewed' if new != old else 'is current'}")
        return ExitCode.OK
    for name, make in SECTIONS.items():
        output.document(f"<!-- {name} -->\n{make()}")
    return ExitCode.OK


def _details(command: Command) -> str:
    title = f"airflow-wizard {command.name}".strip()
    lines = [
        f"<details><summary><code>{title}</code>: {_escaped(command.help)}</summary>",
        "",
        "```",
        usage(command),
        "```",
    ]
    if command.about:
        lines += ["", _escaped(command.about)]
    if command.arguments:
        rows = [
            (f"`{label(a)}`", a.help + (f": {', '.join(a.choices)}" if a.choices else "")) for a in command.arguments
        ]
        lines += ["", _table(("argument", "what it is"), rows)]
    lines += ["", "Example:", "", "```", command.example, "```", "", "</details>"]
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|").replace("\n", " ")


def _escaped(text: str) -> str:
    # Inside backticks Markdown shows < as it is; elsewhere it would be a tag.
    return text if "`" in text else text.replace("<", "&lt;")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
