"""Proxy and certificate variables; values are shown without credentials."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow_wizard.host.package_index import without_credentials
from airflow_wizard.host.probe import Ask, Probe, Seen

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")


def probe(_: Ask) -> Seen:
    """``{vars: {name: value}, certificates: {name: path}}``."""
    names = [name for low in _PROXIES for name in (low, low.upper())]
    found: dict[str, Json] = {n: _masked(os.environ[n]) for n in names if os.environ.get(n)}
    certificates: dict[str, Json] = {n: os.environ[n] for n in _CERTIFICATES if os.environ.get(n)}
    return {"proxy": {"vars": found, "certificates": certificates}}


def _masked(value: str) -> str:
    # A proxy is often given without a scheme; then urlsplit sees no place for a user name.
    return without_credentials(value) if "://" in value else without_credentials(f"//{value}").removeprefix("//")


PROBES = (Probe(("proxy",), "environment", "downloads behind a proxy", 1.0, probe),)
