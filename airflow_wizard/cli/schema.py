"""The JSON schema of a profile, from the option declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.options.describe import describe_all
from airflow_wizard.options.model import Kind
from airflow_wizard.options.model import Target as TargetName
from airflow_wizard.profile.model import PROFILE_SCHEMA

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json
    from airflow_wizard.options.model import Target

_TYPES: dict[str, dict[str, Json]] = {
    Kind.TEXT: {"type": ["string", "null"]},
    Kind.PATH: {"type": ["string", "null"]},
    Kind.CHOICE: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.LIST: {"type": "array", "items": {"type": "string"}},
}


def profile_schema(target: Target | None = None) -> dict[str, Json]:
    """JSON schema (draft 2020-12) of a profile; secrets are no part of it."""
    targets: list[Json] = [str(target)] if target else [str(t) for t in TargetName]
    properties: dict[str, Json] = {
        "schema": {"const": PROFILE_SCHEMA, "description": "Version of this format."},
        "name": {"type": "string", "description": "Name of the profile."},
        "target": {"enum": targets, "description": "Where Airflow runs."},
    }
    for row in describe_all(target=target):
        if not row["secret"]:
            properties[str(row["name"])] = _property(row)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "airflow-wizard profile",
        "type": "object",
        "required": ["target"],
        "additionalProperties": False,
        "properties": properties,
    }


def _property(row: dict[str, Json]) -> Json:
    # Choices depend on the machine and on other answers, so they are examples and not an enum.
    examples = row["choices"] or ([row["example"]] if row["example"] else [])
    described: dict[str, Json] = {"title": row["title"], "description": f"{row['help']} {row['why']}"}
    return {**_TYPES[str(row["type"])], **described, **({"examples": examples} if examples else {})}
