from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import InvalidError, UsageError
from airflow_wizard.options.model import Target
from airflow_wizard.profile.compare import diff
from airflow_wizard.profile.load import load
from airflow_wizard.profile.model import Origin, Profile
from airflow_wizard.profile.resolve import resolve
from airflow_wizard.profile.sets import parse_sets, with_sets
from tests.options import machines

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer


def made(target: Target = Target.STANDALONE, **given: Answer) -> Profile:
    return Profile("demo", target, given)


def test_everything_that_applies_is_filled_and_says_where_from() -> None:
    profile = with_sets(load(b"target: standalone\nexamples: on\n"), ["port=9000"])
    answers = resolve(profile, machines.LAPTOP)
    assert answers.flag("examples")
    assert answers.integer("port") == 9000
    assert answers.text("python") == "3.11"
    assert answers.origins["examples"] is Origin.PROFILE
    assert answers.origins["port"] is Origin.SET
    assert answers.origins["bind"] is Origin.DEFAULT
    assert answers.origins.keys() == answers.values.keys()
    assert "image" not in answers.values
    assert "database_password" not in answers.values


def test_defaults_see_every_stated_answer_and_earlier_defaults() -> None:
    two = resolve(made(airflow_version="2.11.2"), machines.MANY_PYTHONS)
    assert (two.text("python"), two.text("executor")) == ("3.12", "SequentialExecutor")
    external = made(airflow_version="2.11.2", database="external", database_url="postgresql://u@h/d")
    assert resolve(external, machines.LAPTOP).text("executor") == "LocalExecutor"


def test_every_error_is_collected() -> None:
    text = b"target: standalone\nport: 0\nimage: x\nbind: nowhere\nworkers: 2\npython: '2.7'\nairflow_version: 2.7.3\n"
    with pytest.raises(InvalidError) as caught:
        resolve(load(text, source="t.yaml"), machines.LAPTOP)
    error = caught.value
    assert error.what.startswith("6 problems in t.yaml:")
    for line in (2, 3, 4, 5, 6, 7):
        assert f"line {line}:" in error.what
    assert "only to compose" in error.what


def test_an_option_of_another_target_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidError) as caught:
        resolve(made(chart_version="1.22.0"), machines.LAPTOP)
    assert caught.value.what.startswith("chart_version does not apply to target standalone, only to context, kind")
    assert caught.value.key == "chart_version"


def test_an_option_without_effect_is_refused_with_what_decides() -> None:
    with pytest.raises(InvalidError) as caught:
        resolve(made(Target.COMPOSE, executor="LocalExecutor", workers=2), machines.LAPTOP)
    assert "executor LocalExecutor" in caught.value.what


def test_a_needed_answer_without_default_is_asked_for() -> None:
    for profile in (made(Target.CONTEXT), made(database="external")):
        with pytest.raises(InvalidError) as caught:
            resolve(profile, machines.LAPTOP)
        assert "needs" in caught.value.what
        assert "--set" in caught.value.next


def test_a_wrong_set_is_not_blamed_on_the_file() -> None:
    profile = with_sets(load(b"target: standalone\nport: 8081\n", source="t.yaml"), ["port=0"])
    with pytest.raises(InvalidError) as caught:
        resolve(profile, machines.LAPTOP)
    assert caught.value.file is None
    assert caught.value.line is None


def test_sets_are_parsed_by_type_and_the_last_one_wins() -> None:
    sets = ["port=1", "port=2", "packages=a,b", "load-default-connections=no", "dags=a=b"]
    assert parse_sets(sets, Target.STANDALONE) == {
        "port": 2, "packages": ("a", "b"), "load_default_connections": False, "dags": "a=b",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["port", "=1", "", " = "])
def test_a_set_without_name_or_value_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        parse_sets([text], Target.STANDALONE)


def test_wrong_sets_are_told_together_and_secrets_not_at_all() -> None:
    with pytest.raises(InvalidError) as caught:
        parse_sets(["prot=1", "target=kind", "database_password=geheim", "examples=x"], Target.STANDALONE)
    assert caught.value.what.startswith("4 problems")
    assert "geheim" not in f"{caught.value.what}{caught.value.next}{caught.value.why}"
    with pytest.raises(InvalidError) as one:
        parse_sets(["prot=1"], Target.STANDALONE)
    assert "did you mean 'port'" in one.value.next


def test_diff_shows_both_sides_in_the_order_of_the_form() -> None:
    a = made(port=1, airflow_version="3.3.2", examples=True)
    b = made(Target.COMPOSE, examples=True, port=2, packages=("x",))
    assert diff(a, a) == []
    assert diff(a, b) == [
        ("target", "standalone", "compose"),
        ("airflow_version", "3.3.2", "(default)"),
        ("port", "1", "2"),
        ("packages", "(default)", "x"),
    ]
