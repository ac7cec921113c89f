"""``--set NAME=VALUE``: answers given on top of a profile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError, UsageError
from airflow_wizard.options.values import parse
from airflow_wizard.profile import secrets
from airflow_wizard.profile.load import HEADER, known_option
from airflow_wizard.profile.problems import Problems
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.finding import Answer
    from airflow_wizard.options.model import Target
    from airflow_wizard.profile.model import Profile


def parse_sets(sets: Iterable[str], target: Target) -> dict[str, Answer]:
    """Answers by option name; the last one wins when a name is given twice.

    Raises:
        UsageError: a text without ``=``.
        InvalidError: everything else that is wrong, in one error.
    """
    problems = Problems()
    answers: dict[str, Answer] = {}
    for text in sets:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name:
            raise UsageError(
                f"--set {one_line(text, limit=60)!r} is not NAME=VALUE",
                next="for example: --set port=8081",
            )
        with problems.noted():
            answers[name] = _answer(name, value, target)
    problems.raise_if_any()
    return answers


def with_sets(profile: Profile, sets: Iterable[str]) -> Profile:
    """The profile with answers on top of its own.

    Raises:
        UsageError, InvalidError: as `parse_sets`.
    """
    answers = parse_sets(sets, profile.target)
    if not answers:
        return profile
    return replace(profile, given={**profile.given, **answers}, overrides=profile.overrides | answers.keys())


def _answer(name: str, value: str, target: Target) -> Answer:
    if name in HEADER:
        raise InvalidError(
            f"{name} is not an option",
            why="it says which profile this is",
            next="choose another profile, or copy this one: airflow-wizard profiles export",
            key=name,
        )
    option = known_option(name, target)
    secrets.refuse_secret_option(option, where="on a command line")
    secrets.refuse_secret_value(name, (value,))
    return parse(option, value)
