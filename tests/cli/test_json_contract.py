"""Standard output holds the JSON others rely on, and nothing else; keys are those of the contract."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import ExitCode
from airflow_wizard.options.registry import OPTIONS
from tests.cli.given import facts_file, ran

if TYPE_CHECKING:
    from pathlib import Path

FINDING = {"id", "level", "title", "found", "needed", "why", "evidence", "fixes"}
PROFILE = ("--profile", "standalone-quickstart")


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    result = ran(capsys, "check", "--target", "standalone", "--facts", facts_file(tmp_path), "--json")
    body = result.body
    assert {"findings", "facts"} <= body.keys()
    findings = body["findings"]
    assert isinstance(findings, list)
    assert findings
    assert all(f.keys() >= FINDING for f in findings)
    assert result.code == (ExitCode.FAILED if any(f["level"] == "fail" for f in findings) else ExitCode.OK)


def test_check_fails_when_something_must_be_solved(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    taken = facts_file(tmp_path, free=False)
    argv = ("check", *PROFILE, "--set", "port=8080", "--facts", taken)
    result = ran(capsys, *argv)
    assert result.code == ExitCode.FAILED
    assert "✖" in result.out
    assert "8080" in result.out
    assert ran(capsys, *argv[:4], "port=8081", "--facts", taken).code == ExitCode.OK


def test_recorded_facts_replay_to_the_same_findings(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    first = ran(capsys, "check", "--facts", facts_file(tmp_path), "--record", str(again), "--json")
    second = ran(capsys, "check", "--facts", str(again), "--json")
    assert first.json == second.json


def test_plan_shows_everything_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, isolated: Path
) -> None:
    facts = facts_file(tmp_path)
    argv = ("plan", *PROFILE, "--name", "demo", "--facts", facts)
    result = ran(capsys, *argv, "--json")
    assert result.code == ExitCode.OK
    body = result.body
    assert {"target", "artifacts", "steps", "findings"} <= body.keys()
    assert body["target"] == "standalone"
    artifacts, steps = body["artifacts"], body["steps"]
    assert isinstance(artifacts, list)
    assert isinstance(steps, list)
    assert all({"path", "sha256", "secret"} <= a.keys() for a in artifacts)
    assert all({"id", "title", "command", "risk"} <= s.keys() for s in steps)
    assert ran(capsys, *argv, "--json").json == result.json
    text = ran(capsys, *argv).out
    assert all(str(a["path"]) in text for a in artifacts)
    assert not (isolated / "wizard").exists()


def test_up_dry_run_is_the_plan(capsys: pytest.CaptureFixture[str], tmp_path: Path, isolated: Path) -> None:
    facts = facts_file(tmp_path)
    plan = ran(capsys, "plan", *PROFILE, "--facts", facts, "--json").json
    assert ran(capsys, "up", *PROFILE, "--facts", facts, "--dry-run", "--json").json == plan
    assert not (isolated / "wizard").exists()


def test_up_refuses_a_machine_that_is_not_ready(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    facts = facts_file(tmp_path, free=False)
    result = ran(capsys, "up", *PROFILE, "--set", "port=8080", "--facts", facts, "--json")
    assert result.code == ExitCode.HOST_UNFIT
    event = json.loads(result.out.splitlines()[-1])
    assert event["event"] == "failed"
    assert any(f["level"] == "fail" for f in event["findings"])
    assert "--ignore-check" in event["error"]["next"]


def test_export_script_is_a_shell_script(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "launch.sh"
    argv = ("export", "script", *PROFILE, "--facts", facts_file(tmp_path))
    assert ran(capsys, *argv, "--out", str(out)).code == ExitCode.OK
    assert out.stat().st_mode & 0o111
    assert ran(capsys, *argv).out == out.read_text()
    checked = subprocess.run(["sh", "-n", out], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_export_gitops(capsys: pytest.CaptureFixture[str], tmp_path: Path, isolated: Path) -> None:
    out = tmp_path / "deploy"
    argv = ("export", "gitops", "--profile", "any-cluster", "--name", "team", "--out", str(out))
    body = ran(capsys, *argv, "--json").body
    assert {"written", "kept", "merged"} <= body.keys()
    assert "argocd/application.yaml" in str(body["written"])
    assert "name: team" in (out / "argocd" / "application.yaml").read_text()
    assert ran(capsys, *argv).code == ExitCode.OK
    assert not (isolated / "wizard").exists()


@pytest.mark.parametrize("profile", ["kind-dev", "laptop-lite", "standalone-quickstart"])
def test_export_gitops_is_for_clusters_that_stay(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, profile: str
) -> None:
    out = tmp_path / "deploy"
    result = ran(capsys, "export", "gitops", "--profile", profile, "--out", str(out))
    assert result.code == ExitCode.USAGE
    assert "Next: airflow-wizard export gitops --profile any-cluster" in " ".join(result.err.split())
    assert not out.exists()


def test_write(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "a stack with ünïcode"
    result = ran(capsys, "write", *PROFILE, "--out", str(out), "--json")
    assert result.code == ExitCode.OK
    body = result.body
    assert {"written", "kept", "merged"} <= body.keys()
    written = body["written"]
    assert isinstance(written, list)
    assert written
    assert all((out / path).is_file() for path in written)


def test_write_keeps_an_edit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ran(capsys, "write", *PROFILE, "--out", str(tmp_path))
    readme = tmp_path / "README.md"
    readme.write_text("mine\n")
    body = ran(capsys, "write", *PROFILE, "--out", str(tmp_path), "--json").body
    assert body["written"] == []
    assert readme.read_text() == "mine\n"


def test_options(capsys: pytest.CaptureFixture[str]) -> None:
    rows = ran(capsys, "options", "--json").rows
    assert [r["name"] for r in rows] == [o.name for o in OPTIONS]
    keys = {"name", "type", "choices", "default", "targets", "help", "why", "secret"}
    assert all(keys <= row.keys() for row in rows)
    text = ran(capsys, "options").out
    assert all(o.name in text for o in OPTIONS)
    for option in OPTIONS:
        assert option.help in ran(capsys, "options", option.name).out


def test_schema_has_every_option_but_the_secret_ones(capsys: pytest.CaptureFixture[str]) -> None:
    schema = ran(capsys, "options", "--schema").body
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert properties.keys() == {"schema", "name", "target"} | {o.name for o in OPTIONS if not o.secret}


@pytest.mark.parametrize(
    ("command", "keys"),
    [("versions", {"version", "tested", "pythons"}), ("profiles", {"name", "target", "source", "path", "summary"})],
)
def test_arrays(capsys: pytest.CaptureFixture[str], command: str, keys: set[str]) -> None:
    rows = ran(capsys, command, "--json").rows
    assert rows
    assert all(keys <= row.keys() for row in rows)
    assert ran(capsys, command).code == ExitCode.OK


def test_no_stacks_is_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(capsys, "stacks", "--json").json == []


@pytest.mark.parametrize(
    "command", ["status", "logs", "credentials", "open", "stop", "start", "restart", "down", "destroy"]
)
def test_a_stack_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str], command: str) -> None:
    result = ran(capsys, command, "nowhere")
    assert result.code == ExitCode.USAGE
    assert "nowhere" in result.err
    assert result.out == ""
