"""The stack's database without importing Airflow, which takes seconds. Written by airflow-wizard.

As a program it waits until the database has been brought to the Airflow of this image.
"""

from __future__ import annotations

import os
import site
import sys
import time
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
_PATIENCE, _PAUSE = 600.0, 0.25

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
    """Note on the database for which Airflow it is ready: its revision alone would need Airflow to be understood."""
    connection = connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON TABLE {_TABLE} IS '{_note()}'")
        connection.commit()
    finally:
        connection.close()


def _note() -> str:
    return f"ready for Airflow {version('apache-airflow')}"


def await_mark(seconds: float = _PATIENCE) -> None:
    """Return when the database is ready for the Airflow of this image; end the program when it is not in time."""
    end, told = time.monotonic() + seconds, ""
    while True:
        try:
            if found("SELECT 1 WHERE obj_description(to_regclass(%s), 'pg_class') = %s", _TABLE, _note()):
                return
            said = f"the database is not {_note()} yet: the init job brings it there"
        except ImportError:
            raise
        except Exception as error:  # noqa: BLE001 - the driver's own: it is not there yet, or restarts
            said = f"the database does not answer yet: {str(error).strip()}"
        if said != told:
            print(said, flush=True)
            told = said
        if time.monotonic() > end:
            sys.exit(
                "it was waited for long enough; in the stack's folder: kubectl apply --server-side -f init-job.yaml"
            )
        time.sleep(_PAUSE)


if __name__ == "__main__":
    await_mark()
