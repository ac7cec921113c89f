"""The stack's database without importing Airflow, which takes seconds. Written by airflow-wizard.

As a program it waits until the database has been brought to the Airflow of this image, or with `answers` until it
answers.
"""

from __future__ import annotations

import math
import os
import re
import site
import sys
import time
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
# A server that says this has answered; it will say the same in a minute.
_HOPELESS = ("authentication failed", "does not exist", "no pg_hba.conf entry")
# Where Alembic keeps at which revision the database is.
_TABLE = "alembic_version"
_READY = "ready for Airflow "
_REVISION = re.compile(r"^(revision|down_revision)\b[^=\n]*=(.*)", re.MULTILINE)
# Airflow's own migrations end some seconds before those of its FAB provider, and the login comes after them.
_PATIENCE, _SETTLED, _PAUSE = 600.0, 90.0, 0.25

# The image's libraries belong to its user, and a health check has not the environment that its entrypoint made.
_LIBRARIES = Path(f"/home/airflow/.local/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages")
if _LIBRARIES.is_dir():
    site.addsitedir(str(_LIBRARIES))


def connect() -> Any:  # noqa: ANN401 - a DB-API connection of whichever driver the image has
    """A connection; the driver is the one the image has."""
    scheme, _, rest = os.environ[URL].partition("://")
    address = f"{scheme.partition('+')[0]}://{rest}"
    driver = "psycopg2" if find_spec("psycopg2") else "psycopg"
    return import_module(driver).connect(address, connect_timeout=5)


def wait(seconds: float) -> None:
    """Return when the database answers.

    Raises:
        Exception: the driver's own, when it does not within that time, or refuses this login.
    """
    end = time.monotonic() + seconds
    told = ""
    while True:
        try:
            connect().close()
        except ImportError:
            raise
        except Exception as error:
            said = str(error).strip()
            if time.monotonic() > end or any(words in said for words in _HOPELESS):
                raise
            if said != told:
                print(f"the database does not answer yet: {said}", flush=True)
                told = said
            time.sleep(_PAUSE)
        else:
            return


def found(query: str, *values: object) -> bool:
    """Whether a query has a row."""
    connection = connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchone() is not None
    finally:
        connection.close()


def mark() -> None:
    """Note on the database for which Airflow it is ready: its revision alone would need Airflow to be understood.

    Only the owner of the table may; without a note, what waits goes by the revision.
    """
    try:
        connection = connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT version_num FROM {_TABLE}")  # noqa: S608 - a constant
                cursor.execute(f"COMMENT ON TABLE {_TABLE} IS '{_note(cursor.fetchone()[0])}'")
            connection.commit()
        finally:
            connection.close()
    except Exception as error:  # noqa: BLE001 - the driver's own
        print(f"the database takes no note ({str(error).strip()}); its revision has to do", flush=True)


def _note(revision: str) -> str:
    """With the revision: one that was taken back since is not ready any more."""
    return f"{_READY}{version('apache-airflow')} at {revision}"


def await_mark(seconds: float = _PATIENCE) -> None:
    """Return when the database is ready for this image's Airflow; end the program when it cannot be, or is not in time.

    It is ready when the init job has said so, and also when it has stood at this image's newest revision for a while:
    somebody else migrated it, or it was brought back from a newer Airflow.
    """
    begun, told, since = time.monotonic(), "", math.inf
    while True:
        now = time.monotonic()
        try:
            noted, revision = _state()
            known, newest = _revisions() if revision else (set(), "")
            if revision and noted == _note(revision):
                return
            if known and revision not in known:
                sys.exit(_newer(noted, revision))
            since = min(since, now) if revision and revision == newest else math.inf
            said = f"the database is not {_READY}{version('apache-airflow')} yet: the init job brings it there"
        except ImportError:
            raise
        except Exception as error:  # noqa: BLE001 - the driver's own: it is not there yet, or restarts
            said = f"the database does not answer yet: {str(error).strip()}"
        if said != told:
            print(said, flush=True)
            told = said
        if now - since > _SETTLED:
            print(f"it has stood at the revision of this Airflow for {_SETTLED:.0f} s: that will do", flush=True)
            return
        if now - begun > seconds:
            sys.exit(
                "it was waited for long enough; in the stack's folder: kubectl apply --server-side -f init-job.yaml"
            )
        time.sleep(_PAUSE)


def _state() -> tuple[str, str]:
    """The note on the database and its revision; both empty before it was ever migrated."""
    connection = connect()
    try:
        with connection.cursor() as cursor:
            query = "SELECT to_regclass(%s)::text, obj_description(to_regclass(%s), 'pg_class')"
            cursor.execute(query, (_TABLE, _TABLE))
            table, noted = cursor.fetchone()
            if not table:
                return "", ""
            cursor.execute(f"SELECT version_num FROM {_TABLE}")  # noqa: S608 - a constant
            row = cursor.fetchone()
            return noted or "", row[0] if row else ""
    finally:
        connection.close()


@cache
def _revisions() -> tuple[set[str], str]:
    """Every revision that the Airflow of this image knows, and its newest; nothing when its files are elsewhere."""
    spec = find_spec("airflow")
    if spec is None or spec.origin is None:
        return set(), ""
    known: set[str] = set()
    left: set[str] = set()
    for path in (Path(spec.origin).parent / "migrations/versions").glob("*.py"):
        for name, values in _REVISION.findall(path.read_text()):
            (known if name == "revision" else left).update(re.findall(r"""["'](\w+)["']""", values))
    heads = known - left
    return known, heads.pop() if len(heads) == 1 else ""


def _newer(noted: str, revision: str) -> str:
    was = noted.removeprefix(_READY).partition(" ")[0] or "a newer release"
    now = version("apache-airflow")
    return (
        f"Can't locate revision identified by '{revision}': the database was used by Airflow {was}, and this is {now}. "
        f"Take {was} again, or with it, before this: airflow db downgrade --to-version {now}"
    )


def await_answer() -> None:
    """Return when the database answers; end the program when it does not in time, or refuses this login."""
    try:
        wait(_PATIENCE)
    except ImportError:
        raise
    except Exception as error:  # noqa: BLE001 - the driver's own
        sys.exit(f"the database does not answer: {str(error).strip()}")


if __name__ == "__main__":
    if sys.argv[1:] == ["answers"]:
        await_answer()
    else:
        await_mark()
