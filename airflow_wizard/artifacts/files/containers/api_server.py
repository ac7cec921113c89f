"""Starts the API server; what takes its time is done before the database is migrated. Written by airflow-wizard.

Its import is most of its start: hundreds of routes are made from type hints. From there on it is `airflow api-server`.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from importlib import import_module
from pathlib import Path

# Makes the libraries of the image's user known, too.
import database  # type: ignore[import-not-found]  # beside this file

_ROUTES = (
    "airflow.api_fastapi.core_api.routes.public",
    "airflow.api_fastapi.core_api.routes.ui",
    "airflow.api_fastapi.execution_api.routes",
)


def main() -> None:
    """Import, wait for the database, serve."""
    # A module of this folder is not to be taken for one that a plugin of somebody's asks for.
    here = str(Path(__file__).parent)
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.argv = ["airflow", "api-server", *sys.argv[1:]]
    # Of what an import makes, nothing is garbage: looking for it again and again is a fifth of the whole start.
    gc.disable()
    for name in _ROUTES:
        with contextlib.suppress(ImportError):  # not every release has each; the server imports what it needs
            import_module(name)
    database.await_mark()
    gc.freeze()
    gc.enable()
    from airflow.__main__ import main as airflow

    airflow()


# Guarded: more than one worker of the server are processes that import this file again.
if __name__ == "__main__":
    main()
