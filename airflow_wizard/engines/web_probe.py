"""Does a web address answer? Asked through the same proxies and certificates as the installer would."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

# The names by which pip, requests and curl are told about a company's certificate; OpenSSL reads SSL_CERT_* itself.
_BUNDLES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True, slots=True)
class Reach:
    """What came back.

    Attributes:
        status: HTTP status; None when nothing answered.
        date: the ``Date`` header as it came, or empty.
        seconds: until the headers were there.
        reason: why nothing answered; empty when something did.
        finished: seconds since the epoch when the answer came, by our clock.
    """

    status: int | None
    date: str
    seconds: float
    reason: str
    finished: float


def reach(url: str, *, timeout: float, bundle: str = "") -> Reach:
    """Ask ``url`` for its headers. Proxies come from the environment, as they do for uv and pip.

    Args:
        url: http or https; a user and password in it are used, and never part of the result.
        timeout: seconds for each blocking operation.
        bundle: file of further certificate authorities (pip's ``cert`` setting).
    """
    first = _request(url, "HEAD", timeout, bundle)
    # Some mirrors answer HEAD with 405 or 501, though GET works.
    return _request(url, "GET", timeout, bundle) if first.status in (405, 501) else first


def _request(url: str, method: str, timeout: float, bundle: str) -> Reach:
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPSHandler, Request, build_opener

    bare, authorization = _split_credentials(url)
    if not bare.startswith(("http://", "https://")):
        return Reach(None, "", 0.0, "not an http address", time.time())
    request = Request(bare, method=method, headers={"User-Agent": "airflow-wizard", **authorization})  # noqa: S310
    opener = build_opener(HTTPSHandler(context=trusted(os.environ, bundle)))
    started = time.monotonic()
    status: int | None = None
    date = reason = ""
    try:
        with opener.open(request, timeout=timeout) as answer:
            status, date = answer.status, answer.headers.get("Date", "")
    except HTTPError as error:
        with error:
            status, date = error.code, error.headers.get("Date", "")
    except URLError as error:
        reason = _words(error.reason)
    except (OSError, HTTPException, ValueError) as error:
        reason = _words(error)
    return Reach(status, date, time.monotonic() - started, reason, time.time())


def _words(error: object) -> str:
    # "[Errno -2] Name or service not known": people need the second half.
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said or type(error).__name__


def _split_credentials(url: str) -> tuple[str, dict[str, str]]:
    from base64 import b64encode
    from urllib.parse import unquote, urlsplit, urlunsplit

    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    name, _, word = user.partition(":")
    token = b64encode(f"{unquote(name)}:{unquote(word)}".encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), {"Authorization": f"Basic {token}"}


def trusted(environ: Mapping[str, str], bundle: str = "") -> SSLContext:
    """Whom to trust: the system's authorities, and those that pip, requests or curl are told about."""
    import ssl

    context = ssl.create_default_context()
    already = {"", environ.get("SSL_CERT_FILE", "")}
    for name in {bundle, *(environ.get(variable, "") for variable in _BUNDLES)} - already:
        # A stale variable must not hide what the others say.
        with contextlib.suppress(OSError):
            context.load_verify_locations(name)
    return context
