"""One call of Airflow's REST API with the stack's own login: [METHOD] PATH [JSON | -]. Written by airflow-wizard.

Runs in the container that answers, so that the host needs nothing of Airflow. The password is the first line of the
standard input: it is on no command line and in no environment. `-` takes the JSON from the lines after it.
"""

from __future__ import annotations

import base64
import json
import sys
import urllib.error
import urllib.request

HERE = "http://127.0.0.1:8080"
USER = "admin"
USAGE = "usage: ./airflow rest [METHOD] PATH [JSON | -]     for example: ./airflow rest /api/v2/pools\n"


def main(words: list[str]) -> int:
    """Print the answer's body; returns 0 for a status below 400, 2 for words that are no call."""
    method = words.pop(0).upper() if words and not words[0].startswith("/") else "GET"
    if not words or len(words) > 2 or not words[0].startswith("/"):
        sys.stderr.write(USAGE)
        return 2
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        sys.stderr.write("the stack has no AIRFLOW_WIZARD_PASSWORD\n")
        return 1
    path, body = words[0], words[1] if len(words) > 1 else ""
    body = sys.stdin.read() if body == "-" else body
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if path.startswith("/api/v1/"):
        pair = base64.b64encode(f"{USER}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    else:
        status, answer = send("POST", "/auth/token", json.dumps({"username": USER, "password": password}), headers)
        if status >= 400:
            return tell(status, answer)
        headers["Authorization"] = "Bearer " + json.loads(answer)["access_token"]
    return tell(*send(method, path, body, headers))


def send(method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
    """Status and body of the answer; 503 when there is none."""
    request = urllib.request.Request(HERE + path, body.encode() if body else None, headers, method=method)  # noqa: S310 - our own http:// address
    # A proxy has no business between this container and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")
    except OSError as error:
        return 503, f"Airflow does not answer in its container: {error}"


def tell(status: int, text: str) -> int:
    """The body, and what to do when the login is refused."""
    if status == 401:
        text += "\nthe login was refused: was the password changed in the web page? The stack has its own"
    (sys.stdout if status < 400 else sys.stderr).write(text.rstrip() + "\n")
    return 0 if status < 400 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
