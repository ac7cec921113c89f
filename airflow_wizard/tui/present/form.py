"""Option declarations and answers as fields of a form. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Choice, Kind, Option, Situation
from airflow_wizard.options.values import format_value, parse
from airflow_wizard.profile.resolve import judge
from airflow_wizard.tui.spans import Line, Tone, dim, line, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_wizard.finding import Answer
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.options.model import Target


@dataclass(frozen=True, slots=True)
class Field:
    """One option as it stands now.

    Attributes:
        option: its declaration.
        value: the answer, stated or by default.
        stated: a person or a profile said so.
        default: what it would be otherwise.
        because: why that is the default here.
        choices: what it can be.
        problem: what is wrong with the answer; empty for a usable one.
    """

    option: Option
    value: Answer
    stated: bool
    default: Answer
    because: str
    choices: tuple[Choice, ...]
    problem: str

    @property
    def name(self) -> str:
        """Name of the option."""
        return self.option.name

    @property
    def text(self) -> str:
        """The answer as it stands in an input."""
        return format_value(self.value)


def fields(
    options: Iterable[Option],
    target: Target,
    facts: HostFacts,
    given: Mapping[str, Answer],
    unreadable: Mapping[str, str],
) -> list[Field]:
    """Every field that applies; a default sees everything stated and the defaults before it.

    Args:
        options: declarations of the target, in order.
        target: where Airflow shall run.
        facts: of this machine.
        given: stated answers.
        unreadable: what is wrong with texts that are no answer at all, by option.
    """
    listed: list[Field] = []
    values: dict[str, Answer] = {}
    for option in options:
        situation = Situation(target, facts, {**given, **values})
        if option.secret or not option.applies(situation):
            continue
        default = option.default(situation)
        stated = option.name in given
        value = given[option.name] if stated else default
        problem = unreadable.get(option.name) or judge(option, value, situation)
        values[option.name] = value
        listed.append(
            Field(option, value, stated, default, option.because(situation), option.choices(situation), problem)
        )
    return listed


def read(option: Option, text: str) -> tuple[Answer, str]:
    """A typed text as an answer, or what is wrong with it."""
    try:
        return parse(option, text), ""
    except InvalidError as error:
        return None, error.what.removeprefix(f"{option.name}: ")


def hint(field: Field, *, roomy: bool = True) -> Line:
    """The words behind a field: what is wrong, what it would be otherwise, and with room for it, why it is so."""
    if field.problem:
        return (("✖ ", Tone.FAIL), span(field.problem, Tone.FAIL))
    if field.stated and field.value != field.default:
        shown = format_value(field.default) or "empty"
        return (("default ", Tone.DIM), span(shown, Tone.DIM))
    return dim(field.because or field.option.help) if roomy else ()


def explanation(field: Field) -> list[Line]:
    """What it is, when to choose what, and why this default here."""
    option = field.option
    lines: list[Line] = []
    if field.problem:
        lines += [(("✖ ", Tone.FAIL), span(field.problem, Tone.FAIL)), ()]
    lines += [line(span(option.help)), ()]
    lines += [line(span(text)) for text in option.why.splitlines() if text.strip()]
    if option.kind is Kind.CHOICE:
        lines.append(())
        for choice in field.choices:
            sign = ("❯ ", Tone.ACCENT) if choice.value == field.value else ("  ", Tone.DIM)
            note = (("  ", Tone.DIM), span(choice.note, Tone.DIM)) if choice.note else ()
            lines.append((sign, span(choice.label or choice.value), *note))
    lines += [(), (("Default here  ", Tone.STRONG), span(format_value(field.default) or "empty"))]
    if field.because:
        lines.append(dim(field.because))
    if option.example:
        lines += [(), (("for example  ", Tone.DIM), span(option.example))]
    lines += [(), (("in a profile  ", Tone.DIM), span(f"{option.name}: {field.text}"))]
    return lines
