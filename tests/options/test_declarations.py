from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.catalog.load import releases
from airflow_wizard.errors import InvalidError
from airflow_wizard.options.describe import describe_all
from airflow_wizard.options.model import ALL_TARGETS, Option, Situation, Target
from airflow_wizard.options.registry import GROUPS, OPTIONS, for_target, in_groups, option
from airflow_wizard.options.schema import profile_schema
from airflow_wizard.options.values import format_value, parse
from airflow_wizard.profile.model import PROFILE_SCHEMA
from airflow_wizard.profile.resolve import judge
from tests.options import machines

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts

RELIED_ON = {
    "airflow_version", "image", "executor", "port", "bind", "dags", "chart_version", "chart_source", "context",
    "namespace", "git_repo", "git_ref", "git_subpath",
}  # fmt: skip
BY_NAME = pytest.mark.parametrize("asked", OPTIONS, ids=lambda o: o.name)


def test_names_others_rely_on_are_there_and_unique() -> None:
    names = [o.name for o in OPTIONS]
    assert set(names) >= RELIED_ON
    assert len(names) == len(set(names))


@BY_NAME
def test_texts_are_complete_and_short(asked: Option) -> None:
    assert re.fullmatch(r"[a-z][a-z_]*", asked.name)
    assert asked.title
    assert "\n" not in asked.help
    assert asked.help.endswith(".")
    assert 1 <= len(asked.why.splitlines()) <= 2
    assert max(map(len, asked.why.splitlines())) <= 110
    assert asked.group in GROUPS


@BY_NAME
def test_the_example_is_usable(asked: Option) -> None:
    if not asked.example:
        return
    answer = parse(asked, asked.example)
    target = sorted(asked.targets & ({Target.COMPOSE} if asked.name == "executor" else ALL_TARGETS))[0]
    situation = Situation(target, machines.LAPTOP, {"git_repo": "git@github.com:a/b.git"})
    assert judge(asked, answer, situation) == ""


@pytest.mark.parametrize("facts", machines.ALL.values(), ids=machines.ALL.keys())
@pytest.mark.parametrize("target", Target)
def test_every_default_can_be_used_on_every_machine(facts: HostFacts, target: Target) -> None:
    for version, asked in product([str(r.version) for r in releases()], for_target(target)):
        situation = Situation(target, facts, {"airflow_version": version, "context": "c"})
        needs_a_person = asked.name == "context" and target is Target.CONTEXT
        if not asked.applies(situation) or asked.name == "airflow_version" or needs_a_person:
            continue
        default = asked.default(situation)
        assert judge(asked, default, situation) == "", (asked.name, version)
        assert asked.because(situation), (asked.name, version)
        assert "\n" not in asked.because(situation), (asked.name, version)


def test_rows_have_the_contract_keys() -> None:
    keys = {"name", "type", "choices", "default", "targets", "help", "why", "secret"}
    rows = describe_all()
    assert [row["name"] for row in rows] == [o.name for o in OPTIONS]
    assert all(keys <= row.keys() for row in rows)
    standalone = describe_all(facts=machines.LAPTOP, target=Target.STANDALONE)
    assert next(r for r in standalone if r["name"] == "port")["default"] == 8082
    assert all("standalone" in str(r["targets"]) for r in standalone)


def test_groups_hold_everything_once() -> None:
    assert [o for options in in_groups(OPTIONS).values() for o in options] == list(OPTIONS)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(InvalidError) as caught:
        option("airflow_verison")
    assert "airflow_version" in caught.value.next


def test_schema_has_every_option_but_the_secret_ones() -> None:
    schema = profile_schema(PROFILE_SCHEMA)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == {"schema", "name", "target", *(o.name for o in OPTIONS if not o.secret)}
    version = properties["airflow_version"]
    assert isinstance(version, dict)
    assert re.fullmatch(str(version["pattern"]), "2.11.0")
    assert not re.fullmatch(str(version["pattern"]), "2.7.3")
    executor = properties["executor"]
    assert isinstance(executor, dict)
    assert {"SequentialExecutor", "CeleryExecutor,KubernetesExecutor"} <= set(executor["enum"])  # type: ignore[arg-type]


@BY_NAME
def test_defaults_survive_being_typed(asked: Option) -> None:
    target = sorted(asked.targets)[0]
    default = asked.default(Situation(target, machines.LAPTOP, {}))
    assert parse(asked, format_value(default)) == default
