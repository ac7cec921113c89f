"""Getting in: address, login, a REST call to try."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.standalone import PASSWORD
from airflow_wizard.errors import StackStateError
from airflow_wizard.targets.registry import target
from airflow_wizard.workflows.planning import request_of
from airflow_wizard.workflows.secrets import read_secrets

if TYPE_CHECKING:
    from airflow_wizard.run.registry import StackRecord

# Without containers `airflow` is Airflow's own program in its virtual environment and knows no call of the API.
_REST_SCRIPTS = {"standalone": "stack"}


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A login; its repr is the default one of objects so that it never shows in a log."""

    url: str
    user: str
    password: str

    def to_json(self) -> dict[str, object]:
        """As ``credentials --json`` prints it."""
        return {"url": self.url, "user": self.user, "password": self.password}


def credentials(stack: StackRecord) -> Credentials:
    """The login of a stack, from its own 0600 file.

    Raises:
        StackStateError: the stack has none yet.
        InvalidError: the file cannot be read.
    """
    password = read_secrets(Path(stack.folder)).get(PASSWORD, "")
    if not password:
        raise StackStateError(
            f"{stack.folder}/.env holds no {PASSWORD}",
            why="that is where the login is kept",
            next=f"airflow-wizard up --name {stack.name}",
        )
    return Credentials(stack.url, ADMIN, password)


def open_in_browser(url: str) -> bool:
    """Open the address in the person's browser; False when there is none."""
    from airflow_wizard.engines.browser import open_url

    return open_url(url)


def rest_example(stack: StackRecord) -> str:
    """A command in the stack's folder that calls its REST API; the login never stands on a command line."""
    api = target(stack.target).endpoint(request_of(stack)).api
    script = _REST_SCRIPTS.get(stack.target, "airflow")
    return f"{shlex.quote(f'{stack.folder}/{script}')} rest /api/{api}/pools"
