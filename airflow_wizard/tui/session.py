"""What is known and decided so far, across screens. Screens are rebuilt from it; it outlives all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_wizard.finding import Answer, Finding, any_fail
from airflow_wizard.options.model import Target
from airflow_wizard.profile.model import Profile

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.workflows.flow import FlowState

STEPS = ("checks", "target", "options", "review", "launch")


@dataclass
class Session:
    """The unfinished flow and what was measured for it.

    Attributes:
        profile_name: name the answers are known by.
        target: where Airflow shall run; None until chosen.
        given: answers stated so far.
        folder: folder of the stack; empty for the usual place.
        stack: the stack being looked at, by name.
        facts: what was measured; None before.
        findings: of the checks, in the order they came.
        step: where the flow stands; empty outside of it.
        furthest: the last step that was ever reached, as an index.
        proven: the launch of this session ran a task: seconds it took.
        took: what they were spent on, in words.
    """

    profile_name: str = ""
    target: Target | None = None
    given: dict[str, Answer] = field(default_factory=dict)
    folder: str = ""
    stack: str = ""
    facts: HostFacts | None = None
    findings: list[Finding] = field(default_factory=list)
    step: str = ""
    furthest: int = 0
    proven: float | None = None
    took: str = ""

    def reach(self, step: str) -> None:
        """Notes that the flow stands at ``step`` now."""
        self.step = step
        self.furthest = max(self.furthest, STEPS.index(step))

    def begin(self, profile: Profile | None = None) -> None:
        """A new flow, from a profile or from nothing; what was measured stays."""
        self.profile_name = profile.name if profile else ""
        self.target = profile.target if profile else None
        self.given = dict(profile.given) if profile else {}
        self.stack = ""
        self.step, self.furthest = "", 0
        self.proven, self.took = None, ""

    def profile(self) -> Profile:
        """The answers as a profile; the target must be chosen."""
        target = self.target or Target.STANDALONE
        return Profile(name=self.profile_name or str(target), target=target, given=dict(self.given))

    def blocked(self) -> list[Finding]:
        """What must be solved before a launch."""
        return [finding for finding in self.findings if any_fail([finding])]

    def resume(self, state: FlowState) -> str:
        """Takes an unfinished flow up; returns the step it stands at."""
        self.profile_name = state.profile_name
        self.target = Target(state.target) if state.target in {str(t) for t in Target} else None
        self.given = dict(state.given)
        self.folder = state.folder
        self.stack = state.stack or ""
        step = state.screen if state.screen in STEPS else STEPS[0]
        if self.target is None and STEPS.index(step) > STEPS.index("target"):
            step = "target"
        return step
