"""What to know when Airflow runs: address, login, folders, and how to get rid of it again. Pure."""

from __future__ import annotations

import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

from airflow_wizard.cli.style import Line, Meaning, Part, table
from airflow_wizard.text import human_seconds, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.workflows.access import Credentials
    from airflow_wizard.workflows.stacks import StackRecord


def end_panel(
    stack: StackRecord,
    login: Credentials,
    *,
    places: Sequence[tuple[str, str]],
    rest: str,
    elapsed: float,
    took: str,
    show_password: bool,
) -> list[Line]:
    """The last lines of a launch.

    Args:
        stack: what was launched.
        login: address and login.
        places: (name, words) of what else is worth knowing: where DAGs come from, how to see its pods.
        rest: an example call of the REST API, without the password.
        elapsed: seconds the launch took.
        took: what they were spent on; empty when that is not known.
        show_password: only for a terminal; a pipe may end up in a log.
    """
    folder = PurePath(stack.folder)
    name = shlex.quote(stack.name)
    password = login.password if show_password else f"airflow-wizard credentials {name}"
    rows: list[tuple[Part, Part]] = [
        ("URL", (login.url, Meaning.ACCENT)),
        ("User", login.user),
        ("Password", password),
        ("REST API", one_line(rest)),
        ("CLI", f"{shlex.quote(str(folder / 'airflow'))} dags list"),
        *((name, one_line(words)) for name, words in places),
        ("Watch", f"airflow-wizard status {name} --watch"),
        ("Stop", f"airflow-wizard stop {name}"),
        ("Remove", f"airflow-wizard destroy {name}"),
    ]
    if took:
        rows.append(("Took", (took, Meaning.DIM)))
    head: Line = (
        ("● ", Meaning.OK),
        (f"Airflow {stack.airflow_version} is running and has run a task.", Meaning.STRONG),
        f"  {human_seconds(elapsed)}",
    )
    return [("",), head, *(("  ", *line) for line in table(rows))]
