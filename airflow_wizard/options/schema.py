"""JSON schema of a profile, for editors and for tools that write one. Made from the declarations alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.catalog.load import releases
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Kind, Option, Situation, Target
from airflow_wizard.options.registry import OPTIONS, for_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.host.facts import Json

_TYPES: dict[Kind, dict[str, Json]] = {
    Kind.TEXT: {"type": ["string", "null"]},
    Kind.PATH: {"type": ["string", "null"]},
    Kind.CHOICE: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.LIST: {"type": "array", "items": {"type": "string"}},
}
_HEADER = ("schema", "name", "target")


def profile_schema(number: int, target: Target | None = None) -> dict[str, Json]:
    """The schema (draft 2020-12) of a profile whose ``schema`` is ``number``; secret options are not part of it.

    Args:
        number: version of the profile format.
        target: only profiles of this one; all of them when None.
    """
    targets = [target] if target is not None else list(Target)
    asked = [o for o in OPTIONS if not o.secret and any(t in o.targets for t in targets)]
    properties: dict[str, Json] = {
        "schema": {"const": number, "description": "Version of this format."},
        "name": {"type": "string", "description": "Name of the profile."},
        "target": {"enum": [str(t) for t in targets], "description": "Where Airflow runs."},
    }
    properties |= {option.name: _property(option) for option in asked}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "airflow-wizard profile",
        "type": "object",
        "required": ["target"],
        "additionalProperties": False,
        "properties": properties,
        "allOf": [_only_of(t) for t in targets],
    }


def _property(option: Option) -> dict[str, Json]:
    described: dict[str, Json] = {**_TYPES[option.kind], "title": option.title, "description": option.help}
    if option.example and option.kind in {Kind.TEXT, Kind.PATH}:
        described["examples"] = [option.example]
    if option.name == "airflow_version":
        # Any patch release of these is accepted, so the form is given and not a list.
        minors = "|".join(r.minor.replace(".", r"\.") for r in releases())
        described["pattern"] = rf"^({minors})\.\d+$"
    elif option.kind is Kind.CHOICE:
        described["enum"] = list(dict.fromkeys(_values(option)))
    return described


def _values(option: Option) -> Iterator[str]:
    """What an option can be for any target and release."""
    for target in Target:
        if target in option.targets:
            for release in releases():
                for database in ("", "external"):
                    answers = {"airflow_version": str(release.version), "database": database}
                    for choice in option.choices(Situation(target, HostFacts(), answers)):
                        yield choice.value


def _only_of(target: Target) -> dict[str, Json]:
    names: list[Json] = [*_HEADER, *(o.name for o in for_target(target) if not o.secret)]
    return {
        "if": {"properties": {"target": {"const": str(target)}}, "required": ["target"]},
        "then": {"propertyNames": {"enum": names}},
    }
