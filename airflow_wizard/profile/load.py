"""YAML text to a profile, with every mistake named by file, key and line."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import PurePath
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError
from airflow_wizard.options import registry
from airflow_wizard.options.model import Option, Target
from airflow_wizard.options.values import parse, parse_items
from airflow_wizard.profile import names, secrets
from airflow_wizard.profile.migrate import migrate
from airflow_wizard.profile.model import PROFILE_SCHEMA, Profile
from airflow_wizard.profile.problems import Problems
from airflow_wizard.profile.read import Entry, read
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

HEADER = ("schema", "name", "target")


def load(data: bytes, *, source: str = "", name: str = "") -> Profile:
    """The profile in ``data``.

    Types are judged here; whether an answer fits target and machine is judged by `airflow_wizard.profile.resolve`.

    Args:
        data: YAML as UTF-8.
        source: file it comes from, for messages; ``-`` for standard input.
        name: its name when the text states none.

    Raises:
        InvalidError: everything that is wrong, in one error.
    """
    problems = Problems(source)
    entries = read(data, source)
    schema_line = entries["schema"].line if "schema" in entries else None
    try:
        entries = migrate(entries, _schema(entries.get("schema")))
    except InvalidError as error:
        problems.add(error, line=error.line or schema_line)
        problems.raise_if_any()
    target = _target(entries.get("target"), problems)
    stated = _name(entries.get("name"), name or PurePath(source).stem, problems)
    given: dict[str, Answer] = {}
    for key, entry in entries.items():
        if key not in HEADER:
            with problems.noted(entry.line):
                answer = _answer(key, entry, target)
                if entry.value is not None:
                    given[key] = answer
    problems.raise_if_any()
    lines = {key: entry.line for key, entry in entries.items()}
    return Profile(name=stated, target=target or Target.STANDALONE, given=given, source=source, lines=lines)


def _schema(entry: Entry | None) -> int:
    if entry is None:
        return PROFILE_SCHEMA
    text = entry.value
    if not isinstance(text, str) or not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise InvalidError("schema must be a number", next=f"write: schema: {PROFILE_SCHEMA}", key="schema")
    return int(text)


def _target(entry: Entry | None, problems: Problems) -> Target | None:
    known = [str(target) for target in Target]
    if entry is None or not isinstance(entry.value, str):
        what = "the profile names no target" if entry is None or entry.value is None else "target must be one word"
        problems.add(
            InvalidError(what, next=f"add one line: target: {' | '.join(known)}", key="target"),
            line=entry.line if entry is not None else 1,
        )
        return None
    if entry.value in known:
        return Target(entry.value)
    shown = one_line(entry.value, limit=60)
    near = get_close_matches(shown, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    problems.add(
        InvalidError(f"there is no target {shown!r}", next=f"{hint}known: {', '.join(known)}", key="target"),
        line=entry.line,
    )
    return None


def _name(entry: Entry | None, fallback: str, problems: Problems) -> str:
    if entry is None or entry.value is None:
        return fallback if names.usable(fallback) else "airflow"
    text = entry.value if isinstance(entry.value, str) else ",".join(entry.value)
    try:
        return names.checked(text)
    except InvalidError as error:
        problems.add(error, line=entry.line)
        return "airflow"


def _answer(key: str, entry: Entry, target: Target | None) -> Answer:
    option = known_option(key, target)
    secrets.refuse_secret_option(option, where="in a profile")
    if entry.value is None:
        return None
    texts = (entry.value,) if isinstance(entry.value, str) else entry.value
    secrets.refuse_secret_value(key, texts)
    return parse(option, entry.value) if isinstance(entry.value, str) else parse_items(option, entry.value)


def known_option(key: str, target: Target | None) -> Option:
    """The option of that name; `resolve` says when it does not apply to the target.

    Raises:
        InvalidError: there is none; the nearest one of the target is suggested.
    """
    option = registry.find(key)
    if option is not None:
        return option
    among = [*HEADER, *(o.name for o in (registry.for_target(target) if target else registry.OPTIONS))]
    if secrets.looks_secret(key):
        raise secrets.unknown_secret(one_line(key, limit=60))
    raise registry.unknown(key, among)
