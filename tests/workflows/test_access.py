"""Getting in: the login from its own file, and commands that can be pasted."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts.standalone import PASSWORD
from airflow_wizard.errors import InvalidError, StackStateError
from airflow_wizard.workflows.access import credentials, rest_example
from airflow_wizard.workflows.secrets import read_secrets
from tests.workflows.made_stack import made_stack

if TYPE_CHECKING:
    from pathlib import Path


def test_the_login_is_the_one_on_disk_and_shows_in_no_repr(tmp_path: Path) -> None:
    stack = made_stack(tmp_path, port=8099)
    login = credentials(stack)
    password = read_secrets(tmp_path)[PASSWORD]
    assert login.to_json() == {"url": "http://127.0.0.1:8099", "user": "admin", "password": password}
    assert password not in repr(login) + str(login)


def test_without_a_login_the_next_command_is_told(tmp_path: Path) -> None:
    stack = made_stack(tmp_path)
    (tmp_path / ".env").unlink()
    with pytest.raises(StackStateError) as caught:
        credentials(stack)
    assert caught.value.next == "airflow-wizard up --name demo"
    (tmp_path / ".env").write_bytes(b"\xff")
    with pytest.raises(InvalidError):
        credentials(stack)


@pytest.mark.parametrize(
    ("profile", "version", "script", "path"),
    [
        ("standalone-quickstart", "3.3.2", "stack", "/api/v2/pools"),
        ("standalone-airflow2", "2.11.2", "stack", "/api/v1/pools"),
        ("laptop-lite", "3.3.2", "airflow", "/api/v2/pools"),
        ("laptop-celery", "2.11.2", "airflow", "/api/v1/pools"),
    ],
)
def test_the_example_call_can_be_pasted_and_its_script_is_there(
    tmp_path: Path, profile: str, version: str, script: str, path: str
) -> None:
    folder = tmp_path / "my stack's"
    stack = made_stack(folder, version=version, profile=profile)
    example = rest_example(stack)
    assert shlex.split(example) == [f"{folder}/{script}", "rest", path]
    assert (folder / script).is_file()
    assert read_secrets(folder)[PASSWORD] not in example
