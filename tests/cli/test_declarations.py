"""One declaration gives parsing, help, README and completion: they cannot disagree, and examples really parse."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from airflow_wizard.cli import completing, reference
from airflow_wizard.cli.arguments import TARGETS
from airflow_wizard.cli.command import Command, Takes
from airflow_wizard.cli.parser import parse
from airflow_wizard.cli.registry import MODULES, everything
from airflow_wizard.cli.root import ROOT
from airflow_wizard.options.model import Target
from airflow_wizard.options.registry import OPTIONS

README = Path(__file__).parents[2] / "README.md"
ALL: list[Command] = [c for _, commands in everything() for c in commands]
LEAVES: list[Command] = [leaf for c in ALL for leaf in (c.children or (c,))]
CONTRACT = [
    "check",
    "plan",
    "write",
    "up",
    "status",
    "logs",
    "credentials",
    "open",
    "stop",
    "start",
    "restart",
    "down",
    "destroy",
    "stacks",
    "profiles",
    "options",
    "versions",
    "doctor",
    "explain",
    "fix",
    "bundle",
    "export",
]


def test_the_whole_contract_is_declared() -> None:
    assert set(CONTRACT) <= MODULES.keys()
    profiles = next(c for c in ALL if c.name == "profiles")
    words = {c.name.split()[1] for c in profiles.children}
    assert words == {"list", "show", "save", "edit", "export", "import", "delete", "diff"}


@pytest.mark.parametrize("command", [*LEAVES, ROOT], ids=lambda c: c.name or "wizard")
def test_every_declaration_is_whole(command: Command) -> None:
    assert command.help
    assert not command.help.endswith(".")
    assert len({a.key for a in command.arguments}) == len(command.arguments)
    for argument in command.arguments:
        assert argument.help, argument.name
        assert argument.is_flag or argument.takes is Takes.VALUE


@pytest.mark.parametrize("command", LEAVES, ids=lambda c: c.name)
def test_every_example_parses(command: Command) -> None:
    words = shlex.split(command.example.removeprefix('eval "$(').removesuffix(')"'))
    assert words[: 1 + len(command.name.split())] == ["airflow-wizard", *command.name.split()]
    parse(command, words[1 + len(command.name.split()) :])


@pytest.mark.parametrize("command", [c for c in LEAVES if c.name != "completion"], ids=lambda c: c.name)
def test_every_command_speaks_json(command: Command) -> None:
    assert any(a.name == "--json" for a in command.arguments)


def test_targets_are_those_of_the_options() -> None:
    assert set(TARGETS) == {str(t) for t in Target}


def test_readme_is_current() -> None:
    text = README.read_text(encoding="utf-8")
    assert reference.rewrite(text) == text, "run `make docs`"


def test_readme_begins_with_the_two_commands() -> None:
    top = README.read_text(encoding="utf-8").split("```")[1]
    assert [line.split("#")[0].strip() for line in top.strip().splitlines()] == ["make run", "make test"]


def test_a_readme_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="generated: commands"):
        reference.rewrite("# nothing here")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_sound(shell: str, tmp_path: Path) -> None:
    script = completing.script(shell)
    for name in MODULES:
        assert name in script
    if shell != "bash" and shutil.which(shell) is None:
        # Nothing here can read it; what it holds was looked at above.
        return
    path = tmp_path / "completion"
    path.write_text(script)
    result = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["air", "che"], {"check"}),
        (["air", "profiles", "s"], {"show", "save"}),
        (["air", "check", "--t"], {"--target"}),
        (["air", "check", "--target", "st"], {"standalone"}),
        (["air", "up", "--profile", "standalone-q"], {"standalone-quickstart"}),
        (["air", "up", "--set", "por"], {"port="}),
        (["air", "up", "--set", "po"], {"port=", "pod_network="}),
        (["air", "export", "script", "--o"], {"--out"}),
    ],
)
def test_bash_completes(typed: list[str], expected: set[str], tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_text(completing.script("bash"))
    # The words come from this very checkout, whatever is on PATH.
    words = {kind: completing.words(kind) for kind in ("profiles", "stacks", "options", "sets")}
    cases = "".join(f"{kind}) echo {shlex.quote(' '.join(found))} ;; " for kind, found in words.items())
    code = (
        f'airflow-wizard() {{ case "$3" in {cases} esac; }}\nsource {shlex.quote(str(script))}\n'
        f"COMP_WORDS=({' '.join(map(shlex.quote, typed))}); COMP_CWORD={len(typed) - 1}\n"
        '_airflow_wizard; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    result = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert set(result.stdout.split()) == expected, result.stderr


def test_words_never_complain() -> None:
    assert completing.words("sets") == [f"{o.name}=" for o in OPTIONS]
    assert completing.words("stacks") == []
    assert completing.words("no such kind") == []
