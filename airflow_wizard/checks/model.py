"""What a host check is: one declaration, and a pure function from facts to a finding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from airflow_wizard.finding import Finding, Level
from airflow_wizard.options.model import ALL_TARGETS, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_wizard.finding import Answer, Fix
    from airflow_wizard.host.facts import HostFacts


@dataclass(frozen=True, slots=True)
class Case:
    """What a check judges, and the words it answers with.

    Attributes:
        check: the declaration.
        facts: of the host.
        answers: options given so far; those not given are at their default.
        target: where Airflow shall run; None while that is open.
    """

    check: Check
    facts: HostFacts
    answers: Mapping[str, Answer]
    target: Target | None

    def is_for(self, *targets: Target) -> bool:
        """The target is one of these, or still open and standalone, which every machine could use, is one."""
        return (self.target or Target.STANDALONE) in targets

    def answer(self, name: str) -> str:
        """An answer as text; empty when it was not given."""
        value = self.answers.get(name)
        return "" if value is None or isinstance(value, tuple) else str(value)

    def ok(self, found: str, needed: str = "") -> Finding:
        """Enough."""
        return Finding(self.check.id, Level.OK, self.check.title, found, needed, self.check.why)

    def info(self, found: str, why: str, *fixes: Fix) -> Finding:
        """Worth knowing; nothing has to be done."""
        return Finding(self.check.id, Level.INFO, self.check.title, found, "", why, fixes=fixes)

    def warn(self, found: str, needed: str, why: str, *fixes: Fix, evidence: tuple[str, ...] = ()) -> Finding:
        """Works, with a drawback that should be known beforehand."""
        return Finding(self.check.id, Level.WARN, self.check.title, found, needed, why, evidence, fixes)

    def fail(self, found: str, needed: str, why: str, *fixes: Fix, evidence: tuple[str, ...] = ()) -> Finding:
        """Must be solved first."""
        return Finding(self.check.id, Level.FAIL, self.check.title, found, needed, why, evidence, fixes)

    def unknown(self, reason: str, *, causes: tuple[str, ...] = ()) -> Finding:
        """Could not be seen."""
        return Finding(self.check.id, Level.UNKNOWN, self.check.title, reason, "", self.check.why, causes=causes)


@dataclass(frozen=True, slots=True)
class Check:
    """One host check.

    Attributes:
        id: stable id; every finding of the check carries it, so that a screen can reserve its row.
        title: short subject.
        why: why it is looked at, one or two sentences.
        subjects: facts it cannot do without.
        judge: facts in, finding out; called only when every subject is known.
        targets: targets it matters for.
        also: facts it uses when they are known.
        overview: shown while the target is still open.
    """

    id: str
    title: str
    why: str
    subjects: tuple[str, ...]
    judge: Callable[[Case], Finding]
    targets: frozenset[Target] = ALL_TARGETS
    also: tuple[str, ...] = ()
    overview: bool = False

    @property
    def looks_at(self) -> frozenset[str]:
        """Every subject it may read."""
        return frozenset(self.subjects) | frozenset(self.also)


def decide(check: Check, facts: HostFacts, answers: Mapping[str, Answer], target: Target | None = None) -> Finding:
    """The finding of one check. A fact that is missing or could not be seen gives unknown, never ok.

    While the target is open, what stands in the way of some targets only is a warning.
    """
    case = Case(check, facts, answers, target)
    for subject in check.subjects:
        fact = facts.get(subject)
        if fact is None:
            return case.unknown("was not measured")
        if not fact.known:
            return replace(case.unknown(f"could not be seen: {fact.error}"), evidence=_evidence(fact.source))
    finding = check.judge(case)
    if not finding.evidence:
        sources = tuple(fact.source for s in check.subjects if (fact := facts.get(s)) is not None)
        finding = replace(finding, evidence=_evidence(*sources))
    if target is None and finding.level is Level.FAIL and check.targets != ALL_TARGETS:
        only = ", ".join(t for t in Target if t in check.targets)
        return replace(finding, level=Level.WARN, why=f"{finding.why} Only matters for: {only}.".strip())
    return finding


def _evidence(*sources: str) -> tuple[str, ...]:
    return tuple(s for s in sources if s)
