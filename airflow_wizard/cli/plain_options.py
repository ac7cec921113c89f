"""Options as questions: group by group, expert ones folded behind one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli import narrate
from airflow_wizard.cli.asking import Item
from airflow_wizard.cli.style import Meaning, table
from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Kind, Situation
from airflow_wizard.options.registry import for_target, in_groups
from airflow_wizard.options.values import format_value, parse
from airflow_wizard.profile.resolve import judge
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_wizard.cli.asking import Prompter
    from airflow_wizard.finding import Answer
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.options.model import Option, Target


def ask_options(
    ask: Prompter,
    target: Target,
    facts: HostFacts,
    given: dict[str, Answer],
    *,
    kept: Callable[[dict[str, Answer]], None],
) -> dict[str, Answer]:
    """Asks for everything that applies.

    Args:
        ask: who asks.
        target: where Airflow runs.
        facts: of the machine, for defaults.
        given: answers so far.
        kept: called with the answers after each group, so that nothing is asked twice after an interruption.

    Returns:
        the answers that differ from the defaults, or that were given before.
    """
    answers = dict(given)
    groups = in_groups(for_target(target))
    for group, options in groups.items():
        _ask_group(ask, group, [o for o in options if not o.expert], target, facts, answers)
        kept(answers)
    expert = [o for o in for_target(target) if o.expert and _applies(o, target, facts, answers)]
    if expert:
        changed = sum(o.name in answers for o in expert)
        note = f", {changed} of them changed" if changed else ""
        if ask.confirm(f"Look at {len(expert)} expert options{note}?", default=False):
            for group, options in in_groups(expert).items():
                _ask_group(ask, group, list(options), target, facts, answers)
                kept(answers)
    return answers


def current(target: Target, facts: HostFacts, given: dict[str, Answer]) -> dict[str, Answer]:
    """Every option that applies with its value: given, or the default for this machine."""
    values: dict[str, Answer] = {}
    for option in for_target(target):
        situation = Situation(target, facts, {**given, **values})
        if not option.secret and option.applies(situation):
            values[option.name] = given[option.name] if option.name in given else option.default(situation)
    return values


def _applies(option: Option, target: Target, facts: HostFacts, given: dict[str, Answer]) -> bool:
    return option.name in current(target, facts, given)


def _ask_group(
    ask: Prompter,
    group: str,
    options: Sequence[Option],
    target: Target,
    facts: HostFacts,
    answers: dict[str, Answer],
) -> None:
    values = current(target, facts, answers)
    shown = [o for o in options if o.name in values]
    if not shown:
        return
    narrate.say()
    narrate.say((group, Meaning.STRONG))
    narrate.lines(
        [
            ("  ", *line)
            for line in table(
                [[o.title, format_value(values[o.name]) or "–", _why(o, target, facts, answers)] for o in shown]
            )
        ]
    )
    if ask.confirm(f"Keep these for {group}?", default=True):
        return
    for option in options:
        # Looked at anew each time: an answer before may have made it appear or go.
        values = current(target, facts, answers)
        if option.name in values:
            _ask_option(ask, option, values[option.name], Situation(target, facts, {**answers, **values}), answers)


def _why(option: Option, target: Target, facts: HostFacts, answers: dict[str, Answer]) -> str:
    if option.name in answers:
        return "your answer"
    return one_line(option.because(Situation(target, facts, {**answers, **current(target, facts, answers)})), limit=90)


def _ask_option(ask: Prompter, option: Option, value: Answer, situation: Situation, answers: dict[str, Answer]) -> None:
    narrate.say()
    narrate.say(one_line(option.help))
    for line in option.why.splitlines():
        narrate.say((line, Meaning.DIM))
    new = _value(ask, option, value, situation)
    if new != value or option.name in answers:
        answers[option.name] = new


def _value(ask: Prompter, option: Option, value: Answer, situation: Situation) -> Answer:
    if option.kind is Kind.BOOLEAN:
        return ask.confirm(option.title, default=value is True)
    if option.kind is Kind.CHOICE:
        items = [Item(c.value, c.label or c.value, c.note) for c in option.choices(situation)]
        while items:
            chosen = ask.select(option.title, items, default=format_value(value))
            problem = _problem(option, chosen, situation)
            if not problem:
                return chosen
            narrate.say(("✖ ", Meaning.FAIL), problem)
        return value
    text = ask.text(option.title, default=format_value(value), refuse=lambda typed: _problem(option, typed, situation))
    return parse(option, text)


def _problem(option: Option, typed: str, situation: Situation) -> str:
    try:
        value = parse(option, typed)
    except InvalidError as wrong:
        return wrong.what
    return judge(option, value, situation)
