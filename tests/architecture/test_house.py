"""Size, printing, and the Textual traps that were measured."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import source

LONGEST = 400
MEDIAN = 150
APP_LONGEST = 150
MAY_PRINT = source.PACKAGE / "cli" / "output.py"


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_a_reader_can_hold_a_file() -> None:
    sizes = {path: lines(path) for path in [*source.files(), *source.SHIPPED.rglob("*.py")]}
    too_long = [f"{path.relative_to(source.ROOT)}: {n}" for path, n in sizes.items() if n > LONGEST]
    assert not too_long, f"longer than {LONGEST} lines; give each subject its own file:\n" + "\n".join(too_long)
    assert statistics.median(n for n in sizes.values() if n) <= MEDIAN


def test_a_reader_can_hold_a_test_file() -> None:
    too_long = [
        f"{path.relative_to(source.ROOT)}: {n}"
        for path in (source.ROOT / "tests").rglob("*.py")
        if (n := lines(path)) > LONGEST
    ]
    assert not too_long, "\n".join(too_long)


def test_the_app_class_stays_small() -> None:
    app = source.PACKAGE / "tui" / "app.py"
    if not app.exists():
        pytest.fail("airflow_wizard/tui/app.py is gone: the rule looks at nothing")
    assert lines(app) <= APP_LONGEST


def test_only_the_output_module_prints() -> None:
    found = [
        source.place(path, node.lineno)
        for path in source.files()
        if path != MAY_PRINT
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not found, "only airflow_wizard/cli/output.py prints:\n" + "\n".join(found)


def test_the_tui_keeps_clear_of_the_measured_traps() -> None:
    found = [
        f"{source.place(path, node.lineno)} {trap}"
        for path in source.need_room("tui")
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.expr | ast.alias) and (trap := textual_trap(node))
    ]
    assert not found, "\n".join(found)


def textual_trap(node: ast.expr | ast.alias) -> str:
    """Why this expression freezes a screen; empty when it does not."""
    if isinstance(node, ast.alias) and node.name == "RichLog":
        return "RichLog: 5,000 lines/s and 300 MiB per 100,000 lines; use our own pane"
    if isinstance(node, ast.Attribute) and node.attr in {"RichLog", "write_line"}:
        return f"{node.attr}: a thread per line, seconds of blocking per 500 lines; use our own pane"
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg == "update_width" and ast.unparse(keyword.value) == "True":
                return "update_width=True: freezes a table for seconds; use fixed widths"
    return ""


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=source.ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
