"""Airflow's REST API, versions 1 (Airflow 2) and 2 (Airflow 3), as far as proof and status need it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import quote

from airflow_wizard.engines import http
from airflow_wizard.engines.http import NoAnswerError

IDENTITY_PATH = "/airflow-wizard/identity"


class ForeignError(Exception):
    """Something answers, and it is not this stack; the text says what it looks like."""


class RefusedError(Exception):
    """Airflow answered, with an error; the text says which, ``status`` is that of HTTP (0 when it was not that)."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Login:
    """A user's name and password, and the stack's identity token."""

    user: str
    password: str
    identity: str


@dataclass(frozen=True, slots=True)
class TaskRun:
    """State of one run of a DAG and of its tasks: ``tasks`` maps task id to (state, try number)."""

    state: str
    tasks: dict[str, tuple[str, int]]


class AirflowApi:
    """One stack's Airflow. Not thread-safe; cheap to make."""

    def __init__(self, url: str, api: str, health_path: str, login: Login, *, timeout: float = 5.0) -> None:
        self.url = url
        self.api = api
        self.health_path = health_path
        self.login = login
        self.timeout = timeout
        self._token = ""

    @property
    def two(self) -> bool:
        """True for the API of Airflow 3."""
        return self.api == "v2"

    def identity(self) -> None:
        """Return when the answerer proves that it holds this stack's token.

        Raises:
            NoAnswerError: nobody answers (yet).
            ForeignError: somebody else does.
        """
        nonce = secrets.token_urlsafe(18)
        answer = self._send("GET", f"{IDENTITY_PATH}?nonce={nonce}")
        body = answer.json()
        wanted = hmac.new(self.login.identity.encode(), nonce.encode(), hashlib.sha256).hexdigest()
        given = str(body.get("proof", "")) if isinstance(body, dict) else ""
        # Without a token of our own, any stack that lost its token as well would pass.
        if self.login.identity and hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
            return
        raise ForeignError(_looks_like(answer, body))

    def health(self) -> dict[str, object]:
        """The body of the health endpoint; its HTTP status is 200 even when unhealthy.

        Raises:
            NoAnswerError: nobody answers.
            ForeignError: the body is not Airflow's.
        """
        answer = self._send("GET", self.health_path)
        body = answer.json()
        if not isinstance(body, dict) or "metadatabase" not in body:
            raise ForeignError(_looks_like(answer, body))
        return body

    def log_in(self) -> str:
        """Prove the printed login; returns how (``token`` or ``basic auth``).

        Raises:
            NoAnswerError: nobody answers.
            RefusedError: the login is not accepted.
        """
        if self.two:
            self._obtain_token()
            return "token"
        answer = self._call("GET", "/pools?limit=1")
        if not isinstance(answer, dict):
            raise RefusedError("the answer to the login was not Airflow's")
        return "basic auth"

    def dag_file(self, dag_id: str) -> str | None:
        """File of a DAG as Airflow parsed it; None while Airflow does not know it."""
        try:
            body = self._call("GET", f"/dags/{quote(dag_id)}")
        except RefusedError as error:
            if error.status == 404:
                return None
            raise
        return str(body.get("fileloc", "")) if isinstance(body, dict) else None

    def import_errors(self) -> list[tuple[str, str]]:
        """(file, traceback) of every file that could not be parsed."""
        body = self._call("GET", "/importErrors?limit=50")
        entries = body.get("import_errors", []) if isinstance(body, dict) else []
        return [(str(e.get("filename", "")), str(e.get("stack_trace", ""))) for e in entries if isinstance(e, dict)]

    def trigger(self, dag_id: str, run_id: str) -> None:
        """Start a run; a run of this id that exists already is fine."""
        body: dict[str, object] = {"dag_run_id": run_id}
        if self.two:
            body["logical_date"] = None
        try:
            self._call("POST", f"/dags/{quote(dag_id)}/dagRuns", body)
        except RefusedError as error:
            if error.status != 409:
                raise

    def run_state(self, dag_id: str, run_id: str) -> TaskRun:
        """State of a run and its tasks."""
        base = f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id)}"
        run = self._call("GET", base)
        tasks = self._call("GET", f"{base}/taskInstances")
        entries = tasks.get("task_instances", []) if isinstance(tasks, dict) else []
        states = {
            str(e["task_id"]): (str(e.get("state") or "waiting"), int(e.get("try_number") or 0))
            for e in entries
            if isinstance(e, dict) and "task_id" in e
        }
        return TaskRun(str(run.get("state", "")) if isinstance(run, dict) else "", states)

    def task_log(self, dag_id: str, run_id: str, task_id: str, attempt: int) -> str:
        """The task's log as the API gives it, as text."""
        path = f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id)}/taskInstances/{quote(task_id)}/logs/{attempt}"
        answer = self._send("GET", f"/api/{self.api}{path}?full_content=true", self._authorise())
        if answer.status != 200:
            raise RefusedError(f"{answer.status} for the task log: {_detail(answer)}", answer.status)
        return answer.body.decode("utf-8", "replace")

    def delete_dag(self, dag_id: str) -> None:
        """Take the DAG and its runs out of the database; one that is not there is fine."""
        try:
            self._call("DELETE", f"/dags/{quote(dag_id)}")
        except RefusedError as error:
            if error.status != 404:
                raise

    def _obtain_token(self) -> None:
        answer = self._send("POST", "/auth/token", body={"username": self.login.user, "password": self.login.password})
        body = answer.json()
        token = body.get("access_token") if isinstance(body, dict) else None
        if answer.status not in (200, 201) or not isinstance(token, str):
            raise RefusedError(f"{answer.status} for the login: {_detail(answer)}", answer.status)
        self._token = token

    def _authorise(self) -> dict[str, str]:
        if self.two:
            if not self._token:
                self._obtain_token()
            return {"Authorization": f"Bearer {self._token}"}
        pair = base64.b64encode(f"{self.login.user}:{self.login.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def _call(self, method: str, path: str, body: object = None) -> object:
        answer = self._send(method, f"/api/{self.api}{path}", self._authorise(), body)
        if answer.status >= 300:
            where = f"{method} {path.split('?', maxsplit=1)[0]}"
            raise RefusedError(f"{answer.status} for {where}: {_detail(answer)}", answer.status)
        return answer.json()

    def _send(self, method: str, path: str, headers: dict[str, str] | None = None, body: object = None) -> http.Answer:
        return http.request(method, self.url + path, headers=headers, body=body, timeout=self.timeout)


def _detail(answer: http.Answer) -> str:
    body = answer.json()
    detail = body.get("detail", body.get("title", "")) if isinstance(body, dict) else ""
    return str(detail or answer.body[:200].decode("utf-8", "replace"))


def _looks_like(answer: http.Answer, body: object) -> str:
    server = answer.headers.get("server", "")
    named = f", Server: {server}" if server else ""
    if isinstance(body, dict) and "proof" in body:
        return f"another stack of airflow-wizard (id {body.get('stack_id', '')})"
    if b"airflow" in answer.body[:100_000].lower():
        return f"another Airflow (HTTP {answer.status}{named})"
    return f"a program that answers HTTP {answer.status}{named}"


__all__ = ["AirflowApi", "ForeignError", "Login", "NoAnswerError", "RefusedError", "TaskRun"]
