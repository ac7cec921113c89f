"""Shell completion from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.command import Argument, Command, Takes, Words
from airflow_wizard.cli.registry import everything
from airflow_wizard.errors import WizardError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_DYNAMIC = (Words.PROFILES, Words.STACKS, Words.OPTIONS, Words.SETS)


def words(kind: str) -> list[str]:
    """Words of one kind; none when they cannot be known, because a completion must never complain."""
    try:
        if kind == Words.PROFILES:
            from airflow_wizard.workflows.profiles import known

            found = [e.name for e in known()]
        elif kind == Words.STACKS:
            from airflow_wizard.workflows.stacks import list_stacks

            found = [s.name for s in list_stacks()]
        elif kind in (Words.OPTIONS, Words.SETS):
            from airflow_wizard.options.registry import OPTIONS

            found = [o.name + ("=" if kind == Words.SETS else "") for o in OPTIONS]
        else:
            found = []
    except (WizardError, OSError):
        found = []
    return [one_line(w) for w in found if not any(c.isspace() for c in w)]


def script(shell: str) -> str:
    """The completion script for ``bash``, ``zsh`` or ``fish``."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _leaves() -> Iterator[Command]:
    for _, commands in everything():
        for command in commands:
            yield command
            yield from command.children


def _arguments(command: Command) -> tuple[Argument, ...]:
    # A family without a word is its first child.
    return command.arguments or (command.children[0].arguments if command.children else ())


def _first_words() -> list[str]:
    from airflow_wizard.cli.root import ROOT

    return [*(c.name for c in _leaves() if " " not in c.name), *(a.name for a in ROOT.arguments)]


def _bash() -> str:
    cases, values = [], []
    for command in _leaves():
        arguments = _arguments(command)
        children = [c.name.split(" ", 1)[1] for c in command.children]
        flags = " ".join([*children, *(a.name for a in arguments if a.is_flag), "--help"])
        positional = next((a for a in arguments if not a.is_flag), None)
        cases.append(f'        "{command.name}") words="{flags}"; rest="{_source(positional)}" ;;')
        values += [
            f'        "{command.name} {a.name}") rest="{_source(a)}"; words="" ;;'
            for a in arguments
            if a.is_flag and a.takes is not Takes.FLAG
        ]
    families = "|".join(c.name for c in _leaves() if c.children)
    return _BASH.format(
        first=" ".join(_first_words()),
        families=families,
        cases="\n".join(cases),
        values="\n".join(values),
        dynamic="|".join(_DYNAMIC),
    )


def _source(argument: Argument | None) -> str:
    if argument is None:
        return ""
    return " ".join(argument.choices) if argument.choices else str(argument.words)


_BASH = """\
# bash completion of airflow-wizard; eval "$(airflow-wizard completion bash)"
_airflow_wizard() {{
    local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}" command="${{COMP_WORDS[1]}}"
    local words="" rest=""
    COMPREPLY=()
    # bash splits at "=": --set port=80 arrives as three words
    if [[ "$cur" == "=" || "$prev" == "=" ]]; then return; fi
    if (( COMP_CWORD == 1 )); then
        mapfile -t COMPREPLY < <(compgen -W "{first}" -- "$cur")
        return
    fi
    case "$command" in
        {families}) if (( COMP_CWORD > 2 )); then command="$command ${{COMP_WORDS[2]}}"; fi ;;
    esac
    case "$command" in
{cases}
    esac
    case "$command $prev" in
{values}
    esac
    case "$rest" in
        {dynamic}) words="$words $(airflow-wizard completion words "$rest" 2>/dev/null)" ;;
        file) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
        folder) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
        *) words="$words $rest" ;;
    esac
    mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -W "$words" -- "$cur")
    if [[ "$rest" == profiles ]]; then mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$cur"); fi
    if [[ "${{COMPREPLY[0]:-}}" == *= ]]; then compopt -o nospace 2>/dev/null; fi
}}
complete -o filenames -F _airflow_wizard airflow-wizard
"""


