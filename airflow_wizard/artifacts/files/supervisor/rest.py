"""One call of Airflow's REST API with the stack's own login."""

from __future__ import annotations

import base64
import json
import sys
import urllib.error
import urllib.request
from typing import Any

from .layout import read_env


def call(url: str, method: str, path: str, body: str) -> int:
    """Print the answer's body; returns 0 for a status below 400.

    Args:
        url: base URL of the stack, from supervisor.json.
        method: GET, POST, PATCH, DELETE.
        path: for example /api/v2/pools.
        body: JSON to send; empty for none.
    """
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    password = read_env().get("AIRFLOW_WIZARD_PASSWORD", "")
    if path.startswith("/api/v1/"):
        pair = base64.b64encode(f"admin:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    else:
        login = json.dumps({"username": "admin", "password": password})
        status, answer = _send(url + "/auth/token", "POST", login, headers)
        if status >= 400:
            return _print(status, answer)
        headers["Authorization"] = "Bearer " + json.loads(answer)["access_token"]
    return _print(*_send(url + path, method, body, headers))


def _send(url: str, method: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
    request = urllib.request.Request(url, body.encode() if body else None, headers, method=method)  # noqa: S310 - our own http:// address
    # A proxy has no business between this machine and itself.
    opener: Any = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")
    except OSError as error:
        return 503, json.dumps({"detail": f"{url}: {error}"})


def _print(status: int, text: str) -> int:
    (sys.stdout if status < 400 else sys.stderr).write(text.rstrip() + "\n")
    return 0 if status < 400 else 1
