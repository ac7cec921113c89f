"""A stack that the wizard knows, with containers of a test's own in place of Airflow's."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.e2e.wizard import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What a launch writes down when it begins; there is no command for that alone.
_REMEMBER = """
import sys
from pathlib import Path
from airflow_wizard.run.registry import remember
name, folder, port, executor = sys.argv[1:]
answers = {"airflow_version": "3.3.2", "executor": executor, "port": int(port)}
remember(name, "compose", Path(folder), f"http://127.0.0.1:{port}", "3.3.2", answers)
"""


def stage(name: str, folder: Path, variables: Mapping[str, str], *, executor: str = "LocalExecutor") -> None:
    """Make a stack known whose Compose project is called ``name``: its files are the real ones, nothing runs.

    Args:
        name: begins with ``airflow-``, so that the project is called the same.
        folder: of the stack.
        variables: environment of the wizard that shall know it.
        executor: decides which services there are.
    """
    port = str(free_port())
    sets = [f"executor={executor}", f"port={port}", "airflow_version=3.3.2"]
    words = [word for one in sets for word in ("--set", one)]
    write = [sys.executable, "-m", "airflow_wizard", "write", "--profile", "laptop-lite", "--name", name]
    for argv in (
        [*write, *words, "--out", str(folder)],
        [sys.executable, "-c", _REMEMBER, name, str(folder), port, executor],
    ):
        done = subprocess.run(argv, env=dict(variables), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
