"""A profile as commented YAML, and the file it is kept in. The same profile is the same bytes on every machine."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError, UsageError
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Kind, Option, Situation
from airflow_wizard.options.registry import for_target, in_groups
from airflow_wizard.options.values import format_value
from airflow_wizard.profile import names, secrets
from airflow_wizard.profile.load import known_option, load
from airflow_wizard.profile.model import PROFILE_SCHEMA, Profile

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.finding import Answer

# A word every YAML reader takes for text without quotation marks.
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./+@-]*(:[A-Za-z0-9_./+@-]+)*", re.ASCII)
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def to_yaml(profile: Profile) -> str:
    """The profile as text: what it states, and every other option as a comment with its usual default.

    Raises:
        InvalidError: it states an unknown option or a secret.
    """
    for name, value in profile.given.items():
        secrets.refuse_secret_option(known_option(name, profile.target), where="in a profile")
        secrets.refuse_secret_value(name, value if isinstance(value, tuple) else (format_value(value),))
    lines = [
        "# A profile of airflow-wizard: what to run and where. It holds no secret and is safe to commit.",
        "# A line that begins with `#   ` is an option left to its default, which fits the machine it is used on.",
        f"schema: {PROFILE_SCHEMA}",
        f"name: {_scalar(names.checked(profile.name))}",
        f"target: {profile.target}",
    ]
    situation = Situation(profile.target, HostFacts(), profile.given)
    shown = [o for o in for_target(profile.target) if o.name in profile.given or _offered(o, situation)]
    for group, options in in_groups(shown).items():
        lines += ["", f"# {group}"]
        for option in options:
            lines += ["", f"# {option.help}", *_lines(option, profile, situation)]
    strangers = [n for n in profile.given if all(n != o.name for o in for_target(profile.target))]
    lines += [f"{name}: {_value(profile.given[name])}" for name in strangers]
    return "\n".join(lines) + "\n"


def save(profile: Profile, folder: Path, *, overwrite: bool = False) -> Path:
    """Writes the profile into ``folder`` and returns the file.

    Raises:
        UsageError: a profile of this name is there and ``overwrite`` is false.
        InvalidError: the profile cannot be written down, see `to_yaml`.
        WizardError: the file system refused.
    """
    from airflow_wizard.atomic import make_folder, write_text_atomic

    path = path_of(profile.name, folder)
    text = to_yaml(profile)
    if load(text.encode(), source=str(path)).given != dict(profile.given):
        # Cannot happen for answers that were parsed; one made in memory could hold what YAML cannot.
        raise InvalidError("the profile has a value that cannot be written down", key="name", next="check its values")
    if path.exists() and not overwrite:
        raise UsageError(
            f"there is already a profile {profile.name!r}",
            why=f"it would be replaced: {path}",
            next=f"choose another name, or: airflow-wizard profiles delete {profile.name}",
        )
    make_folder(folder, 0o755)
    write_text_atomic(path, text, 0o644)
    return path


def path_of(name: str, folder: Path) -> Path:
    """The file of a profile.

    Raises:
        InvalidError: the name cannot be a file name.
    """
    return folder / f"{names.checked(name)}.yaml"


def _offered(option: Option, situation: Situation) -> bool:
    return not option.secret and option.applies(situation)


def _lines(option: Option, profile: Profile, situation: Situation) -> list[str]:
    if option.name in profile.given and profile.given[option.name] is not None:
        return [f"{option.name}: {_value(profile.given[option.name])}"]
    # A stated "no value" means the same as the default only where the default is none; `""` says it for certain.
    if option.name in profile.given:
        return [f'{option.name}: ""']
    default = option.default(situation)
    if default is None or default == ():
        return [f"#   {option.name}: {_example(option)}" if option.example else f"#   {option.name}:"]
    return [f"#   {option.name}: {_value(default)}"]


def _example(option: Option) -> str:
    if option.kind is Kind.LIST:
        return f"[{option.example}]"
    return _scalar(option.example)


def _value(value: Answer) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_scalar(item) for item in value) + "]"
    if isinstance(value, bool | int):
        return format_value(value)
    return _scalar(format_value(value))


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    # A JSON string is a YAML string; answers hold printable characters only, so nothing needs a YAML escape.
    return json.dumps(text, ensure_ascii=False)
