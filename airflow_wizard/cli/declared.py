"""The options as a list for people and programs: names, types, and the defaults for one machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Situation, Target
from airflow_wizard.options.registry import OPTIONS

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer
    from airflow_wizard.options.model import Choice, Option


@dataclass(frozen=True, slots=True)
class Declared:
    """An option with what it can be and would be in one situation.

    Attributes:
        option: the declaration.
        choices: what a choice can be here.
        default: the value it has when nothing is said.
    """

    option: Option
    choices: tuple[Choice, ...]
    default: Answer

    def to_json(self) -> dict[str, object]:
        """The option as the command line's JSON contract has it."""
        option = self.option
        return {
            "name": option.name,
            "type": str(option.kind),
            "choices": [c.value for c in self.choices],
            "default": list(self.default) if isinstance(self.default, tuple) else self.default,
            "targets": sorted(str(t) for t in option.targets),
            "help": option.help,
            "why": option.why,
            "secret": option.secret,
            "title": option.title,
            "group": option.group,
            "expert": option.expert,
            "example": option.example,
        }


def declared(target: Target | None = None, facts: HostFacts | None = None) -> list[Declared]:
    """Every option of a target, or of all targets, in the order it is asked.

    Args:
        target: None for all; then each default is that of the first target it applies to.
        facts: of the machine; without them defaults are those of a machine nobody measured.
    """
    seen = facts or HostFacts()
    answers: dict[Target, dict[str, Answer]] = {t: {} for t in Target}
    shown: list[Declared] = []
    for option in OPTIONS:
        if target is not None and target not in option.targets:
            continue
        place = target or _first(option)
        situation = Situation(place, seen, answers[place])
        default = option.default(situation)
        shown.append(Declared(option, option.choices(situation), default))
        for known in option.targets:
            answers[known][option.name] = default
    return shown


def _first(option: Option) -> Target:
    return Target.STANDALONE if Target.STANDALONE in option.targets else next(t for t in Target if t in option.targets)
