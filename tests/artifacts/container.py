"""A folder with the programs that run inside containers, and stand-ins for Airflow and the driver of its database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from airflow_wizard.artifacts.kube.scripts import text_of
from tests.artifacts.compose_stacks import files, request

DRIVER = """
import json, os, pathlib
state = pathlib.Path(os.environ["STATE"])
def say(**what):
    with (state / "said").open("a") as file:
        file.write(json.dumps(what) + "\\n")
class Cursor:
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def execute(self, query, values=()):
        say(query=query, values=list(values))
        self.query = query
        if query.startswith("COMMENT"):
            if (state / "not-owner").exists():
                raise RuntimeError("must be owner of table alembic_version\\n")
            (state / "note").write_text(query.split("'")[1])
    def fetchone(self):
        read = lambda name: (state / name).read_text() if (state / name).exists() else None
        if "obj_description" in self.query:
            return (read("revision") and "alembic_version", read("note"))
        if "version_num" in self.query:
            return (read("revision"),)
        return (1,) if (state / "row").exists() else None
class Connection:
    def cursor(self): return Cursor()
    def commit(self): say(commit=True)
    def close(self): pass
def connect(address, **_):
    say(address=address)
    if (state / "refuses").exists():
        raise RuntimeError('FATAL: password authentication failed for user "x"')
    return Connection()
"""
AIRFLOW = """
import json, os, pathlib, sys
state = pathlib.Path(os.environ["STATE"])
class Args:
    def __init__(self, words): self.words = words
    def func(self, args):
        with (state / "ran").open("a") as file:
            file.write(json.dumps([args.words, sys.argv]) + "\\n")
        if os.environ.get("BROKEN") == args.words[0]:
            sys.exit(3)
        if args.words[0] == "db":
            (state / "revision").write_text("newest3")
        if args.words[0] == "users" and not os.environ.get("FORGETS"):
            (state / "row").touch()
def get_parser():
    class Parser:
        def parse_args(self, words): return Args(list(words))
    return Parser()
"""
MAIN = """
import gc, json, os, pathlib, sys
def main():
    here = os.path.dirname(os.path.abspath(sys.modules["__main__"].__file__))
    found = {"argv": sys.argv, "gc": gc.isenabled(), "beside": here in sys.path}
    (pathlib.Path(os.environ["STATE"]) / "served").write_text(json.dumps(found) + "\\n")
"""
PASSWORD = "a-password-of-this-test"


class Container:
    """A folder with the scripts and the stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path, text in files(request()).items():
            if path.startswith("scripts/"):
                (folder / Path(path).name).write_text(text)
        for name in ("api_server.py", "database.py"):
            (folder / name).write_text(text_of(name))
        site = self.site = folder / "site"
        versions = site / "airflow/migrations/versions"
        for place in (versions, site / "airflow/cli", site / "apache_airflow-3.3.2.dist-info"):
            place.mkdir(parents=True)
        (site / "psycopg2.py").write_text(DRIVER)
        (site / "apache_airflow-3.3.2.dist-info/METADATA").write_text("Name: apache-airflow\nVersion: 3.3.2\n")
        (site / "airflow/__init__.py").touch()
        (site / "airflow/cli/__init__.py").touch()
        (site / "airflow/cli/cli_parser.py").write_text(AIRFLOW)
        (site / "airflow/__main__.py").write_text(MAIN)
        (versions / "0001_first.py").write_text('revision = "first1"\ndown_revision = None\n')
        (versions / "0002_older.py").write_text("revision = 'older2'\ndown_revision = 'first1'\n")
        (versions / "0003_aside.py").write_text('revision = "aside2"\ndown_revision = "first1"\n')
        (versions / "0004_newest.py").write_text('revision: str = "newest3"\ndown_revision = ("older2", "aside2")\n')

    @property
    def env(self) -> dict[str, str]:
        return {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://airflow:x@postgres/airflow",
            "_AIRFLOW_WWW_USER_PASSWORD": PASSWORD,
            "AIRFLOW_UID": str(os.getuid()),
            "STATE": str(self.folder),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.site),
        }

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """One of the scripts, as the user that runs the tests."""
        argv = [sys.executable, str(self.folder / words[0]), *words[1:]]
        return subprocess.run(argv, env=self.env | env, capture_output=True, text=True, timeout=30, check=False)

    def lines(self, name: str) -> list[Any]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
