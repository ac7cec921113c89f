"""Requests with fixed secrets, as a workflow would make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.model import StackRequest
from airflow_wizard.artifacts.standalone import DATABASE_URL, IDENTITY, PASSWORD, STACK_ID
from airflow_wizard.catalog.load import release
from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.options.model import Target
from airflow_wizard.profile.model import Profile
from airflow_wizard.profile.resolve import resolve
from airflow_wizard.targets.registry import target

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

DATABASE = "postgresql://airflow@db.example.org:5432/airflow"
FACTS = HostFacts(
    {
        "uv": Fact({"path": "/opt/uv", "version": "0.9"}, "test"),
        "pythons": Fact({"found": [{"version": "3.12", "full": "3.12.1", "path": "/opt/python3.12"}]}, "test"),
        "cpu": Fact({"count": 4, "quota": 4}, "test"),
        "memory": Fact({"total": 16 << 30, "available": 12 << 30}, "test"),
    }
)
FIXED = {
    STACK_ID: "0123456789abcdef0123456789abcdef",
    IDENTITY: "identity-" + "i" * 40,
    PASSWORD: "the-admin-password",
    DATABASE_URL: "postgresql://airflow:db-p%40ss@db.example.org:5432/airflow",
}


def request(
    version: str = "3.3.2",
    folder: str = "/home/ada/stack",
    *,
    name: str = "demo",
    reachable: bool | None = None,
    **given: Answer,
) -> StackRequest:
    """A standalone stack's request; ``reachable`` is whether the constraints file was seen."""
    facts = FACTS
    if reachable is not None:
        facts = facts.with_fact("constraints", Fact({"reachable": reachable}, "test"))
    given = {"airflow_version": version, "python": "3.12", "port": 8080, **given}
    answers = resolve(Profile(name, Target.STANDALONE, given), facts)
    keys = target(Target.STANDALONE).secret_keys(answers, release(version))
    secrets = {key: FIXED.get(key, f"value-of-{key.lower()}") for key in keys}
    return StackRequest(
        name, folder, answers, release(version), facts, secrets, {"uv": "/opt/uv", "python": "/opt/python3.12"}
    )
