"""Programs that are asked: small scripts of the test stand where the real ones would be found."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines import probe_command
from airflow_wizard.host.probe import Ask, Unseen
from airflow_wizard.host.probes import compose, pythons, tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_wizard.host.facts import Json


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Puts a shell script on a PATH that has nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "no-pyenv"))

    def write(name: str, body: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return write


def value(seen: object) -> dict[str, Json]:
    assert isinstance(seen, dict)
    return seen


ASK = Ask(Path("/nowhere"))


@pytest.mark.parametrize(
    ("docker", "old", "kind", "version"),
    [
        ("""echo '{"version":"v5.5.0"}'""", "", "plugin", "5.5.0"),
        ("""echo '{"version":"2.26.1-4"}'""", "", "plugin", "2.26.1-4"),
        ("echo 'unknown flag: --format' >&2; exit 125", "", "none", None),
        ("echo unknown >&2; exit 1", "echo 1.29.2", "v1", "1.29.2"),
        ("", "echo v2.30.0", "standalone", "2.30.0"),
        ("", "", "none", None),
    ],
)
def test_compose(put: Callable[[str, str], Path], docker: str, old: str, kind: str, version: str | None) -> None:
    for name, body in (("docker", docker), ("docker-compose", old)):
        if body:
            put(name, body)
    found = value(compose.probe(ASK)["compose"])
    assert (found["kind"], found["version"]) == (kind, version)


def test_kubectl_gives_names_only_and_contacts_nobody(put: Callable[[str, str], Path], tmp_path: Path) -> None:
    log = tmp_path / "asked"
    put(
        "kubectl",
        f"""echo "$*" >> '{log}'
case "$*" in
  version*) echo '{{"clientVersion": {{"gitVersion": "v1.34.1"}}}}' ;;
  "config get-contexts -o name") printf 'prod-eu\\nhome\\n' ;;
  "config current-context") echo home ;;
esac""",
    )
    found = value(tools.kubectl(ASK)["kubectl"])
    assert (found["version"], found["contexts"], found["current"]) == ("1.34.1", ["prod-eu", "home"], "home")
    asked = log.read_text().splitlines()
    assert all(line.startswith("config ") or "--client" in line for line in asked)
    assert not any("view" in line or "raw" in line for line in asked)


def test_contexts_that_were_not_listed_in_time_are_not_taken_for_none(
    put: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "_PATIENCE", 0.3)
    put("kubectl", 'case "$*" in *get-contexts*) while :; do :; done ;; esac')
    assert value(tools.kubectl(ASK)["kubectl"])["contexts"] is None
    put("kubectl", "echo 'error: no such file' >&2; exit 1")
    assert value(tools.kubectl(ASK)["kubectl"])["contexts"] == []


def test_a_tool_that_is_missing_is_seen_to_be_missing(put: Callable[[str, str], Path]) -> None:
    del put
    for probe in tools.PROBES:
        (name,) = probe.subjects
        assert value(probe.run(ASK)[name])["path"] is None


def test_a_tool_that_fails_is_unseen_and_says_why(put: Callable[[str, str], Path]) -> None:
    put("helm", "echo 'Error: broken plugin' >&2; exit 1")
    helm = next(p for p in tools.PROBES if p.subjects == ("helm",))
    seen = helm.run(ASK)["helm"]
    assert isinstance(seen, Unseen)
    assert "broken plugin" in seen.reason


def test_a_tool_gives_its_version(put: Callable[[str, str], Path]) -> None:
    path = put("kind", "echo 'kind v0.33.0 go1.25 linux/amd64'")
    kind = next(p for p in tools.PROBES if p.subjects == ("kind",))
    assert kind.run(ASK)["kind"] == {"path": str(path), "version": "0.33.0"}


def test_interpreters_are_found_asked_and_sorted(put: Callable[[str, str], Path]) -> None:
    answer = '{"full": "%s", "implementation": "%s", "sqlite": %s, "ssl": true, "base": "", "prefix": "/%s"}'
    put("python3.12", f"echo '{answer % ('3.12.9', 'CPython', 'true', 'a')}'")
    put("python3.9", f"echo '{answer % ('3.9.1', 'CPython', 'true', 'b')}'")
    put("python3.13", f"echo '{answer % ('3.13.99', 'CPython', 'false', 'c')}'")
    put("python3.14", f"echo '{answer % ('3.14.99', 'PyPy', 'true', 'd')}'")
    put("python3.10", "exec sleep 0; exit 1")
    put("python", "echo not json")
    found = value(pythons.probe(ASK)["pythons"])
    versions = [e["full"] for e in _entries(found["found"])]
    assert {"3.12.9", "3.9.1"} <= set(versions)
    assert versions.index("3.12.9") < versions.index("3.9.1")
    unusable = {e["full"] for e in _entries(found["unusable"])}
    assert {"3.13.99", "3.14.99"} <= unusable
    assert not unusable & set(versions)


def test_the_interpreter_we_run_on_is_among_them_and_not_its_venv() -> None:
    found = _entries(value(pythons.probe(ASK)["pythons"])["found"])
    ours = ".".join(map(str, sys.version_info[:2]))
    paths = [str(e["path"]) for e in found if e["version"] == ours]
    assert paths
    assert not any(path.startswith(sys.prefix + os.sep) for path in paths) or sys.prefix == sys.base_prefix


def _entries(listed: Json) -> list[dict[str, Json]]:
    assert isinstance(listed, list)
    return [e for e in listed if isinstance(e, dict)]


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "child.pid"
    script = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(mark)!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    started = time.monotonic()
    said = probe_command.ask([sys.executable, "-c", script], timeout=1.0)
    assert (said.problem, said.ok) == ("timeout", False)
    assert time.monotonic() - started < 10
    if mark.exists():
        assert _ended(int(mark.read_text()))


def _ended(pid: int) -> bool:
    import psutil

    try:
        process = psutil.Process(pid)
        process.wait(timeout=5)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE
    return True


def test_what_cannot_be_run_is_told_apart(tmp_path: Path) -> None:
    assert probe_command.ask([str(tmp_path / "none")], timeout=1).problem == "missing"
    closed = tmp_path / "closed"
    closed.write_text("x")
    assert probe_command.ask([str(closed)], timeout=1).problem == "denied"
    assert probe_command.ask([sys.executable, "-c", "import sys; sys.exit('no')"], timeout=10).reason == "no"
    assert probe_command.ask([sys.executable, "-c", "import sys; sys.stdin.read()"], timeout=10).ok


def test_a_pyenv_that_cannot_be_listed_hides_no_other_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Locked(type(tmp_path)):  # type: ignore[misc] # permission bits do not bind root, who runs this on CI
        def glob(self, pattern: str) -> Iterator[Path]:
            raise PermissionError(13, "Permission denied", str(self / pattern))

    monkeypatch.setattr(pythons, "Path", Locked)
    assert _entries(value(pythons.probe(ASK)["pythons"])["found"])
