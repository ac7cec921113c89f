from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.diagnose import signatures
from airflow_wizard.finding import Level
from airflow_wizard.workflows.troubleshooting import explain, labels
from tests.diagnose import kube_lines

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
IDS = [s.id for s in signatures.load()]

# Two lines that show it, and two that look alike and are harmless; each signature has both.
SEEN = {
    "port.in_use": (
        "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8080): address already in use",
        "[2026-11-21 10:00:00 +0000] [77] [ERROR] Connection in use: ('127.0.0.1', 8080)",
    ),
    "disk.full": ("OSError: [Errno 28] No space left on device", "sqlite3.OperationalError: database or disk is full"),
    "database.not_initialized": (
        "ERROR: You need to initialize the database. Please run `airflow db init`.",
        "sqlite3.OperationalError: no such table: dag_run",
    ),
    "database.older": (
        "[error ] Database migration required. Please run `airflow db migrate`. [airflow.utils.db] loc=db.py:997",
        "ERROR: You need to upgrade the database. Please run `airflow db upgrade`.",
    ),
    "database.newer": (
        "alembic.util.exc.CommandError: Can't locate revision identified by '7b2661a43ba3'",
        "alembic.script.revision.ResolutionError: No such revision or branch '7b2661a43ba3'",
    ),
    "database.locked": (
        "sqlite3.OperationalError: database is locked",
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked",
    ),
    "database.malformed": (
        "sqlite3.DatabaseError: database disk image is malformed",
        "sqlite3.DatabaseError: file is not a database",
    ),
    "database.readonly": (
        "sqlite3.OperationalError: attempt to write a readonly database",
        "sqlite3.OperationalError: unable to open database file",
    ),
    "permission.denied": (
        "PermissionError: [Errno 13] Permission denied: '/opt/airflow/logs/scheduler'",
        "PermissionError: [Errno 13] Permission denied: '/home/ana/dags/a.py'",
    ),
    "dag.module_missing": (
        "ModuleNotFoundError: No module named 'boto3'",
        "Broken DAG: [/x/dags/a.py] No module named 'pandas'",
    ),
    "dag.import_timeout": (
        "airflow.exceptions.AirflowTaskTimeout: DagBag import timeout for /x/a.py after 30.0s.",
        "raise your dagbag_import_timeout",
    ),
    "fernet.mismatch": (
        "cryptography.fernet.InvalidToken",
        "ERROR - Can't decrypt _val for key=bucket, invalid token or value",
    ),
    "fernet.invalid": (
        "airflow.exceptions.AirflowException: Could not create Fernet object: Incorrect padding",
        "ValueError: Fernet key must be 32 url-safe base64-encoded bytes.",
    ),
    "jwt.mismatch": (
        "jwt.exceptions.InvalidSignatureError: Signature verification failed",
        "Signature verification failed",
    ),
    "jwt.expired": ("jwt.exceptions.ExpiredSignatureError: Signature has expired", "Signature has expired"),
    "csrf.mismatch": ("The CSRF session token is missing.", "INFO - The CSRF tokens do not match."),
    "secret_key.mismatch": (
        "*** !!!! Please make sure that all have the same 'secret_key' configured in 'webserver' section",
        "Client error '403 FORBIDDEN' for url 'http://b6:8793/log/dag_id=x'",
    ),
    "pid.stale": (
        "Error: Already running on PID 33 (or pid file '/x/airflow-webserver.pid' is stale)",
        "ERROR: Pidfile (/opt/airflow/airflow-worker.pid) already exists.",
    ),
    "worker.killed": (
        "[ERROR] Worker (pid:29) was sent SIGKILL! Perhaps out of memory?",
        "ERROR - No response from gunicorn master within 120 seconds",
    ),
    "scheduler.silent": (
        "The scheduler does not appear to be running.",
        "The scheduler does not appear to be running. Last heartbeat was received 4 minutes ago.",
    ),
    "execution_api.unreachable": (
        "httpx.ConnectError: [Errno 111] Connection refused for http://x/execution/",
        "All connection attempts failed for /execution/",
    ),
    "execution_api.slow": (
        "Task execute_workload[1] raised unexpected: ReadTimeout('timed out')",
        "httpx.ReadTimeout: timed out",
    ),
    "sqlite.parallel": (
        "AirflowConfigException: error: cannot use sqlite with the LocalExecutor",
        "error: cannot use SQLite with the CeleryExecutor",
    ),
    "sqlite.old": (
        "error: sqlite C library version too old (< 3.15.0).",
        "sqlite C library version too old (< 3.15.0)",
    ),
    "sqlite.relative": (
        "AirflowConfigException: Cannot use relative path: `sqlite:///airflow.db`",
        "Cannot use relative path: `sqlite:///./a.db` to connect to sqlite.",
    ),
    "postgres.auth": (
        'FATAL:  password authentication failed for user "airflow"',
        'failed: FATAL:  password authentication failed for user "postgres"',
    ),
    "postgres.missing": ('FATAL:  database "airflow" does not exist', 'FATAL:  role "airflow" does not exist'),
    "postgres.connections": (
        "FATAL:  sorry, too many clients already",
        "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
    ),
    "postgres.unreachable": (
        'could not translate host name "postgres" to address: Temporary failure',
        'connection to server at "db" (10.0.0.1), port 5432 failed: Connection refused',
    ),
    "celery.too_new": (
        "ImportError: cannot import name 'retry' from 'celery.backends.database' (/x/__init__.py)",
        "cannot import name 'retry' from 'celery.backends.database'",
    ),
    "pip.no_version": (
        "ERROR: No matching distribution found for airflow==1.8.0",
        "  x No solution found when resolving dependencies:",
    ),
    "files.too_many": (
        "OSError: [Errno 24] Too many open files",
        "failed to create fsnotify watcher: too many open files",
    ),
    "clock.skew": (
        "jwt.exceptions.ImmatureSignatureError: The token is not yet valid (iat)",
        "x509: not yet valid: current time 2026-02-21T17:11:18Z is before 2026-02-21T17:55:06Z",
    ),
}
HARMLESS = (
    (
        "WARNING - Exception when importing 'x.WasbHook' from 'apache-airflow-providers-microsoft-azure' package: "
        "No module named 'azure.storage.blob'"
    ),
    "INFO - Added Permission can read on ImportError to role Viewer",
    "WARNING:root:OSError while attempting to symlink the latest log directory",
    'FATAL:  role "root" does not exist',
    "[INFO] Handling signal: ttou",
    "INFO - Found 0 files for bundle dags-folder",
    "Application startup complete.",
    '"GET /api/v2/importErrors?limit=50 HTTP/1.1" 200 48',
    "2026-11-21T10:00:00Z [info] Task finished exit_code=0 final_state=success",
    "gpg: Signature verification failed for the chart",
)


