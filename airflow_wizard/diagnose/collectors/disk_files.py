"""What the files of a stack without containers show. Reads, never writes; secrets are compared, not kept."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import sqlite3
import stat
import time
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import manifest as manifests
from airflow_wizard.artifacts.airflow_cfg import ADMIN, LOGIN_FILE
from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.artifacts.standalone import PASSWORD
from airflow_wizard.diagnose.evidence import DatabaseFact, FileFact, SecretFact, StepFact
from airflow_wizard.engines.supervised import lock_is_held
from airflow_wizard.run import journal
from airflow_wizard.run.step import StepState
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FERNET = "AIRFLOW__CORE__FERNET_KEY"
SECRET_FILES = (".env", LOGIN_FILE, "airflow.cfg", "supervisor.json", "airflow.db")
_QUICK_CHECK_SECONDS = 2.0
_MAGIC = b"SQLite format 3\0"


def file_facts(folder: Path, dags: Path) -> dict[str, FileFact]:
    """The files that matter, by their path below the folder; the DAGs folder as ``dags``."""
    facts = {name: file_fact(folder / name) for name in (*SECRET_FILES, "airflow", "stack", "supervisor", "plugins")}
    facts["dags"] = file_fact(dags)
    return facts


def file_fact(path: Path) -> FileFact:
    """Kind, permission bits, and whether we may read it."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return FileFact("missing")
    except OSError:
        return FileFact("other", readable=False)
    kind = "folder" if stat.S_ISDIR(status.st_mode) else "file" if stat.S_ISREG(status.st_mode) else "other"
    needed = os.R_OK | os.X_OK if kind == "folder" else os.R_OK
    return FileFact(kind, stat.S_IMODE(status.st_mode), os.access(path, needed), status.st_uid, status.st_gid)


def secret_fact(folder: Path, keys: Iterable[str], *, as_launched: bool | None) -> SecretFact | None:
    """What can be said of the secrets; None when .env cannot be read (its file fact says so)."""
    values = _env(folder)
    if values is None:
        return None
    key = values.get(FERNET, "")
    return SecretFact(
        missing=tuple(name for name in keys if not values.get(name)),
        fernet_valid=_fernet_bytes(key) is not None if key else None,
        login_matches=_login_matches(folder / LOGIN_FILE, values.get(PASSWORD, "")),
        as_launched=as_launched,
    )


def _env(folder: Path) -> dict[str, str] | None:
    try:
        return values_of((folder / ".env").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def _login_matches(path: Path, password: str) -> bool | None:
    try:
        login = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return False
    return isinstance(login, dict) and hmac.compare_digest(str(login.get(ADMIN, "")).encode(), password.encode())


def _fernet_bytes(key: str) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode(key.encode("ascii"))
    except (ValueError, binascii.Error):
        return None
    return raw if len(raw) == 32 else None


def database_fact(path: Path, folder: Path) -> DatabaseFact:
    """The SQLite file as far as it can be judged without Airflow. Takes no lock that a writer would wait for."""
    try:
        with path.open("rb") as handle:
            head = handle.read(len(_MAGIC))
    except FileNotFoundError:
        return DatabaseFact("missing", str(path))
    except OSError as error:
        return DatabaseFact("unreadable", error.strerror or str(error))
    if not head:
        return DatabaseFact("empty", f"{path} has no content")
    if head != _MAGIC:
        return DatabaseFact("malformed", "it does not start as an SQLite file does")
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1.0)
    except sqlite3.Error as error:
        return DatabaseFact("unreadable", one_line(error, limit=200))
    try:
        return _look_inside(connection, folder)
    except sqlite3.OperationalError as error:
        said = one_line(error, limit=200)
        return DatabaseFact("locked" if "locked" in said else "unreadable", said)
    except sqlite3.DatabaseError as error:
        return DatabaseFact("malformed", one_line(error, limit=200))
    finally:
        connection.close()


