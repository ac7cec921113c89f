from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Target
from airflow_wizard.profile.load import load
from airflow_wizard.profile.model import PROFILE_SCHEMA

GOOD = b"""\
schema: 1
target: standalone
airflow_version: 2.10.5
port: 8081
examples: yes
packages: [pandas, "polars>=1,<2"]
dags: ~
"""


def refused(text: str | bytes, source: str = "team.yaml") -> InvalidError:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(InvalidError) as caught:
        load(data, source=source)
    return caught.value


def test_answers_have_the_type_of_their_option_whatever_yaml_thinks() -> None:
    profile = load(GOOD, source="dir/team.yaml")
    assert profile.target is Target.STANDALONE
    assert profile.name == "team"
    assert profile.given == {
        "airflow_version": "2.10.5",
        "port": 8081,
        "examples": True,
        "packages": ("pandas", "polars>=1,<2"),
    }
    assert profile.lines["port"] == 4
    assert load(b"target: kind\nchart_version: 1.20\n", source="x").given == {"chart_version": "1.20"}
    assert load(b"target: kind\ngit_ref: 0123456789\n", source="x").given == {"git_ref": "0123456789"}


def test_a_byte_order_mark_and_windows_lines_are_fine() -> None:
    assert load(b"\xef\xbb\xbftarget: standalone\r\nport: 9\r\n").given == {"port": 9}


def test_an_unknown_key_is_named_with_file_line_and_suggestion() -> None:
    error = refused("target: standalone\nairflow_verison: 3.3.2\n")
    assert error.where == "team.yaml:2"
    assert error.key == "airflow_verison"
    assert "did you mean 'airflow_version'" in error.next


def test_every_problem_is_told_at_once_in_the_order_of_lines() -> None:
    error = refused("target: standalne\nport: many\nfoo: 1\nexamples: perhaps\n")
    assert error.what.splitlines()[0] == "4 problems in team.yaml:"
    assert error.what.splitlines()[1].endswith("; did you mean 'standalone'?")
    assert [line.split(":")[0].strip() for line in error.what.splitlines()[1:]] == [f"line {n}" for n in (1, 2, 3, 4)]
    assert error.line == 1


@pytest.mark.parametrize(
    ("text", "word", "line"),
    [
        ("", "empty", 1), ("# only a comment\n", "empty", 2), ("- a\n", "option: value", 1),
        ("just text", "option: value", 1),
        ("target: standalone\nport: 1\nport: 2\n", "twice", 3), ("port: 8080\n", "names no target", 1),
        ("target:\n", "names no target", 1), ("target: [a]\n", "one word", 1),
        ("target: compos\n", "no target 'compos'", 1), ("target: standalone\nport: {a: 1}\n", "nested", 2),
        ("target: standalone\npackages: [[a]]\n", "nested", 2), ("target: standalone\nport: [1, 2]\n", "not a list", 2),
        ("target: standalone\n? [a]\n: b\n", "not a word", 2), ("a: &x 1\nb: *x\n", "anchor", 1),
        ("target: standalone\nport: *x\n", "alias", 2), ("a: !!python/object:os.system x\n", "tag", 1),
        ("target: !!str standalone\n", "tag", 1), ("target: standalone\n---\ntarget: kind\n", "more than one", 2),
        ("target: standalone\n\tport: 1\n", "not valid YAML", 2), ("target: 'standalone\n", "not valid YAML", 2),
        ("target: standalone\nport: \x07\n", "does not allow", 2), ("schema: 2\ntarget: kind\n", "schema 2", 1),
        ("schema: one\ntarget: kind\n", "number", 1), ("schema: -1\ntarget: kind\n", "number", 1),
        ("target: standalone\nname: ../../x\n", "name of a profile", 2), ("<<: {a: 1}\n", "nested", 1),
        ("target: standalone\nport: \n  8080\n  9090\n", "whole number", 2),
    ],
)  # fmt: skip
def test_hostile_or_broken_yaml_is_refused_in_words_at_its_line(text: str, word: str, line: int) -> None:
    error = refused(text)
    assert word in error.what
    assert error.line == line
    assert error.file == "team.yaml"
    assert error.next


def test_not_utf8_names_the_line() -> None:
    error = refused(b"target: standalone\ndags: \xff\xfe\n")
    assert "UTF-8" in error.what
    assert error.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "[" * 60_000, "{a: " * 15_000, "a: &a [x]\n" + "".join(f"b{i}: [*a,*a]\n" for i in range(2000)),
        "x" * 70_000, "? " * 30_000, "- " * 30_000, "!!" * 30_000, "a: " + "'" * 60_000,
    ],
    ids=["flow", "maps", "laughs", "huge", "keys", "lists", "tags", "quotes"],
)  # fmt: skip
def test_bombs_are_refused_at_once(text: str) -> None:
    start = time.perf_counter()
    refused(text)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("database_password: geheim", "database_password"), ("admin_password: geheim", "admin_password"),
        ("fernet_key: geheim", "fernet_key"), ("git_token: geheim", "git_token"),
        ("git_repo: https://me:geheim@example.org/r.git", "git_repo"),
        ("database_url: postgresql://u:geheim@h/d", "database_url"),
        ("packages: ['x', 'https://me:geheim@example.org/x.whl']", "packages"),
        ("image: ghp_geheimgeheimgeheim01234567", "image"),
    ],
)  # fmt: skip
def test_secrets_are_refused_and_never_repeated(line: str, key: str) -> None:
    error = refused(f"target: standalone\n{line}\n")
    assert error.key == key
    assert error.line == 2
    assert "geheim" not in f"{error.what} {error.why} {error.next}"


def test_a_secret_option_says_how_to_give_it_instead() -> None:
    assert "AIRFLOW_WIZARD_DATABASE_PASSWORD" in refused("target: standalone\ndatabase_password: x\n").next


def test_an_older_schema_is_migrated_with_its_lines() -> None:
    old = b"schema: 0\ntarget: standalone\nversion: 3.3.2\nwebserver_port: 8090\n"
    profile = load(old, source="old.yaml")
    assert profile.given == {"airflow_version": "3.3.2", "port": 8090}
    assert profile.lines["port"] == 4
    both = refused("schema: 0\ntarget: standalone\nport: 1\nwebserver_port: 2\n")
    assert "new name" in both.what
    assert both.line == 4
    assert both.file == "team.yaml"


def test_a_newer_schema_says_what_to_upgrade() -> None:
    error = refused(f"schema: {PROFILE_SCHEMA + 1}\ntarget: standalone\nunheard_of: 1\n")
    assert "upgrade" in error.next
    assert error.line == 1


def test_escape_sequences_of_a_file_never_reach_the_message() -> None:
    error = refused('target: standalone\n"a\\e[31mb": 1\n')
    assert error.what.isprintable()


def said(data: bytes) -> str:
    """The error's words, empty when it is a profile; any other exception fails the test."""
    try:
        load(data, source="x.yaml")
    except InvalidError as error:
        return error.what
    return ""


@given(st.binary(max_size=200))
def test_any_bytes_are_a_profile_or_an_error_of_ours(data: bytes) -> None:
    assert said(data).strip() == said(data)


@given(st.text(max_size=120))
def test_any_text_behind_a_target_too(text: str) -> None:
    assert "\x1b" not in said(b"target: standalone\n" + text.encode("utf-8", "replace"))
