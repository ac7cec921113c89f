"""Files of KEY=VALUE lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.artifacts.env_file import add_missing, is_env, values_of

_KEY = st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True)
_VALUES = st.dictionaries(_KEY, st.from_regex(r"[a-zA-Z0-9=\"'/-]{0,12}", fullmatch=True), max_size=6)


def _file(values: dict[str, str]) -> str:
    return "".join(f"{key}={value}\n" for key, value in values.items())


@pytest.mark.parametrize("text", ["A=1\n", "# c\n\nexport A=1\nB =\n", "a.b=x y"])
def test_what_is_one(text: str) -> None:
    assert is_env(text)


@pytest.mark.parametrize("text", ["", "# only words\n", "A=1\nB\n", '{"admin": "pw=1"}\n', "[core]\nx = 1\n"])
def test_what_is_none(text: str) -> None:
    assert not is_env(text)


def test_a_missing_key_is_added_at_the_end_and_nothing_else_moves() -> None:
    assert add_missing("A=1\nB=2\n", "# mine\nB=9\nC=3") == "# mine\nB=9\nC=3\nA=1\n"


def test_a_commented_key_is_missing() -> None:
    assert add_missing("A=1\n", "#A=0\n") == "#A=0\nA=1\n"


@given(_VALUES, _VALUES)
def test_the_disk_wins_and_every_key_is_there(planned: dict[str, str], disk: dict[str, str]) -> None:
    before = _file(disk)
    after = add_missing(_file(planned), before)
    assert after.startswith(before)
    assert values_of(after) == planned | disk
    assert add_missing(_file(planned), after) == after
