from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.errors import InvalidError, UsageError
from airflow_wizard.options.model import Kind, Target
from airflow_wizard.options.registry import for_target
from airflow_wizard.profile.load import load
from airflow_wizard.profile.model import Profile
from airflow_wizard.profile.names import usable
from airflow_wizard.profile.save import save, to_yaml
from airflow_wizard.profile.secrets import refuse_secret_value

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.finding import Answer

VISIBLE = (
    st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
BY_KIND: dict[Kind, st.SearchStrategy[Answer]] = {
    Kind.TEXT: VISIBLE | st.none(),
    Kind.PATH: VISIBLE | st.none(),
    Kind.CHOICE: VISIBLE,
    Kind.INTEGER: st.integers(-(10**9), 10**9),
    Kind.BOOLEAN: st.booleans(),
    Kind.LIST: st.lists(VISIBLE, max_size=4).map(tuple),
}


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    target = draw(st.sampled_from(Target))
    options = draw(st.lists(st.sampled_from([o for o in for_target(target) if not o.secret]), unique=True))
    given: dict[str, Answer] = {}
    for option in options:
        value = draw(BY_KIND[option.kind])
        try:
            refuse_secret_value(option.name, value if isinstance(value, tuple) else (str(value),))
        except InvalidError:
            continue
        given[option.name] = value
    name = draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True).filter(usable))
    return Profile(name=name, target=target, given=given)


@given(profiles())
def test_what_is_saved_is_what_is_loaded(profile: Profile) -> None:
    text = to_yaml(profile)
    again = load(text.encode(), source="x.yaml")
    assert (again.name, again.target, dict(again.given)) == (profile.name, profile.target, dict(profile.given))
    assert to_yaml(again) == text


@given(profiles())
def test_any_yaml_reader_sees_the_same_values(profile: Profile) -> None:
    read = yaml.safe_load(to_yaml(profile))
    assert read.pop("schema") == 1
    assert str(read.pop("name")) == profile.name
    assert read.pop("target") == profile.target
    shown = {k: list(v) if isinstance(v, tuple) else "" if v is None else v for k, v in profile.given.items()}
    assert read == shown


def test_every_option_is_explained_and_defaults_are_comments() -> None:
    text = to_yaml(Profile("demo", Target.STANDALONE, {"port": 8081}))
    lines = text.splitlines()
    assert "port: 8081" in lines
    assert "#   airflow_version: " in text
    assert "#   examples: false" in lines
    assert "# Access" in lines
    assert "database_password" not in text
    uncommented = "\n".join(line.replace("#   ", "", 1) for line in lines)
    assert load(uncommented.encode()).given["bind"] == "127.0.0.1"


@pytest.mark.parametrize("target", Target)
def test_the_commented_lines_work_once_uncommented(target: Target) -> None:
    lines = to_yaml(Profile("demo", target)).splitlines()
    given = load("\n".join(line.replace("#   ", "", 1) for line in lines).encode()).given
    assert given["namespace" if "airflow" in given.values() else "port"]
    assert len(given) > 8


def test_a_secret_is_never_written(tmp_path: Path) -> None:
    for secret in ({"database_password": "x"}, {"git_repo": "https://a:b@h/r"}):
        with pytest.raises(InvalidError):
            save(Profile("demo", Target.KIND, dict(secret)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_saving_replaces_only_when_told(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "profiles"
    path = save(Profile("demo", Target.STANDALONE, {"port": 1}), folder)
    assert path.stat().st_mode & 0o777 == 0o644
    before = path.read_bytes()
    with pytest.raises(UsageError):
        save(Profile("demo", Target.STANDALONE, {"port": 2}), folder)
    assert path.read_bytes() == before
    save(Profile("demo", Target.STANDALONE, {"port": 2}), folder, overwrite=True)
    assert load(path.read_bytes()).given == {"port": 2}
    assert [p.name for p in folder.iterdir()] == ["demo.yaml"]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", "a b", "con", "NUL.x", "x.yaml", "-", "é", "a" * 64, "a."]
)
def test_names_that_are_no_safe_file_names_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidError):
        save(Profile(name, Target.STANDALONE), tmp_path)
    assert list(tmp_path.iterdir()) == []
