"""DAG files that Airflow could not import, asked of the stack's own Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines.airflow_api import ForeignError, NoAnswerError, RefusedError
from airflow_wizard.text import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from airflow_wizard.engines.airflow_api import AirflowApi

# Where the DAGs folder is inside a container.
_INSIDE = "/opt/airflow/dags/"


def import_errors(api: AirflowApi, dags: Path, mask: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """(file on this machine, traceback) of each; () when it does not say."""
    try:
        # The login goes only to the one that has just proved to be this stack.
        api.identity()
        found = api.import_errors()
    except (NoAnswerError, ForeignError, RefusedError):
        return ()
    return tuple((_here(one_line(name), dags), mask(plain(text))) for name, text in found)


def _here(name: str, dags: Path) -> str:
    # Airflow 3 gives the path below its DAG bundle, Airflow 2 the whole one.
    name = name.removeprefix(_INSIDE)
    return name if name.startswith("/") else str(dags / name)
