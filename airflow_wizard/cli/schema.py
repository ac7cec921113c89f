"""The JSON schema of a profile, from the option declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.declared import Declared, declared
from airflow_wizard.options.model import Kind
from airflow_wizard.options.model import Target as TargetName
from airflow_wizard.profile.model import PROFILE_SCHEMA

if TYPE_CHECKING:
    from airflow_wizard.options.model import Target

_TYPES: dict[Kind, dict[str, object]] = {
    Kind.TEXT: {"type": "string"},
    Kind.PATH: {"type": "string"},
    Kind.CHOICE: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.LIST: {"type": "array", "items": {"type": "string"}},
}


def profile_schema(target: Target | None = None) -> dict[str, object]:
    """JSON schema (draft 2020-12) of a profile; secrets are no part of it."""
    properties: dict[str, object] = {
        "schema": {"const": PROFILE_SCHEMA, "description": "Version of this format."},
        "name": {"type": "string", "description": "Name of the profile."},
        "target": {
            "enum": [str(target)] if target else [str(t) for t in TargetName],
            "description": "Where Airflow runs.",
        },
    }
    for shown in declared(target):
        if not shown.option.secret:
            properties[shown.option.name] = _property(shown)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "airflow-wizard profile",
        "type": "object",
        "required": ["schema", "target"],
        "additionalProperties": False,
        "properties": properties,
    }


def _property(shown: Declared) -> dict[str, object]:
    option = shown.option
    described = {"title": option.title, "description": f"{option.help} {option.why}".strip()}
    # Choices depend on the machine and on other answers, so they are examples and not an enum.
    examples = [c.value for c in shown.choices] or ([option.example] if option.example else [])
    return {**_TYPES[option.kind], **described, **({"examples": examples} if examples else {})}
