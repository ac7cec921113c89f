"""The scripts and texts of a stack without containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN, base_url, dags_folder

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

AIRFLOW_WRAPPER = """\
#!/bin/sh
# Any Airflow command with this stack's settings:  ./airflow info   ./airflow dags list
set -eu
umask 077
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
while IFS= read -r line || [ -n "$line" ]; do
  line=${line#export }
  case ${line%%=*} in
    '' | [0-9]* | *[!A-Za-z0-9_]*) ;;
    *) case $line in *=*) export "$line" ;; esac ;;
  esac
done < "$here/.env"
export AIRFLOW_HOME="$here" VIRTUAL_ENV="$here/venv" PATH="$here/venv/bin:$PATH"
unset AIRFLOW_CONFIG PYTHONPATH PYTHONHOME
case ${1:-} in
  bash | python) exec "$@" ;;
  *) exec "$here/venv/bin/python" -m airflow "$@" ;;
esac
"""

STACK_WRAPPER = """\
#!/bin/sh
# This stack's processes:  ./stack start | stop | restart NAME | status | run
set -eu
cd -- "$(dirname -- "$0")"
unset AIRFLOW_CONFIG PYTHONPATH PYTHONHOME PYTHONSAFEPATH
exec venv/bin/python -m supervisor "$@"
"""

GITIGNORE = """\
# Secrets and everything that can be made again.
.env
login.json
airflow.db*
venv/
run/
logs/
.airflow-wizard/
__pycache__/
standalone_admin_password.txt
webserver_config.py
"""


def readme(request: StackRequest) -> str:
    """README.md of the stack."""
    return f"""\
# {request.name}: Apache Airflow {request.release.version} without containers

| what | how |
|---|---|
| open | {base_url(request)} , user `{ADMIN}`, password: `AIRFLOW_WIZARD_PASSWORD` in `.env` |
| your DAGs | `{dags_folder(request)}` (a new file shows within about ten seconds) |
| any Airflow command | `./airflow info`, `./airflow dags list`, `./airflow bash` |
| start, stop, look | `./stack start`, `./stack stop`, `./stack status`, `./stack restart scheduler` |
| logs | `logs/components/*.log`; task logs below `logs/` |
| settings | `airflow.cfg`, then `./stack stop` and `./stack start` |
| more packages | `venv/bin/python -m pip` is not there: `uv pip install --python venv/bin/python NAME` |

These files work without airflow-wizard. It made them, and keeps what you edit: a changed file is merged or left
alone, never overwritten. `.env` and `login.json` hold secrets (0600, git-ignored); everything else is safe to commit.

With the wizard: `airflow-wizard status {request.name}`, `airflow-wizard doctor {request.name}`,
`airflow-wizard destroy {request.name}`.
"""
