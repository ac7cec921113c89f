"""``write``: artifacts only."""

from __future__ import annotations

from airflow_wizard.cli.arguments import FACTS, JSON, NAME, PROFILE_ARGUMENTS
from airflow_wizard.cli.command import Args, Argument, Command, Words
from airflow_wizard.errors import ExitCode

OUT = Argument("--out", "folder to write to; made when missing", metavar="DIR", words=Words.FOLDER)


def run(args: Args) -> int:
    """Writes the files of a profile without an engine, a network or a prompt."""
    from airflow_wizard.cli.inputs import given_facts, profile_from
    from airflow_wizard.cli.written import tell_written
    from airflow_wizard.errors import UsageError
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.paths import expanded
    from airflow_wizard.workflows.planning import make_request
    from airflow_wizard.workflows.writing import write

    example = COMMANDS[0].example
    ref, out = args.text("profile"), args.text("out")
    if ref is None or not out:
        raise UsageError(f"write needs {'--profile' if ref is None else '--out'}", why="it never asks", next=example)
    folder = expanded(out)
    # Nothing is measured here: the same profile gives the same files on every machine.
    facts = given_facts(args) or HostFacts()
    request = make_request(profile_from(ref, args.many("set")), facts, name=args.text("name"), folder=folder)
    report = write(request, folder)
    tell_written(report, folder, as_json=args.json)
    return ExitCode.OK


COMMANDS = (
    Command(
        name="write",
        help="write the files of a profile; no engine, no network, no prompt",
        example="airflow-wizard write --profile standalone-quickstart --out ./airflow-demo",
        run=run,
        arguments=(*PROFILE_ARGUMENTS, OUT, NAME, FACTS, JSON),
        about="A file that you edited is merged or kept, never overwritten; a backup is made either way.",
    ),
)
