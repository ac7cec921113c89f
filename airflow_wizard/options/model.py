"""What an option is. Faces, documentation and schemas are rendered from these declarations alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_wizard.finding import Answer
    from airflow_wizard.host.facts import HostFacts


class Target(StrEnum):
    """Where Airflow runs."""

    COMPOSE = "compose"
    KIND = "kind"
    STANDALONE = "standalone"
    CONTEXT = "context"
    MICROK8S = "microk8s"
    KUBEADM = "kubeadm"


KUBERNETES_TARGETS = frozenset({Target.KIND, Target.CONTEXT, Target.MICROK8S, Target.KUBEADM})
ALL_TARGETS = frozenset(Target)


class Kind(StrEnum):
    """Type of an answer."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    PATH = "path"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen: the value as the profile has it, and the words people see."""

    value: str
    label: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a default or a rule may look at: the target, the machine and the answers given so far."""

    target: Target
    facts: HostFacts
    answers: Mapping[str, Answer]

    def text(self, name: str) -> str:
        """An answer as text; empty when there is none."""
        value = self.answers.get(name)
        return "" if value is None or isinstance(value, tuple) else str(value)


def _no_choices(_: Situation) -> tuple[Choice, ...]:
    return ()


def _always(_: Situation) -> bool:
    return True


def _accept(_value: Answer, _situation: Situation) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be asked.

    Attributes:
        name: the key in a profile; the flag is ``--set name=value``.
        title: the label of its form field.
        group: the section it stands in (Airflow, Access, Your code, Database, Resources, …).
        kind: type of the answer.
        help: one line: what it is.
        why: at most two lines: when to choose what.
        default: the value that fits this machine, computed from the situation.
        because: one line that says why this default, for this machine.
        choices: what a CHOICE can be.
        targets: targets it applies to.
        applies: finer rule (version, executor); the option is hidden and refused where it is false.
        refuse: an empty string for a usable value, else what is wrong with it.
        expert: folded away until asked for.
        secret: never stored in a profile.
        example: a value for documentation.
    """

    name: str
    title: str
    group: str
    kind: Kind
    help: str
    why: str
    default: Callable[[Situation], Answer]
    because: Callable[[Situation], str] = field(default=lambda _: "")
    choices: Callable[[Situation], tuple[Choice, ...]] = _no_choices
    targets: frozenset[Target] = ALL_TARGETS
    applies: Callable[[Situation], bool] = _always
    refuse: Callable[[Answer, Situation], str] = _accept
    expert: bool = False
    secret: bool = False
    example: str = ""
