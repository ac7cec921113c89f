"""Checks of what an installation without containers needs: Python, uv, the package index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.catalog.load import newest, release, releases
from airflow_wizard.checks.hints import install_python
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.errors import InvalidError
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.finding import Finding

_STANDALONE = frozenset({Target.STANDALONE})
# The Python of the official images, so what most DAGs are tried with.
_COMMON = "3.12"
_PROXY = Fix(
    "Behind a company proxy, name it",
    commands=(("export", "HTTPS_PROXY=http://PROXY:PORT", "NO_PROXY=localhost,127.0.0.1"),),
)
_MIRROR = Fix(
    "Use an index that can be reached from here", commands=(("export", "UV_DEFAULT_INDEX=https://MIRROR/simple"),)
)


def _asked(case: Case) -> AirflowRelease:
    try:
        return release(case.answer("airflow_version"))
    except InvalidError:
        return newest()  # the option itself refuses a version that does not exist


def _found(case: Case, key: str) -> list[tuple[str, str, str]]:
    """(minor, full, path) of the interpreters."""
    entries = case.facts.value("pythons", key)
    return [
        (str(e.get("version")), str(e.get("full")), str(e.get("path")))
        for e in (entries if isinstance(entries, list) else [])
        if isinstance(e, dict)
    ]


def _python(case: Case) -> Finding:
    airflow = _asked(case)
    chosen = case.answer("python")
    accepted = (chosen,) if chosen in airflow.pythons else airflow.pythons
    found = _found(case, "found")
    for minor, full, path in found:
        if minor in accepted:
            return case.ok(f"{full} ({one_line(path)})", _span(accepted))
    here = ", ".join(full for _, full, _ in found) or "no usable Python"
    want = accepted[0] if len(accepted) == 1 else _COMMON if _COMMON in accepted else accepted[-1]
    broken = [f"{path}: {full} is no CPython with SQLite and TLS" for _, full, path in _found(case, "unusable")]
    seen = tuple(one_line(line) for line in [f"{path}: {full}" for _, full, path in found] + broken)
    other = _older(found)
    usable = next((minor for minor, _, _ in found if minor in airflow.pythons), None)
    ways = (
        *([Fix(f"Use Python {usable}", answers=(("python", usable),), id="python.found")] if usable else []),
        *install_python(case.facts, want),
        *(
            [
                Fix(
                    f"Take Airflow {other[0]}, which runs on it",
                    answers=(("airflow_version", other[0]),),
                    id="python.release",
                )
            ]
            if other and not usable
            else []
        ),
    )
    needed = f"{_span(accepted)} for Airflow {airflow.version}"
    if case.facts.value("constraints", "reachable") is True:
        return case.warn(
            here,
            needed,
            f"None of these can run it. uv will fetch Python {want} (30 MB) into your home folder at the launch.",
            *ways,
            evidence=seen,
        )
    return case.fail(
        here,
        needed,
        "None of these can run it, and the place uv fetches Python from may be out of reach as well.",
        *ways,
        evidence=seen,
    )


def _span(pythons: tuple[str, ...]) -> str:
    return f"Python {pythons[0]}" if len(pythons) == 1 else f"Python {pythons[0]} to {pythons[-1]}"


def _older(found: list[tuple[str, str, str]]) -> tuple[str, str] | None:
    """The newest release that runs on an interpreter that is here, and that interpreter's minor version."""
    for known in releases():
        for minor, _, _ in found:
            if known.standalone and minor in known.pythons:
                return str(known.version), minor
    return None


def _uv(case: Case) -> Finding:
    path = case.facts.text("uv", "path")
    if path:
        return case.ok(f"{case.facts.text('uv', 'version')} ({one_line(path)})")
    return case.fail(
        "not found",
        "uv",
        "It makes the venv and installs Airflow into it; it normally comes with the wizard.",
        Fix("Install it beside the wizard", commands=(("python3", "-m", "pip", "install", "uv"),)),
    )


