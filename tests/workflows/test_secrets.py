"""Keys are made once, kept for ever, and only the person's own file has them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_wizard.artifacts.standalone import DATABASE_URL, PASSWORD, STACK_ID, secret_keys
from airflow_wizard.errors import InvalidError, UsageError
from airflow_wizard.options.model import Target
from airflow_wizard.profile.model import Answers
from airflow_wizard.workflows.secrets import (
    DATABASE_PASSWORD_VARIABLE,
    read_secrets,
    refuse_other_database,
    stack_secrets,
    values_to_hide,
)

if TYPE_CHECKING:
    from pathlib import Path

NONE = Answers(Target.STANDALONE, {}, {})
KEYS = secret_keys(airflow3=True, external_database=False)


def external(url: str) -> Answers:
    """Answers of a stack with a database of its own."""
    return Answers(Target.STANDALONE, {"database": "external", "database_url": url}, {})


def test_each_key_is_what_airflow_takes(tmp_path: Path) -> None:
    made = stack_secrets(KEYS, tmp_path, NONE, for_display=False)
    assert tuple(made) == KEYS
    assert len(set(made.values())) == len(made)
    assert len(base64.urlsafe_b64decode(made["AIRFLOW__CORE__FERNET_KEY"])) == 32
    assert int(made[STACK_ID], 16)
    assert len(made[PASSWORD]) >= 20
    for value in made.values():
        assert value.isascii()
        assert not set(value) & set("%$'\"\\ #\n"), "it has to survive a shell, a configuration file and a URL"


def test_what_is_on_disk_is_kept_and_only_what_lacks_is_made(tmp_path: Path) -> None:
    first = stack_secrets(KEYS, tmp_path, NONE, for_display=False)
    kept = {key: value for key, value in first.items() if key != PASSWORD}
    (tmp_path / ".env").write_text("# mine\nEXTRA=1\n" + "".join(f"{k}={v}\n" for k, v in kept.items()))
    second = stack_secrets(KEYS, tmp_path, NONE, for_display=False)
    assert {k: v for k, v in second.items() if k != PASSWORD} == kept
    assert second[PASSWORD] != first[PASSWORD]
    assert "EXTRA" not in second


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ("postgresql://me:pw@db.example.org/airflow", "postgresql://me@db.example.org:5432/airflow"),
        ("postgresql+psycopg2://me:pw@db/airflow", "postgresql://me@db/airflow"),
        ("", "postgresql://me@db/airflow"),
    ],
)
def test_the_same_database_by_another_spelling_is_the_same(tmp_path: Path, known: str, wanted: str) -> None:
    (tmp_path / ".env").write_text(f"{DATABASE_URL}={known}\n")
    refuse_other_database(tmp_path, external(wanted))


@pytest.mark.parametrize(
    "wanted", ["postgresql://me@other/airflow", "postgresql://me@db:5433/airflow", "postgresql://me@db/two"]
)
def test_another_database_than_the_one_in_use_is_refused_without_showing_a_password(
    tmp_path: Path, wanted: str
) -> None:
    (tmp_path / ".env").write_text(f"{DATABASE_URL}=postgresql://me:s3cret@db/airflow\n")
    with pytest.raises(InvalidError) as caught:
        refuse_other_database(tmp_path, external(wanted))
    told = f"{caught.value.what} {caught.value.why} {caught.value.next}"
    assert "postgresql://me@db:5432/airflow" in told
    assert "s3cret" not in told
    assert DATABASE_URL in told
    assert str(tmp_path / ".env") in told


def test_a_plan_that_is_only_shown_has_placeholders(tmp_path: Path) -> None:
    one, two = (stack_secrets(KEYS, tmp_path, NONE, for_display=True) for _ in range(2))
    assert one == two
    assert len(set(one.values())) == 1


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_keys_that_cannot_be_read_are_never_replaced(tmp_path: Path, content: bytes | None) -> None:
    """New ones would not fit the database they encrypt."""
    path = tmp_path / "a folder" / ".env"
    path.parent.mkdir()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(InvalidError) as caught:
        stack_secrets(KEYS, path.parent, NONE, for_display=False)
    assert f"'{path}'" in caught.value.next, "it can be pasted"
    assert stack_secrets(KEYS, path.parent, NONE, for_display=True), "stopping and removing need no key"
    assert values_to_hide(path.parent) == ()


def test_what_has_to_be_hidden_is_what_was_made_and_nothing_else(tmp_path: Path) -> None:
    made = stack_secrets(KEYS, tmp_path, NONE, for_display=False)
    lines = {**made, "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING", DATABASE_URL: "postgresql://u:p@h/d"}
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in lines.items()))
    hidden = set(values_to_hide(tmp_path))
    assert hidden == {*made.values(), "postgresql://u:p@h/d"} - {made[STACK_ID]}
    assert values_to_hide(tmp_path / "none") == ()
    assert read_secrets(tmp_path / ".env" / "below a file") == {}


def test_the_database_needs_its_password_from_the_environment(tmp_path: Path) -> None:
    answers = external("postgresql://airflow@db/airflow")
    with pytest.raises(UsageError) as caught:
        stack_secrets((DATABASE_URL,), tmp_path, answers, for_display=False)
    assert DATABASE_PASSWORD_VARIABLE in caught.value.next
    shown = stack_secrets((DATABASE_URL,), tmp_path, answers, for_display=True)
    assert shown == {DATABASE_URL: "postgresql://airflow@db/airflow"}
    (tmp_path / ".env").write_text(f"{DATABASE_URL}=postgresql://airflow:known@db/airflow\n")
    kept = stack_secrets((DATABASE_URL,), tmp_path, answers, for_display=False)
    assert kept == {DATABASE_URL: "postgresql://airflow:known@db/airflow"}


@settings(max_examples=100, deadline=None)
@given(password=st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1))
@pytest.mark.parametrize("place", ["db.example.org:5432", "[::1]:5432", "/var/run"])
def test_any_password_comes_back_out_of_the_address(
    place: str, password: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    host = "" if place.startswith("/") else place
    url = f"postgresql+psycopg2://air%20flow@{host}/airflow?sslmode=require"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATABASE_PASSWORD_VARIABLE, password)
        folder = tmp_path_factory.getbasetemp()
        made = stack_secrets((DATABASE_URL,), folder, external(url), for_display=False)[DATABASE_URL]
    parts = urlsplit(made)
    assert unquote(parts.password or "") == password
    assert (parts.username, parts.path, parts.query) == ("air%20flow", "/airflow", "sslmode=require")
    assert made.replace(f":{parts.password}@", "@") == url
    assert made.isascii()
    assert "\n" not in made
