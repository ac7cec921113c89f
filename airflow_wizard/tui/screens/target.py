"""Target: where should Airflow run? All of them, ranked by what this machine has; never a dead end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.tui.background import Ended, Job
from airflow_wizard.tui.keys import SCREENS, bindings
from airflow_wizard.tui.present import targets as present
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Tone, dim, span
from airflow_wizard.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from airflow_wizard.targets.model import Fit


class TargetChoice(WizardScreen):
    """The second step."""

    NAME = STEP = "target"
    SIDE = True
    TITLE_TEXT = "Where should Airflow run?"
    BINDINGS = bindings(*SCREENS["target"])

    def __init__(self) -> None:
        super().__init__()
        self._fits: dict[str, Fit] = {}
        self._job: Job[list[Fit]] | None = None

    def body(self) -> Iterable[Widget]:
        """One list."""
        yield RowList(*present.COLUMNS, id="rows")

    def on_mount(self) -> None:
        """Ranks in a thread: it needs facts, and a resumed flow has none yet."""
        self.part(RowList, "#rows").focus()
        self.about(self.session.profile_name)
        self.says(("◐ ", Tone.WORK), "ranking…")
        self.call_after_refresh(self._rank)

    def _rank(self) -> None:
        from airflow_wizard.tui.measure import facts_of

        self._job = Job(self, "rank", lambda _: self.services.rank_targets(facts_of(self.wizard)))

    def on_ended(self, event: Ended) -> None:
        """The ranking is there."""
        if event.job is not self._job or self._job is None:
            return
        if self._job.error or not self._job.value:
            if self._job.error:
                self.says_error(self._job.error)
            return
        fits = self._job.value
        self._fits = {str(fit.target): fit for fit in fits}
        rows = self.part(RowList, "#rows")
        rows.show([present.row(fit) for fit in fits])
        rows.select(str(self.session.target) if self.session.target else present.best(fits))
        self._explain()

    def _explain(self) -> None:
        fit = self._fits.get(self.part(RowList, "#rows").current)
        if fit:
            self.explain(fit.title, present.explanation(fit))
            self.says(*dim("first launch takes about the time shown; memory is what it usually uses"))
        self.refresh_bindings()

    def on_row_list_highlighted(self) -> None:
        """Another target is explained."""
        self._explain()

    def on_row_list_chosen(self) -> None:
        """Enter takes it."""
        self.action_choose()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be chosen before the ranking is there."""
        return bool(self._fits) if action == "choose" else super().check_action(action, parameters)

    def action_choose(self) -> None:
        """Goes on with the selected target; answers that do not apply to it are left behind by its form."""
        fit = self._fits.get(self.part(RowList, "#rows").current)
        if fit is None:
            return
        if self.session.target is not None and self.session.target is not fit.target:
            self.session.profile_name = ""
        self.session.target = fit.target
        self.says("→ ", span(fit.title))
        self.wizard.action_go("options")
