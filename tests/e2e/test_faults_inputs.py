"""Wrong answers: versions, damaged profiles, hostile text. Nothing is begun and nothing is shown raw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.faults_helpers import ESCAPES, STANDALONE, nothing_was_made, quiet, told, up

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.wizard import Wizard

pytestmark = pytest.mark.e2e


# Versions


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (("airflow_version=9.9.9",), ("9.9.9", "3.3")),
        (("airflow_version=2.7.3",), ("2.7.3", "2.10")),
        (("airflow_version=3.3.2", "python=3.9"), ("3.9", "3.3.2", "3.10")),
        (("airflow_version=2.11.2", "python=3.13"), ("3.13", "2.11.2", "3.12")),
    ],
)
def test_a_version_that_cannot_be_is_refused_with_the_reason(
    wizard: Wizard, sets: tuple[str, ...], said: tuple[str, ...]
) -> None:
    flags = [word for one in sets for word in ("--set", one)]
    message = told(up(wizard, "demo", *flags), 5)
    for part in said:
        assert part in message
    nothing_was_made(wizard, "demo")


# The profile


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\xff\xfe\x80binary", "UTF-8"),
        (b"schema: 1\n\ttarget: standalone\n", ":2:"),
        (b"schema: 1\ntarget: standalone\nport: 8081\nport: 8082\n", ":4:"),
        (b"schema: 1\ntarget: standalone\nportt: 8081\n", "did you mean 'port'"),
        (b"schema: 1\ntarget: standalone\ndatabase_password: hunter2-hunter2\n", "AIRFLOW_WIZARD_DATABASE_PASSWORD"),
        (
            b"schema: 1\ntarget: standalone\ndatabase: external\ndatabase_url: postgresql://u:hunter2-hunter2@h/d\n",
            "database_url",
        ),
        (b"", "profile"),
        (b"schema: 99\ntarget: standalone\n", "99"),
        (b"- a\n- b\n", "option"),
        (b"a: &a [*a, *a]\n", "profile"),
    ],
)
def test_a_damaged_profile(wizard: Wizard, tmp_path: Path, content: bytes, said: str) -> None:
    profile = tmp_path / "damaged.profile"
    profile.write_bytes(content)
    for command in ("plan", "up", "write"):
        extra = ("--out", str(tmp_path / "out")) if command == "write" else ()
        message = told(wizard.run(command, "--profile", str(profile), *extra), 5)
        assert said in message
        assert "damaged.profile" in message
        assert "hunter2" not in message
    assert profile.read_bytes() == content
    assert not (tmp_path / "out").exists()


# Hostile text


@pytest.mark.parametrize(
    "words",
    [
        (ESCAPES,),
        ("status", ESCAPES),
        ("up", *STANDALONE, "--name", ESCAPES),
        ("up", *STANDALONE, "--dir", ESCAPES, "--dry-run"),
        ("up", "--profile", ESCAPES),
        ("up", *STANDALONE, "--set", ESCAPES),
        ("up", *STANDALONE, "--set", f"{ESCAPES}=1"),
        ("plan", *STANDALONE, "--set", f"bind={ESCAPES}"),
        ("plan", *STANDALONE, "--set", f"dags={ESCAPES}"),
        ("check", "--target", ESCAPES),
        ("check", "--facts", ESCAPES),
        ("destroy", ESCAPES, "--confirm", ESCAPES),
        ("profiles", "show", ESCAPES),
        ("help", ESCAPES),
        ("up", f"--{ESCAPES}"),
    ],
)
def test_escape_sequences_never_reach_the_terminal(wizard: Wizard, words: tuple[str, ...], tmp_path: Path) -> None:
    run = wizard.run(*words, cwd=tmp_path)
    shown = quiet(run)
    assert "✖" in shown or run.code == 0
    assert wizard.run("stacks", "--json").json() == []


def test_a_hostile_profile_is_shown_harmless(wizard: Wizard, tmp_path: Path) -> None:
    profile = tmp_path / f"{ESCAPES.replace('/', '')}.yaml"
    profile.write_text('schema: 1\ntarget: standalone\n"\\e]0;owned\\a": "\\e[31m"\nbind: "\\e[31m"\n')
    told(wizard.run("plan", "--profile", str(profile)), 5)
