"""What the files of a stack of containers show. Reads, never writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.diagnose.collectors.disk_files import file_fact
from airflow_wizard.engines import probe_command
from airflow_wizard.run.handlers.compose_words import COMPOSE_FILE, yaml_error
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from airflow_wizard.diagnose.evidence import FileFact

_PATIENCE = 5.0
_FOLDERS = ("logs", "plugins", "config")


def compose_file_facts(folder: Path, dags: Path) -> dict[str, FileFact]:
    """The files that matter, by their path below the folder; the DAGs folder as ``dags``."""
    names = (".env", COMPOSE_FILE, "scripts/init.py", "scripts/database.py", "scripts/heartbeat.py", *_FOLDERS)
    return {**{name: file_fact(folder / name) for name in names}, "dags": file_fact(dags)}


def damage_and_hashes(folder: Path) -> tuple[str, dict[str, str]]:
    """What is wrong with the compose file (``line: what``, or empty), and what Compose recognises each service by."""
    try:
        wrong = yaml_error((folder / COMPOSE_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "", {}
    except (OSError, UnicodeDecodeError) as error:
        return one_line(error, limit=200), {}
    if wrong is not None:
        return f"line {wrong[0]}: {wrong[1]}", {}
    said = _compose(folder, "--profile", "*", "config", "--hash", "*")
    if not said.ok:
        return ("" if said.problem else one_line(said.reason, limit=300)), {}
    pairs = (line.split() for line in said.out.splitlines())
    return "", {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def uid_of(folder: Path) -> int | None:
    """Whom the containers run as; None when .env does not say."""
    text = _env(folder).get("AIRFLOW_UID", "")
    return int(text) if text.isdecimal() else None


def _env(folder: Path) -> Mapping[str, str]:
    try:
        return values_of((folder / ".env").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return {}


def _compose(folder: Path, *words: str) -> probe_command.Said:
    where = ("--project-directory", str(folder), "--file", str(folder / COMPOSE_FILE))
    # Compose prefers this shell's variables to those of .env: what .env says is said once more.
    chosen = {key: value for key, value in _env(folder).items() if key in os.environ}
    return probe_command.ask(["docker", "compose", *where, *words], timeout=_PATIENCE, env=chosen)
