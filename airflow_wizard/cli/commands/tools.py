"""``tools``: programs that Kubernetes targets need, and fetching them."""

from __future__ import annotations

from airflow_wizard.cli.arguments import JSON
from airflow_wizard.cli.command import Args, Argument, Command
from airflow_wizard.errors import ExitCode

NAME = Argument("tool", "kubectl, helm or kind", metavar="TOOL", required=True)
VERSION = Argument("--version", "three numbers; the newest known when left out", metavar="VERSION")


def run_list(args: Args) -> int:
    """Lists them: where each is, its version, and what would be fetched."""
    from airflow_wizard.cli import output
    from airflow_wizard.cli.style import Meaning, Part, table
    from airflow_wizard.text import one_line
    from airflow_wizard.workflows.tools import known

    found = known()
    if args.json:
        output.json_object([tool.to_json() for tool in found])
        return ExitCode.OK
    header: list[Part] = [(word, Meaning.DIM) for word in ("tool", "version", "offered", "where")]
    rows: list[list[Part]] = [
        [
            (tool.name, Meaning.ACCENT),
            one_line(tool.version, limit=30) or "–",
            tool.offered,
            f"{one_line(tool.path)}{' (fetched)' if tool.ours else ''}" if tool.path else "not installed",
        ]
        for tool in found
    ]
    output.lines(table([header, *rows]))
    return ExitCode.OK


def run_get(args: Args) -> int:
    """Fetches one; what was there before stays until the new one is whole and its digest right."""
    from airflow_wizard.cli import narrate, output
    from airflow_wizard.text import human_bytes
    from airflow_wizard.workflows import tools

    name = args.need("tool")
    live = narrate.can_be_live() and not args.json

    def progress(count: int, whole: int | None) -> None:
        if live:
            narrate.live(f"{name}  {human_bytes(count)}" + (f" of {human_bytes(whole)}" if whole else ""))

    try:
        file, path = tools.get(name, args.text("version") or "", on_bytes=progress)
    finally:
        if live:
            narrate.live("")
    if args.json:
        output.json_object({"name": file.name, "version": file.version, "path": str(path), "url": file.url})
    else:
        output.line(f"{file.name} {file.version} is at {path}")
        output.line(f"The wizard finds it there. For your own shell: export PATH={path.parent}:$PATH")
    return ExitCode.OK


COMMANDS = (
    Command(
        name="tools",
        help="list or fetch kubectl, helm and kind",
        example="airflow-wizard tools get kubectl",
        about="Fetched over https from their makers into the wizard's own folder, and kept only when their published"
        " SHA-256 fits. What is on PATH comes first.",
        children=(
            Command("tools list", "say where each is", "airflow-wizard tools list", run_list, (JSON,)),
            Command(
                "tools get",
                "fetch one",
                "airflow-wizard tools get helm",
                run_get,
                (NAME, VERSION, JSON),
                about="An older or newer version: --version 1.35.8. It replaces the one that was fetched before.",
            ),
        ),
    ),
)
