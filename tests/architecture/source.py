"""The package as text and syntax trees, for the tests that hold the house together."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "airflow_wizard"
# Shipped into a stack and run there, never imported here.
SHIPPED = PACKAGE / "artifacts" / "files"


@dataclass(frozen=True)
class Import:
    """One imported module.

    Attributes:
        names: the module, and for ``from a import b`` also ``a.b``.
        line: where.
        on_load: it happens when the file is imported.
        typing_only: it stands under ``if TYPE_CHECKING``.
    """

    names: tuple[str, ...]
    line: int
    on_load: bool
    typing_only: bool

    def hits(self, forbidden: frozenset[str]) -> str:
        """The forbidden module this is, or is a part of; empty when it is none."""
        for name in self.names:
            for module in forbidden:
                if name == module or name.startswith(f"{module}."):
                    return module
        return ""


def files(*, below: str = "", without: tuple[str, ...] = ()) -> list[Path]:
    """Python files of the package, the shipped ones excepted, sorted."""
    return sorted(
        path
        for path in (PACKAGE / below).rglob("*.py")
        if not path.is_relative_to(SHIPPED) and not any(path.is_relative_to(PACKAGE / room) for room in without)
    )


def need_room(name: str) -> list[Path]:
    """Files of a room; a room that is gone fails the test, since its rule would look at nothing."""
    found = [path for path in files(below=name) if path.name != "__init__.py"]
    if not found:
        pytest.fail(f"airflow_wizard/{name} is gone, and nothing holds what its rules protect")
    return found


def place(path: Path, line: int) -> str:
    """``file:line`` relative to the repository."""
    return f"{path.relative_to(ROOT)}:{line}"


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> list[Import]:
    """Every import of a file, also those inside functions and by ``importlib.import_module("…")``."""
    found: list[Import] = []
    _walk(tree(path), found, on_load=True, typing_only=False)
    return found


def _walk(node: ast.AST, found: list[Import], *, on_load: bool, typing_only: bool) -> None:
    names = _imported(node)
    if names:
        found.append(Import(names, getattr(node, "lineno", 0), on_load, typing_only))
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        for hint in node.body:
            _walk(hint, found, on_load=on_load, typing_only=True)
        for other in node.orelse:
            _walk(other, found, on_load=on_load, typing_only=typing_only)
        return
    inside = on_load and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        _walk(child, found, on_load=inside, typing_only=typing_only)


def _imported(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Import):
        return tuple(alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom) and node.module:
        return (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {
        "import_module",
        "__import__",
    }:
        return tuple(a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
    return ()
