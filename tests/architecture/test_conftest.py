"""The guards that every other test relies on, tried out in a pytest of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import source

CONFIG = "[pytest]\nmarkers =\n    e2e: x\n    pty: x\naddopts = --strict-markers -p no:cacheprovider\n"


def run(tmp_path: Path, code: str, *, ci: bool, name: str = "test_it.py") -> str:
    """Output of pytest on one file, with our conftest."""
    shutil.copy(source.ROOT / "tests" / "conftest.py", tmp_path / "conftest.py")
    (tmp_path / "pytest.ini").write_text(CONFIG)
    test = tmp_path / name
    test.parent.mkdir(exist_ok=True)
    test.write_text(code)
    env = {**os.environ, "CI": "true" if ci else "", "NOT_RUN_FILE": str(tmp_path / "not-run")}
    # Our conftest needs none of the installed plugins, and each would be imported eight times here.
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", str(test)]
    result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


SKIPPED = 'import pytest\n@pytest.mark.{}\ndef test_real():\n    pytest.skip("no engine")\n'


@pytest.mark.parametrize("mark", ["e2e", "pty"])
def test_a_skip_of_the_real_thing_fails_on_ci(mark: str, tmp_path: Path) -> None:
    output = run(tmp_path, SKIPPED.format(mark), ci=True)
    assert "1 failed" in output
    assert "may not be skipped on CI" in output
    assert "no engine" in output


def test_a_module_of_the_real_thing_may_not_skip_itself_on_ci(tmp_path: Path) -> None:
    code = 'import pytest\npytest.skip("no engine", allow_module_level=True)\n'
    assert "1 error" in run(tmp_path, code, ci=True, name="e2e/test_it.py")


def test_elsewhere_a_skip_is_written_down(tmp_path: Path) -> None:
    assert "1 skipped" in run(tmp_path, SKIPPED.format("e2e"), ci=False)
    assert (tmp_path / "not-run").read_text() == "test_it.py::test_real: no engine\n"


def test_an_ordinary_skip_stays_a_skip_on_ci(tmp_path: Path) -> None:
    assert "1 skipped" in run(tmp_path, 'import pytest\ndef test_x():\n    pytest.skip("macOS only")\n', ci=True)


def test_a_swallowed_network_error_still_fails_the_test(tmp_path: Path) -> None:
    code = (
        "import contextlib, socket\n"
        "def test_x():\n"
        "    with contextlib.suppress(OSError):\n"
        '        socket.create_connection(("192.0.2.1", 80), timeout=1)\n'
    )
    assert "reached for the network: 192.0.2.1" in run(tmp_path, code, ci=False)


def test_loopback_is_not_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_every_test_has_a_home_of_its_own(isolated: Path) -> None:
    assert Path.home() == isolated
    assert Path(os.environ["AIRFLOW_WIZARD_HOME"]).is_relative_to(isolated)
    assert not [name for name in os.environ if name.startswith(("AIRFLOW__", "DOCKER_"))]
