"""What tests of the command line begin with: recorded facts, and a way to run it in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.cli.main import run
from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.workflows.checking import record_facts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GIB = 1024**3


def facts(*, free: bool = True, uv: bool = True) -> HostFacts:
    """A machine that could run standalone; ``free`` is about port 8080."""
    ports = {
        str(port): {"address": "127.0.0.1", "free": free or port != 8080, "ours": False, "pid": None, "command": None}
        for port in range(8080, 8091)
    }
    found = [{"full": "3.12.1", "path": "/usr/bin/python3.12", "sqlite": True, "ssl": True, "version": "3.12"}]
    values: dict[str, object] = {
        "cpu": {"count": 4, "quota": None},
        "memory": {"available": 8 * GIB, "limit": None, "total": 16 * GIB},
        "ports": ports,
        "pythons": {"found": found},
    }
    if uv:
        values["uv"] = {"path": "/usr/bin/uv", "version": "0.9.0"}
    # Through JSON, so that the values are of the types a recorded file has.
    clean = json.loads(json.dumps(values))
    return HostFacts({name: Fact(value, "a test") for name, value in clean.items()})


def facts_file(folder: Path, **changes: bool) -> str:
    """The facts as ``--facts`` takes them."""
    path = folder / "facts.json"
    record_facts(path, facts(**changes))
    return str(path)


@dataclass(frozen=True)
class Ran:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)

    @property
    def body(self) -> dict[str, object]:
        value = self.json
        assert isinstance(value, dict)
        return value

    @property
    def rows(self) -> list[dict[str, object]]:
        value = self.json
        assert isinstance(value, list)
        return value


def ran(capsys: pytest.CaptureFixture[str], *argv: str) -> Ran:
    """Runs a command line in this process."""
    capsys.readouterr()
    code = run(list(argv))
    assert isinstance(code, int)
    captured = capsys.readouterr()
    return Ran(int(code), captured.out, captured.err)