def _zsh() -> str:
    lines = [
        "#compdef airflow-wizard",
        '# zsh completion of airflow-wizard; eval "$(airflow-wizard completion zsh)"',
        "_airflow_wizard_words() {",
        '    local -a found; found=(${(f)"$(airflow-wizard completion words $1 2>/dev/null)"})',
        '    if [[ $1 == sets ]]; then compadd -S "" -a found; else compadd -a found; fi',
        "    if [[ $1 == profiles ]]; then _files; fi",
        "}",
        "_airflow_wizard() {",
        "    local -a commands; local word",
        "    commands=(",
    ]
    top = [c for c in _leaves() if " " not in c.name]
    lines += [f"        {_quoted(f'{c.name}:{c.help}')}" for c in top]
    lines += [
        "    )",
        '    if (( CURRENT == 2 )); then _describe "command" commands; return; fi',
        "    word=$words[2]; shift words; (( CURRENT-- ))",
        "    case $word in",
    ]
    for command in top:
        lines.append(f"        {command.name})")
        if command.children:
            lines.append("            local -a children; children=(")
            lines += [f"                {_quoted(c.name.split(' ', 1)[1] + ':' + c.help)}" for c in command.children]
            lines += [
                "            )",
                f'            if (( CURRENT == 2 )); then _describe "{command.name}" children; return; fi',
                "            word=$words[2]; shift words; (( CURRENT-- ))",
                "            case $word in",
            ]
            for child in command.children:
                lines.append(f"                {child.name.split(' ', 1)[1]}) _arguments {_zsh_specs(child)} ;;")
            lines.append("            esac ;;")
        else:
            lines.append(f"            _arguments {_zsh_specs(command)} ;;")
    lines += ["    esac", "}", 'if [[ "${zsh_eval_context[-1]:-}" == loadautofunc ]]; then _airflow_wizard "$@"']
    return "\n".join([*lines, "else compdef _airflow_wizard airflow-wizard; fi"]) + "\n"


def _zsh_specs(command: Command) -> str:
    specs = []
    for position, argument in enumerate(a for a in command.arguments if not a.is_flag):
        specs.append(_quoted(f"{position + 1}:{argument.key}:{_zsh_action(argument)}"))
    for argument in command.arguments:
        if argument.is_flag:
            star = "*" if argument.takes is Takes.MANY else ""
            value = (
                "" if argument.takes is Takes.FLAG else f":{argument.metavar or argument.key}:{_zsh_action(argument)}"
            )
            text = argument.help.replace("[", "(").replace("]", ")").replace(":", r"\:")
            specs.append(_quoted(f"{star}{argument.name}[{text}]{value}"))
    return " ".join([*specs, "'--help[print help]'"])


def _zsh_action(argument: Argument) -> str:
    if argument.choices:
        return f"({' '.join(argument.choices)})"
    if argument.words in _DYNAMIC:
        return f"_airflow_wizard_words {argument.words}"
    return {Words.FILE: "_files", Words.FOLDER: "_files -/"}.get(argument.words, " ")


def _fish() -> str:
    lines = [
        "# fish completion of airflow-wizard; airflow-wizard completion fish | source",
        "complete -c airflow-wizard -f",
    ]
    for command in _leaves():
        family, _, child = command.name.partition(" ")
        here = f"__fish_seen_subcommand_from {family}" + (f"; and __fish_seen_subcommand_from {child}" if child else "")
        before = f"__fish_seen_subcommand_from {family}" if child else "__fish_use_subcommand"
        lines.append(f"complete -c airflow-wizard -n {_quoted(before)} -a {child or family} -d {_quoted(command.help)}")
        lines += [_fish_argument(here, argument) for argument in command.arguments]
    return "\n".join(lines) + "\n"


def _fish_argument(here: str, argument: Argument) -> str:
    parts = ["complete -c airflow-wizard", f"-n {_quoted(here)}"]
    if argument.is_flag:
        parts.append(f"-l {argument.name.lstrip('-')}")
        if argument.takes is not Takes.FLAG:
            parts.append("-r")
    if argument.choices:
        parts.append(f"-a {_quoted(' '.join(argument.choices))}")
    elif argument.words in _DYNAMIC:
        parts.append(f"-a {_quoted(f'(airflow-wizard completion words {argument.words} 2>/dev/null)')}")
    elif argument.words in (Words.FILE, Words.FOLDER):
        parts.append("-F")
    return " ".join([*parts, f"-d {_quoted(argument.help)}"])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "").replace("\\", "\\\\" if "\\:" not in text else "\\") + "'"