def _pypi(case: Case) -> Finding:
    facts = case.facts
    via, by = one_line(facts.text("pypi", "via")), one_line(facts.text("pypi", "configured_by"))
    if facts.value("pypi", "reachable") is True:
        return case.ok(f"{via} answers in {facts.number('pypi', 'seconds') or 0:.1f} s")
    reason = one_line(facts.text("pypi", "reason"), limit=120) or "does not answer"
    if facts.value("folder", "installed") is True:
        return case.info(f"{via}: {reason}; this stack is installed already", "A change of packages would need it.")
    if facts.value("pypi", "offline") is True:
        return case.fail(
            reason,
            "an installer that may use the network",
            "Airflow and its 150 dependencies are downloaded, unless uv has every one of them in its cache.",
            _online(by),
            evidence=(f"offline (configured by {by})",),
        )
    status = facts.number("pypi", "status")
    ways: tuple[Fix, ...] = (_PROXY, _MIRROR)
    if "CERTIFICATE" in reason.upper():
        bundle = Fix(
            "Name the file with your company's certificate",
            commands=(("export", "SSL_CERT_FILE=/path/to/company-ca.pem"),),
        )
        ways = (bundle, _MIRROR)
    elif status in (401, 403) and by != "default":
        login = Fix(f"Put a valid login where the index is configured ({by})", commands=(("uv", "auth", "login", via),))
        ways = (login, _MIRROR)
    return case.fail(
        f"{via}: {reason}",
        "a package index that answers",
        "Airflow and its 150 dependencies are installed from there.",
        *ways,
        evidence=(f"{via} (configured by {by})", *((f"HTTP status {status:.0f}",) if status else ())),
    )


def _online(by: str) -> Fix:
    if by == "UV_OFFLINE":
        return Fix("Allow it, then run the wizard again", commands=(("unset", "UV_OFFLINE"),))
    return Fix(f"Allow it: remove `offline` from {by}, or for this terminal", commands=(("export", "UV_OFFLINE=0"),))


def _constraints(case: Case) -> Finding:
    if case.facts.value("constraints", "reachable") is True:
        return case.ok("reachable")
    reason = one_line(case.facts.text("constraints", "reason"), limit=120)
    if not reason:
        status = case.facts.number("constraints", "status")
        reason = f"HTTP status {status:.0f}" if status else "does not answer"
    return case.warn(
        f"{one_line(case.facts.text('constraints', 'via'))}: {reason}",
        "Airflow's constraints file",
        "It lists the versions of all dependencies that this release was tested with. "
        "Without it the wizard installs the newest ones, without those known to fail.",
        _PROXY,
    )


def _proxy(case: Case) -> Finding:
    seen = case.facts.value("proxy", "vars")
    names = {str(k).lower(): str(v) for k, v in seen.items()} if isinstance(seen, dict) else {}
    proxies = sorted({v for k, v in names.items() if k != "no_proxy"})
    if not proxies:
        return case.ok("none")
    found = one_line(", ".join(proxies), limit=100)
    exempt = {entry.strip() for entry in names.get("no_proxy", "").split(",")}
    if exempt & {"localhost", "*"} and exempt & {"127.0.0.1", "127.0.0.0/8", "*"}:
        return case.ok(found)
    return case.warn(
        found,
        "NO_PROXY with localhost and 127.0.0.1",
        "Airflow's tasks call its own API on this machine; without the exception that call goes to the proxy.",
        Fix("Except this machine", commands=(("export", "NO_PROXY=localhost,127.0.0.1"),)),
    )


CHECKS = (
    Check(
        "python.version",
        "Python",
        "Airflow runs on the Python versions it was released for.",
        ("pythons",),
        _python,
        _STANDALONE,
        also=("system", "constraints"),
        overview=True,
    ),
    Check(
        "uv.present",
        "Installer (uv)",
        "It makes the venv and installs Airflow.",
        ("uv",),
        _uv,
        _STANDALONE,
        overview=True,
    ),
    Check(
        "pypi.reachable",
        "Package index",
        "Airflow is installed from there.",
        ("pypi", "folder"),
        _pypi,
        _STANDALONE,
        overview=True,
    ),
    Check(
        "constraints.reachable",
        "Constraints file",
        "It names the tested version of every dependency.",
        ("constraints",),
        _constraints,
        _STANDALONE,
        overview=True,
    ),
    Check(
        "proxy.set",
        "Proxy",
        "Downloads go through it; calls on this machine must not.",
        ("proxy",),
        _proxy,
        overview=True,
    ),
)
