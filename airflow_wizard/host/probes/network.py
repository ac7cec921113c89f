"""The package index and the constraints file, asked where the installer will ask; the clock, from their answer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow_wizard.engines import web_probe
from airflow_wizard.host.probe import Ask, Probe, Seen, Unseen
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.engines.web_probe import Reach
    from airflow_wizard.host.facts import Json

_TIMEOUT = 3.0
_DEADLINE = 3.5
# Published with every release; any release tells whether the host can be reached.
_CONSTRAINTS = "https://raw.githubusercontent.com/apache/airflow/constraints-{version}/constraints-3.12.txt"
_ANY_RELEASE = "3.3.2"


def index_and_clock(_: Ask) -> Seen:
    """``pypi {reachable, status, seconds, via, configured_by, reason}`` and ``clock {skew_seconds, compared_with}``."""
    # Loaded here, beside the other probes, because everything waits for the first one to start.
    from airflow_wizard.engines.docker_endpoint import home
    from airflow_wizard.host.package_index import offline, package_index

    if by := offline(os.environ, home()):
        return _offline(by)
    index = package_index(os.environ, home())
    answer = web_probe.reach(f"{index.url.rstrip('/')}/apache-airflow/", timeout=_TIMEOUT, bundle=index.bundle)
    reachable = answer.status is not None and answer.status < 400
    refused = "" if answer.status is None or reachable else f"it answers with status {answer.status}"
    pypi: dict[str, Json] = {
        "reachable": reachable,
        "status": answer.status,
        "seconds": round(answer.seconds, 3),
        "via": index.shown,
        "configured_by": index.source,
        "reason": one_line(answer.reason or refused, limit=200),
    }
    return {"pypi": pypi, "clock": _clock(answer, index.shown)}


def _offline(by: str) -> Seen:
    reason = f"uv is told to stay offline by {by}"
    pypi: dict[str, Json] = {
        "reachable": False,
        "status": None,
        "seconds": 0.0,
        "via": "the package index",
        "configured_by": by,
        "reason": reason,
        "offline": True,
    }
    return {"pypi": pypi, "clock": Unseen(f"nothing was asked: {reason}")}


def _clock(answer: Reach, where: str) -> Json | Unseen:
    from email.utils import parsedate_to_datetime

    if not answer.date:
        return Unseen("nothing answered that could be compared with")
    try:
        theirs = parsedate_to_datetime(answer.date).timestamp()
    except ValueError:
        return Unseen("the answer had no readable date")
    # The header has whole seconds and was written while we waited, so one second is noise.
    return {"skew_seconds": round(answer.finished - theirs, 1), "compared_with": where}


def constraints(ask: Ask) -> Seen:
    """``{reachable, status, reason, via}`` of the host that has the constraints files."""
    url = _CONSTRAINTS.format(version=ask.airflow or _ANY_RELEASE)
    answer = web_probe.reach(url, timeout=_TIMEOUT)
    # 404 is an answer: the host is there, only this file is not.
    value: dict[str, Json] = {
        "reachable": answer.status is not None and answer.status < 400,
        "status": answer.status,
        "reason": one_line(answer.reason, limit=200),
        "via": url.split("/")[2],
    }
    return {"constraints": value}


PROBES = (
    Probe(
        ("pypi", "clock"),
        "headers of the package index's page of apache-airflow",
        "installing; tokens that are not yet or no longer valid",
        _DEADLINE,
        index_and_clock,
    ),
    Probe(
        ("constraints",), "headers of Airflow's constraints file", "installing the tested set", _DEADLINE, constraints
    ),
)
