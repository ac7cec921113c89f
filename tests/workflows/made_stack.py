"""A stack as a launch leaves it on disk, without its Airflow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.run import registry
from airflow_wizard.workflows import planning, profiles

if TYPE_CHECKING:
    from airflow_wizard.run.registry import StackRecord

FACTS = HostFacts(
    {
        "uv": Fact({"path": "/usr/bin/uv", "version": "0.9"}, "test"),
        "pythons": Fact({"found": [{"version": "3.11", "full": "3.11.7", "path": "/usr/bin/python3.11"}]}, "test"),
        "cpu": Fact({"count": 2, "quota": 2}, "test"),
        "memory": Fact({"total": 24 << 30, "available": 20 << 30}, "test"),
    }
)


def made_stack(
    folder: Path,
    *,
    name: str = "demo",
    port: int = 8080,
    version: str = "3.3.2",
    profile: str = "standalone-quickstart",
) -> StackRecord:
    """The files of a stack, and its entry in the registry."""
    answers = profiles.load(profile, sets=[f"airflow_version={version}", f"port={port}"])
    request = planning.make_request(answers, FACTS, name=name, folder=folder)
    for artifact in planning.make_plan(request).artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
        path.chmod(artifact.mode)
    for below in ("dags", "logs/components", "run"):
        (folder / below).mkdir(parents=True, exist_ok=True)
    given = {k: v for k, v in request.answers.values.items() if k != "database_password"}
    return registry.remember(name, str(answers.target), folder, f"http://127.0.0.1:{port}", version, given)


def log(stack: StackRecord, unit: str, text: str) -> Path:
    """Adds to a unit's log."""
    path = Path(stack.folder) / "logs" / "components" / f"{unit}.log"
    with path.open("a", encoding="utf-8") as handle:
        handle.write(text)
    return path
