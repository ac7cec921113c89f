"""What is loaded when a face is imported, seen from a fresh interpreter."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.architecture import source

HEAVY = frozenset({"docker", "kubernetes", "questionary", "prompt_toolkit", "rich", "textual"})
CASES = {
    "airflow_wizard.__main__": HEAVY | {"asyncio", "psutil", "yaml"},
    "airflow_wizard.cli.main": HEAVY | {"asyncio", "psutil", "yaml"},
    "airflow_wizard.workflows": HEAVY,
}


def loaded(statement: str) -> set[str]:
    """Top-level modules in ``sys.modules`` after a statement in a new interpreter."""
    tell = "import json, sys; sys.stdout.write(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    code = f"{statement}\n{tell}"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=source.ROOT)
    return set(json.loads(result.stdout))


@pytest.mark.parametrize("module", CASES)
def test_importing_loads_nothing_heavy(module: str) -> None:
    path = source.ROOT / module.replace(".", "/")
    if not (path.is_dir() or path.with_suffix(".py").exists()):
        pytest.fail(f"{module} is gone: the rule looks at nothing")
    assert not loaded(f"import {module}") & CASES[module]


def test_every_workflow_loads_without_a_face() -> None:
    modules = [".".join(path.relative_to(source.ROOT).with_suffix("").parts) for path in source.need_room("workflows")]
    assert not loaded("\n".join(f"import {module}" for module in modules)) & HEAVY


def test_the_probe_sees_what_is_loaded() -> None:
    assert {"yaml", "json"} <= loaded("import yaml")
