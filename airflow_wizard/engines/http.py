"""One HTTP request to a stack's Airflow: short time limits, no proxy, no redirect, a bounded answer."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 8 * 1024 * 1024
# A body may take this many times the limit of one read: a stream of events never ends by itself.
_BODY = 3.0


class NoAnswerError(Exception):
    """Nobody listens, or what listens does not speak HTTP; the text says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, body, and the headers with lower-case names."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> object:
        """The body as JSON; None when it is not."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: object = None,
    timeout: float = 5.0,
) -> Answer:
    """Send one request.

    Args:
        method: GET, POST, …
        url: ``http://host:port/path?query``.
        headers: additional headers.
        body: sent as JSON when not None.
        timeout: seconds for connecting and for each read.

    Raises:
        NoAnswerError: no connection, a time-out, or not HTTP.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(
        parts.hostname or "", parts.port or (443 if secure else 80), timeout=timeout
    )
    sent = {"Accept": "application/json", "Connection": "close", **(headers or {})}
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        sent["Content-Type"] = "application/json"
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body=data, headers=sent)
        answer = connection.getresponse()
        return Answer(answer.status, _read(answer, timeout * _BODY), {k.lower(): v for k, v in answer.getheaders()})
    except ConnectionRefusedError as error:
        raise NoAnswerError("nothing listens there") from error
    except TimeoutError as error:
        raise NoAnswerError(f"no answer within {timeout:.0f} s") from error
    except http.client.HTTPException as error:
        raise NoAnswerError(f"what listens there does not speak HTTP ({type(error).__name__})") from error
    except OSError as error:
        raise NoAnswerError(error.strerror or str(error)) from error
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    parts: list[bytes] = []
    size = 0
    while size < _MOST and (part := answer.read1(min(65536, _MOST - size))):
        parts.append(part)
        size += len(part)
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(parts)
