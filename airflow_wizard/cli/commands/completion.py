"""``completion``: a script for the shell, made from the declarations."""

from __future__ import annotations

from airflow_wizard.cli.command import Args, Argument, Command, Words
from airflow_wizard.errors import ExitCode, UsageError

SHELLS = ("bash", "zsh", "fish")
# `words` is what the scripts themselves call: one word a line, nothing when it cannot be known.
_SHELL = Argument(
    "shell", "bash, zsh or fish", metavar="SHELL", required=True, choices=(*SHELLS, "words"), words=Words.NONE
)
_KIND = Argument("kind", "with words: profiles, stacks, options or sets", metavar="KIND")


def run(args: Args) -> int:
    """Prints the script, or the words for one kind of argument."""
    from airflow_wizard.cli import completing, output

    shell = args.need("shell")
    kind = args.text("kind")
    if shell == "words":
        for word in completing.words(kind or ""):
            output.line(word)
        return ExitCode.OK
    if kind is not None:
        raise UsageError(f"{kind[:40]!r} is one argument too many", next=f"airflow-wizard completion {shell}")
    output.document(completing.script(shell))
    return ExitCode.OK


COMMANDS = (
    Command(
        name="completion",
        help="print a completion script for bash, zsh or fish",
        example='eval "$(airflow-wizard completion bash)"',
        run=run,
        arguments=(_SHELL, _KIND),
    ),
)
