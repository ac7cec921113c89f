"""Options as rows: the README table, ``airflow-wizard options`` and its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Situation, Target
from airflow_wizard.options.registry import OPTIONS

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json
    from airflow_wizard.options.model import Option

# The target a row is computed for when none is asked for: the first of these the option applies to.
_ORDER = (Target.STANDALONE, Target.COMPOSE, Target.KIND, Target.CONTEXT, Target.MICROK8S, Target.KUBEADM)


def describe(option: Option, *, facts: HostFacts | None = None, target: Target | None = None) -> dict[str, Json]:
    """One option as plain values; choices and default are those of one target on one machine.

    Args:
        option: which.
        facts: the machine; an unmeasured one when left out.
        target: must be one of the option's; the first it applies to when left out.
    """
    place = target or next(t for t in _ORDER if t in option.targets)
    situation = Situation(place, facts or HostFacts(), {})
    default = option.default(situation)
    return {
        "name": option.name,
        "type": str(option.kind),
        "choices": [choice.value for choice in option.choices(situation)],
        "default": list(default) if isinstance(default, tuple) else default,
        "targets": [str(t) for t in _ORDER if t in option.targets],
        "help": option.help,
        "why": option.why,
        "secret": option.secret,
        "title": option.title,
        "group": option.group,
        "expert": option.expert,
        "example": option.example,
        "because": option.because(situation),
    }


def describe_all(*, facts: HostFacts | None = None, target: Target | None = None) -> list[dict[str, Json]]:
    """All options, or those of one target, in the order of declaration."""
    return [describe(o, facts=facts, target=target) for o in OPTIONS if target is None or target in o.targets]