SEEN.update(kube_lines.SEEN)


@pytest.mark.parametrize("signature_id", IDS)
def test_every_signature_is_seen_in_its_own_lines_and_nothing_else_is(signature_id: str) -> None:
    for line in SEEN[signature_id]:
        hits = [hit.signature.id for hit in signatures.match_lines({"u": [line]})]
        assert signature_id in hits
        families = {s.family for s in signatures.load() if s.id in hits}
        assert len(families) == 1, hits


@pytest.mark.parametrize("line", [*HARMLESS, *kube_lines.HARMLESS])
def test_what_only_looks_like_trouble(line: str) -> None:
    assert signatures.match_lines({"u": [line]}) == []


def test_declarations_are_whole() -> None:
    assert set(SEEN) == set(IDS)
    assert len(set(IDS)) == len(IDS)
    for signature in signatures.load():
        assert signature.patterns
        assert signature.fixes
        assert signature.why.endswith(".")
        assert signature.level in (Level.FAIL, Level.WARN, Level.INFO)


@pytest.mark.parametrize("stack", sorted(p.name for p in LOGS.glob("healthy-*")))
def test_a_healthy_stack_has_no_finding(stack: str) -> None:
    lines = {p.stem: p.read_text(encoding="utf-8").splitlines() for p in (LOGS / stack).glob("*.log")}
    assert sum(map(len, lines.values())) > 100
    assert signatures.match_lines(lines) == []
    assert explain("\n".join(line for unit in lines.values() for line in unit)) == []


def test_no_pattern_is_slow_on_a_long_line() -> None:
    for text in (
        "a" * 10_000,
        "'/" * 5_000,
        '"server":"http' + "x/execution/" * 800,
        "No module named " * 600,
        " " * 10_000,
    ):
        for signature in signatures.load():
            began = time.perf_counter()
            signature.matches(text)
            assert time.perf_counter() - began < 0.25, signature.id


@given(st.text())
def test_any_text_can_be_explained(text: str) -> None:
    assert isinstance(labels(explain(text)), list)


def test_a_text_is_explained_with_its_lines_and_families() -> None:
    text = "fine\nOSError: [Errno 28] No space left on device\nsqlite3.OperationalError: database is locked\n"
    findings = explain(text)
    assert [f.id for f in findings] == ["disk.full", "database.locked"]
    assert findings[0].evidence == ("OSError: [Errno 28] No space left on device",)
    assert findings[1].causes == ("disk.full",)
    assert labels(findings) == ["disk-full"]


def test_a_failure_that_spans_lines() -> None:
    text = '{"event":"Connecting to server:","server":"http://localhost:8080/execution/"}\nx\nConnection refused\n'
    assert labels(explain(text)) == ["execution-api-unreachable"]


def test_secrets_and_escapes_do_not_come_back() -> None:
    text = '\x1b[31mcould not translate host name "db" to address: postgresql://airflow:hunter22@db/airflow\x1b[0m'
    (finding,) = explain(text)
    assert "hunter22" not in finding.evidence[0]
    assert "\x1b" not in finding.evidence[0]


@pytest.mark.parametrize(
    ("finding_id", "family"),
    [
        ("disk.full", "disk-full"),
        ("component.killed.scheduler", "memory-too-low"),
        ("dag.import_error:/x/a.b.py", "dag-import-error"),
        ("something.else", "something.else"),
    ],
)
def test_the_family_of_a_finding(finding_id: str, family: str) -> None:
    assert signatures.family_of(finding_id) == family
