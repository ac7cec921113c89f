"""What every test gets without asking: a home of its own, a clean environment, no network, honest skips."""

from __future__ import annotations

import gc
import ipaddress
import itertools
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# Whatever is loaded while tests are collected stays to the end; see `pytest_collection_finish`.
gc.disable()
# What pytest makes of a test file is kept even where the environment forbids it: else every process makes it anew.
sys.dont_write_bytecode = False

_CI = os.environ.get("CI", "").lower() in {"1", "true"}
_MUST_RUN = ("e2e", "pty")
_CLEARED_PREFIXES = ("AIRFLOW_", "COMPOSE_", "DOCKER_", "HELM_", "KUBE", "PYTHON_KEYRING")
_CLEARED = ("ACCESSIBLE", "CLICOLOR", "COLORFGBG", "FORCE_COLOR", "NO_COLOR", "TEXTUAL")
_XDG = {"CONFIG": ".config", "DATA": ".local/share", "STATE": ".local/state", "CACHE": ".cache"}
_HOME = Path.home()
_E2E = Path(__file__).parent / "e2e"

# How long an example takes says more of what else the machine does; the bench is for that.
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")

# A shell's background job ignores Ctrl-C, and so does all that it starts; these tests send it and expect it heard.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names of homes. Numbered here: ``mktemp`` reads the whole folder for each number, thousands of times."""
    place = tmp_path_factory.mktemp("homes", numbered=False)
    return (place / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def isolated(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> Path:
    """HOME, XDG folders and AIRFLOW_WIZARD_HOME in a folder of this test; returns that home."""
    home = next(homes)
    home.mkdir(mode=0o700)
    for name in list(os.environ):
        if name.startswith(_CLEARED_PREFIXES) or name in _CLEARED:
            monkeypatch.delenv(name)
    if request.node.get_closest_marker("e2e"):
        _keep_download_settings(monkeypatch)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name, below in _XDG.items():
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / below))
    monkeypatch.setenv("AIRFLOW_WIZARD_HOME", str(home / "wizard"))
    return home


def _keep_download_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new home must not mean downloading Airflow again, or forgetting the mirror of this machine."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", _HOME / ".cache"))
    config = Path(os.environ.get("XDG_CONFIG_HOME", _HOME / ".config"))
    kept = {
        "UV_CACHE_DIR": cache / "uv",
        "PIP_CONFIG_FILE": config / "pip" / "pip.conf",
        "UV_CONFIG_FILE": config / "uv" / "uv.toml",
    }
    for name, path in kept.items():
        if name not in os.environ and (name == "UV_CACHE_DIR" or path.exists()):
            monkeypatch.setenv(name, str(path))


class NetworkForbiddenError(OSError):
    """A unit test reached for another machine."""


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only this machine can be reached outside e2e tests.

    The code under test sees an ordinary network error; the test fails in any case, since a collector that
    swallows the error would hide it.
    """
    if request.node.get_closest_marker("e2e"):
        yield
        return
    attempts: list[str] = []
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guard(host: object) -> None:
        if not _is_this_machine(host):
            attempts.append(str(host))
            message = f"a unit test reached for {host}"
            raise NetworkForbiddenError(message)

    def guarded_connect(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - as in typeshed
        guard(_host(self, address))
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:  # noqa: ANN401 - as in typeshed
        guard(_host(self, address))
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed on as it is
        guard(host)
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    if attempts:
        pytest.fail(f"reached for the network: {', '.join(attempts)} (mark the test e2e, or pass the answer in)")


def _host(sock: socket.socket, address: Any) -> object:  # noqa: ANN401 - an address is a tuple or a path
    return address[0] if sock.family in (socket.AF_INET, socket.AF_INET6) else None


def _is_this_machine(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if not isinstance(host, str) or host in {"", "localhost", socket.gethostname()}:
        return True
    try:
        address = ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again took a quarter of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Tests of the real thing are not even loaded where none of them can be chosen, unless somebody names them."""
    away = config.option.markexpr == "not e2e" and not any("e2e" in argument for argument in config.args)
    return True if away and collection_path == _E2E else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI everything is there, so a skipped test of the real thing is a broken machine, not an excuse."""
    del call
    report = yield
    if _CI and report.skipped and not hasattr(report, "wasxfail"):
        marks = [name for name in _MUST_RUN if item.get_closest_marker(name)]
        if marks:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            report.outcome = "failed"
            report.longrepr = f"{'/'.join(marks)} test may not be skipped on CI: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips itself."""
    report = yield
    if _CI and report.skipped and "e2e" in Path(str(collector.path)).parts:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} may not skip itself on CI: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Hands what was not run to `make test`, which says it again at its end."""
    target = os.environ.get("NOT_RUN_FILE")
    skipped = terminalreporter.stats.get("skipped", [])
    if not target or not skipped or hasattr(terminalreporter.config, "workerinput"):
        return
    with Path(target).open("a", encoding="utf-8") as out:
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            out.write(f"{report.nodeid}: {str(reason).removeprefix('Skipped: ')}\n")
