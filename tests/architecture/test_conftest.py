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


SKIPPED = 'import pytest\n@pytest.mark.{}\ndef test_real():\n    pytest.skip("no engine")\n'
# One pytest looks at all of them: most of what one costs is its start.
CASES = {
    "test_e2e.py": SKIPPED.format("e2e"),
    "test_pty.py": SKIPPED.format("pty"),
    "e2e/test_module.py": 'import pytest\npytest.skip("no engine", allow_module_level=True)\n',
    "test_ordinary.py": 'import pytest\ndef test_x():\n    pytest.skip("macOS only")\n',
    "test_network.py": (
        "import contextlib, socket\n"
        "def test_x():\n"
        "    with contextlib.suppress(OSError):\n"
        '        socket.create_connection(("192.0.2.1", 80), timeout=1)\n'
    ),
}


class Ran:
    """What a pytest with our conftest said about each of the cases."""

    def __init__(self, folder: Path, *, ci: bool) -> None:
        shutil.copy(source.ROOT / "tests" / "conftest.py", folder / "conftest.py")
        (folder / "pytest.ini").write_text(CONFIG)
        for name, code in CASES.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(code)
        env = {**os.environ, "CI": "true" if ci else "", "NOT_RUN_FILE": str(folder / "not-run")}
        # Our conftest needs none of the installed plugins, and each would have to be imported.
        env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        command = [sys.executable, "-m", "pytest", "-q", "-ra", "--continue-on-collection-errors", "."]
        result = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        self.output = result.stdout + result.stderr
        self.not_run = (folder / "not-run").read_text().splitlines()

    def verdict(self, name: str) -> str:
        """The line of the summary about a case, from its verdict on."""
        lines = [line for line in self.output.splitlines() if line.split(" ")[0].isupper() and name in line]
        assert len(lines) == 1, self.output
        return lines[0]


@pytest.fixture(scope="module")
def on_ci(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return Ran(tmp_path_factory.mktemp("on-ci"), ci=True)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return Ran(tmp_path_factory.mktemp("elsewhere"), ci=False)


@pytest.mark.parametrize("mark", ["e2e", "pty"])
def test_a_skip_of_the_real_thing_fails_on_ci(mark: str, on_ci: Ran) -> None:
    verdict = on_ci.verdict(f"test_{mark}.py")
    assert verdict.startswith("FAILED ")
    assert f"{mark} test may not be skipped on CI: Skipped: no engine" in on_ci.output


def test_a_module_of_the_real_thing_may_not_skip_itself_on_ci(on_ci: Ran) -> None:
    assert on_ci.verdict("test_module.py").startswith("ERROR ")


def test_elsewhere_a_skip_is_written_down(elsewhere: Ran) -> None:
    assert elsewhere.verdict("test_e2e.py").startswith("SKIPPED ")
    assert "test_e2e.py::test_real: no engine" in elsewhere.not_run


def test_an_ordinary_skip_stays_a_skip_on_ci(on_ci: Ran) -> None:
    assert on_ci.verdict("test_ordinary.py").startswith("SKIPPED ")


def test_a_swallowed_network_error_still_fails_the_test(elsewhere: Ran) -> None:
    assert elsewhere.verdict("test_network.py").startswith("ERROR ")
    assert "reached for the network: 192.0.2.1" in elsewhere.output


def test_all_that_is_not_loaded_without_the_real_thing_is_marked_so() -> None:
    """Else a test could be there that nothing ever runs."""
    modules = sorted((source.ROOT / "tests" / "e2e").rglob("test_*.py"))
    assert modules
    assert not [path for path in modules if "pytestmark" not in (text := path.read_text()) or "mark.e2e" not in text]


def test_loopback_is_not_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_every_test_has_a_home_of_its_own(isolated: Path) -> None:
    assert Path.home() == isolated
    assert Path(os.environ["AIRFLOW_WIZARD_HOME"]).is_relative_to(isolated)
    assert not [name for name in os.environ if name.startswith(("AIRFLOW__", "DOCKER_"))]
