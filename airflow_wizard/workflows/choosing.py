"""Which target fits this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.targets.model import Verdict
from airflow_wizard.targets.registry import all_targets

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.targets.model import Fit

_RANKS = {Verdict.FITS: 0, Verdict.NEEDS: 1, Verdict.UNKNOWN: 2, Verdict.CANNOT: 3}


def rank_targets(facts: HostFacts) -> list[Fit]:
    """All six targets, best first.

    What fits comes before what needs something; among equals, the quicker one first. None is left out, so that nobody
    has to guess why something is missing.
    """
    fits = [target.fit(facts) for target in all_targets()]
    return sorted(fits, key=lambda f: (_RANKS[f.verdict], f.minutes or 0.0))
