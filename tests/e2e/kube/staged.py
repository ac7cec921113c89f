"""A stack of the target kind that the wizard knows, with a cluster and pods of a test's own."""

from __future__ import annotations

import json
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
name, folder, *given = sys.argv[1:]
answers = dict(one.split("=", 1) for one in given)
port = int(answers["port"])
remember(name, "kind", Path(folder), f"http://127.0.0.1:{port}", "3.3.2", answers | {"port": port})
"""


def stage(name: str, folder: Path, variables: Mapping[str, str], *, kubeconfig: Path) -> None:
    """Make a stack known: its files are the real ones, its release and its namespace are called ``name``.

    Args:
        name: of the stack.
        folder: of the stack.
        variables: environment of the wizard that shall know it.
        kubeconfig: of the cluster that is there, whatever its context is called.
    """
    given = {"airflow_version": "3.3.2", "executor": "LocalExecutor", "port": str(free_port()), "namespace": name}
    pairs = [f"{key}={value}" for key, value in given.items()]
    words = [word for one in pairs for word in ("--set", one)]
    write = [sys.executable, "-m", "airflow_wizard", "write", "--profile", "kind-dev", "--name", name]
    for argv in (
        [*write, *words, "--out", str(folder)],
        [sys.executable, "-c", _REMEMBER, name, str(folder), *pairs],
    ):
        done = subprocess.run(argv, env=dict(variables), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    own = folder / "secrets" / "kubeconfig"
    words = [
        "kubectl",
        "--kubeconfig",
        str(kubeconfig),
        "config",
        "view",
        "--raw",
        "--minify",
        "--flatten",
        "-o",
        "json",
    ]
    found = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    found["contexts"][0]["name"] = found["current-context"] = f"kind-{name}"
    own.write_text(json.dumps(found), encoding="utf-8")
    own.chmod(0o600)
