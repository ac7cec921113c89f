"""The proof is the same wherever Airflow runs: ours, beating, open to the login; then one task, and its log. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.run import actions
from airflow_wizard.run.step import Step

if TYPE_CHECKING:
    from collections.abc import Callable


def wait_steps(where: actions.Endpoint, runs: actions.Runtime, *, answers: float, beats: float) -> list[Step]:
    """Ours, beating, and open to the printed login; ``answers`` and ``beats`` are seconds it usually takes to be so."""
    return [
        Step("identity", "Web page answers, and is ours", actions.AwaitIdentity(where, runs), usual=answers),
        Step("heartbeats", "Heartbeats", actions.AwaitHeartbeats(where, runs), usual=beats),
        Step("login", "Login", actions.VerifyLogin(where), usual=0.5),
    ]


def place_smoke_dag(smoke: Callable[[str], actions.RunSmokeDag], remove: actions.RemoveSmokeDag) -> Step:
    """Before the start, so that it is among the first files that are parsed."""
    return Step("smoke-file", "Put the smoke DAG in place", smoke("place"), undo=remove)


def smoke_steps(
    smoke: Callable[[str], actions.RunSmokeDag], remove: actions.RemoveSmokeDag, *, parse: float, run: float
) -> list[Step]:
    """The DAGs folder is the one that is parsed, a task runs, its log is read back; then all of it goes.

    Args:
        smoke: the action of a stage.
        remove: what takes it away again.
        parse: seconds until it is usually parsed.
        run: seconds a run usually takes.
    """
    return [
        Step("dags-folder", "DAGs folder", smoke("parse"), usual=parse),
        Step("smoke-run", "Run the smoke DAG", smoke("run"), usual=run),
        Step("smoke-log", "Read its log back", smoke("log"), usual=0.5),
        Step("smoke-remove", "Remove the smoke DAG", remove, usual=0.5, always=True),
    ]
