"""A profile and a machine to answers: every option that applies, with its value and where it comes from. Pure."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Kind, Option, Situation
from airflow_wizard.options.registry import OPTIONS, for_target
from airflow_wizard.options.values import format_value
from airflow_wizard.profile import secrets
from airflow_wizard.profile.load import known_option
from airflow_wizard.profile.model import Answers, Origin, Profile
from airflow_wizard.profile.problems import Problems
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer
    from airflow_wizard.host.facts import HostFacts


def resolve(profile: Profile, facts: HostFacts) -> Answers:
    """Every option that applies to the profile's target on this machine; secret ones are never among them.

    Options are taken in the order of declaration. A default sees everything the profile states and the
    defaults before it.

    Raises:
        InvalidError: everything the profile states that cannot be used here, in one error.
    """
    problems = Problems(profile.source)
    for name in profile.given:
        with problems.noted(_line(profile, name)):
            option = known_option(name, profile.target)
            secrets.refuse_secret_option(option, where="in a profile")
            if profile.target not in option.targets:
                raise _other_target(option, profile)
    values: dict[str, Answer] = {}
    origins: dict[str, Origin] = {}
    for option in for_target(profile.target):
        if option.secret:
            continue
        situation = Situation(profile.target, facts, {**profile.given, **values})
        if not option.applies(situation):
            if option.name in profile.given:
                problems.add(_not_here(option, situation), line=_line(profile, option.name))
            continue
        stated = option.name in profile.given
        value = profile.given[option.name] if stated else option.default(situation)
        if problem := judge(option, value, situation):
            problems.add(_unusable(option, value, problem), line=_line(profile, option.name))
            if not stated:
                continue
        values[option.name] = value
        origins[option.name] = _origin(profile, option.name)
    problems.raise_if_any()
    return Answers(target=profile.target, values=values, origins=origins)


def judge(option: Option, value: Answer, situation: Situation) -> str:
    """What is wrong with an answer here: wrong type, not among the choices, or refused; empty for a usable one."""
    if problem := _type_problem(option, value):
        return problem
    seen = Situation(situation.target, situation.facts, {**situation.answers, option.name: value})
    if problem := option.refuse(value, seen):
        return problem
    if option.kind is not Kind.CHOICE:
        return ""
    known = [choice.value for choice in option.choices(seen)]
    if value in known:
        return ""
    near = get_close_matches(str(value), known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"is not one of its choices; {hint}choices: {', '.join(known)}"


def _type_problem(option: Option, value: Answer) -> str:
    if option.kind is Kind.LIST:
        return "" if isinstance(value, tuple) else "must be a list"
    if option.kind is Kind.BOOLEAN:
        return "" if isinstance(value, bool) else "must be true or false"
    if option.kind is Kind.INTEGER:
        return "" if isinstance(value, int) and not isinstance(value, bool) else "must be a whole number"
    return "" if value is None or isinstance(value, str) else "must be text"


def _origin(profile: Profile, name: str) -> Origin:
    if name in profile.overrides:
        return Origin.SET
    return Origin.PROFILE if name in profile.given else Origin.DEFAULT


def _line(profile: Profile, name: str) -> int | None:
    return None if name in profile.overrides else profile.lines.get(name)


def _unusable(option: Option, value: Answer, problem: str) -> InvalidError:
    shown = one_line(format_value(value), limit=60)
    subject = f"{option.name}: {shown!r}" if shown else f"{option.name}:"
    if value is None:
        subject = option.name
    hint = f"for example: --set {option.name}={option.example}" if option.example else ""
    return InvalidError(f"{subject} {problem}", why=option.help, next=hint, key=option.name)


def _other_target(option: Option, profile: Profile) -> InvalidError:
    targets = ", ".join(sorted(option.targets))
    return InvalidError(
        f"{option.name} does not apply to target {profile.target}, only to {targets}",
        why=option.help,
        next=f"remove {option.name}, or choose another target",
        key=option.name,
    )


def _not_here(option: Option, situation: Situation) -> InvalidError:
    deciding = ("executor", "database", "git_repo", "ingress_host", "airflow_version")
    stated = ", ".join(f"{n} {one_line(situation.text(n), limit=60)}" for n in deciding if situation.text(n))
    return InvalidError(
        f"{option.name} has no effect with the other answers" + (f" ({stated})" if stated else ""),
        why=option.help,
        next=f"remove {option.name}",
        key=option.name,
    )


def order(names: list[str]) -> list[str]:
    """Option names in the order of declaration, unknown ones last."""
    place = {option.name: index for index, option in enumerate(OPTIONS)}
    return sorted(names, key=lambda name: place.get(name, len(place)))