def _look_inside(connection: sqlite3.Connection, folder: Path) -> DatabaseFact:
    tables = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "alembic_version" not in tables:
        return DatabaseFact("unmigrated", f"{len(tables)} tables, and none that says which migrations ran")
    if not connection.execute("SELECT version_num FROM alembic_version").fetchall():
        return DatabaseFact("unmigrated", "no migration is noted as done")
    damage = _damage(connection)
    if damage:
        return DatabaseFact("malformed", damage)
    if _foreign_key_used(connection, tables, folder):
        return DatabaseFact("other-key", "what is stored was encrypted with another Fernet key")
    return DatabaseFact("ok")


def _damage(connection: sqlite3.Connection) -> str:
    """What SQLite's quick check says first; empty when nothing, or when there was no time to finish it."""
    end = time.monotonic() + _QUICK_CHECK_SECONDS
    connection.set_progress_handler(lambda: int(time.monotonic() > end), 10_000)
    try:
        said = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return ""
        raise
    finally:
        connection.set_progress_handler(None, 0)
    return "" if said is None or said[0] == "ok" else one_line(said[0], limit=200)


def _foreign_key_used(connection: sqlite3.Connection, tables: set[str], folder: Path) -> bool:
    """True when an encrypted value in the database was not signed by the key in .env.

    A Fernet token is version, time, IV, ciphertext and an HMAC-SHA256 of all these, made with the first half of the
    key (github.com/fernet/spec), so this needs no decryption.
    """
    key = _fernet_bytes((_env(folder) or {}).get(FERNET, ""))
    if key is None or not {"connection", "variable"} <= tables:
        return False
    queries = (
        "SELECT password FROM connection WHERE is_encrypted AND password <> '' LIMIT 20",
        "SELECT val FROM variable WHERE is_encrypted AND val <> '' LIMIT 20",
    )
    tokens = [row[0] for query in queries for row in connection.execute(query) if isinstance(row[0], str)]
    verdicts = [_signed_by(token, key[:16]) for token in tokens]
    return bool(verdicts) and not any(verdicts)


def _signed_by(token: str, key: bytes) -> bool:
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii"))
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(hmac.new(key, raw[:-32], hashlib.sha256).digest(), raw[-32:])


def venv_problem(folder: Path) -> str:
    """Why the virtual environment cannot be used; empty when it can, as far as files tell."""
    python = folder / "venv" / "bin" / "python"
    if not (folder / "venv").is_dir():
        return "there is none"
    if not os.path.lexists(python):
        return "it has no Python"
    if not python.exists():
        return f"its Python was {python.resolve()}, and that is gone"
    if not os.access(python, os.X_OK):
        return "its Python may not be run"
    if not (folder / "venv" / "bin" / "airflow").exists():
        return "Airflow is not installed in it"
    return ""


def unfinished_step(folder: Path) -> StepFact | None:
    """The step of the last launch that did not end well; None when all did, or one is at work right now."""
    entries, _ = journal.read(folder)
    last = {entry.step: entry for entry in entries}
    bad = [e for e in last.values() if e.state in (StepState.FAILED, StepState.STARTED, StepState.PROGRESS)]
    if not bad or lock_is_held(folder / manifests.PRIVATE / "lock"):
        return None
    entry = min(bad, key=lambda e: e.time)
    return StepFact(entry.step, str(entry.state), one_line(entry.detail, limit=300))


def pending_conflicts(folder: Path) -> tuple[str, ...]:
    """Files that the person edited, with a newer version beside them that could not be merged."""
    known = manifests.load(folder).files
    private = folder / manifests.PRIVATE / "new"
    return tuple(
        sorted(
            path
            for path, entry in known.items()
            if entry.proposed and ((folder / f"{path}.new").exists() or (private / path).exists())
        )
    )


def edited_since(folder: Path, moment: float | None) -> tuple[str, ...]:
    """Files that running processes read at their start and that were changed after it."""
    if moment is None:
        return ()
    changed = []
    for name in (".env", "airflow.cfg"):
        try:
            if (folder / name).stat().st_mtime > moment + 1:
                changed.append(name)
        except OSError:
            continue
    return tuple(changed)
