"""The scripts and texts of a Compose stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN, base_url
from airflow_wizard.artifacts.compose_health import SCRIPTS
from airflow_wizard.artifacts.compose_services import components, dags_source, install_command, web_name
from airflow_wizard.artifacts.compose_settings import is_celery, is_external
from airflow_wizard.artifacts.standalone import PASSWORD

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

_WRAPPER = """\
#!/bin/sh
# Any Airflow command of this stack, in a container of its own:  ./airflow info   ./airflow bash   ./airflow python
# Its REST API with the stack's login:  ./airflow rest {example}   ./airflow rest [METHOD] PATH [JSON | -]
set -eu
cd -- "$(dirname -- "$0")"
if [ "${{1-}}" = rest ]; then
  shift
  # The password goes through a pipe: it must not stand on a command line, where every user of the machine sees it.
  {{ sed -n 's/^{password}=//p' .env; case " $*" in *" -") cat ;; esac; }} |
    docker compose exec -T {web} python {scripts}/rest.py "$@"
  exit
fi
# Without a terminal Docker must not ask for one.
if [ -t 0 ] && [ -t 1 ]; then terminal=; else terminal=-T; fi
exec docker compose run --rm $terminal airflow-cli "$@"
"""

AIRFLOW_CFG = """\
# Your own settings of Airflow, for example:
#
#   [core]
#   max_active_runs_per_dag = 4
#
# What docker-compose.yaml sets as AIRFLOW__SECTION__KEY wins over this file. After a change: docker compose restart
"""

GITIGNORE = """\
# Secrets and everything that can be made again.
.env
config/login.json
logs/
.airflow-wizard/
__pycache__/
"""

LOGS_GITIGNORE = "# Keeps the folder, which must be there before Docker makes it as root.\n*\n!.gitignore\n"

AIRFLOWIGNORE = """\
# Files in this folder that are no DAGs, one pattern a line. The file also keeps the folder, which must be there
# before Docker makes it as root.
"""


def wrapper(request: StackRequest) -> str:
    """The script `airflow` of the stack."""
    example = f"/api/{request.release.api}/pools"
    return _WRAPPER.format(example=example, password=PASSWORD, scripts=SCRIPTS, web=web_name(request))


def dockerignore(request: StackRequest) -> str:
    """What the image's build may see: never .env."""
    name = request.answers.text("requirements")
    return "*\n" + (f"!{name}\n" if name else "")


def readme(request: StackRequest) -> str:
    """README.md of the stack."""
    rows = [
        ("start", "`docker compose up -d` in this folder"),
        ("open", f"{base_url(request)} , user `{ADMIN}`, password: `{PASSWORD}` in `.env`"),
        ("your DAGs", f"`{dags_source(request)}` (a new file shows within about ten seconds)"),
        ("any Airflow command", "`./airflow info`, `./airflow dags list`, `./airflow bash`, `./airflow python`"),
        ("REST API", f"`./airflow rest /api/{request.release.api}/pools` logs in with the password of `.env`"),
        ("look", "`docker compose ps`, `docker compose logs -f airflow-scheduler`; task logs are in `logs/`"),
        ("stop, start again", "`docker compose stop`, `docker compose up -d`"),
        ("settings", "`config/airflow.cfg`, then `docker compose restart`; those in `docker-compose.yaml` win"),
        ("plugins", "`plugins/`"),
        ("remove the containers", "`docker compose down`; the database stays"),
        ("start over", "`docker compose down --volumes --remove-orphans` **deletes the database**"),
    ]
    if is_celery(request):
        rows.append(("Flower", "`docker compose --profile flower up -d`; the same login"))
    if install_command(request):
        rows.append(("packages", "built into an image of the stack: `docker compose build` after a change"))
    table = "\n".join(f"| {what} | {how} |" for what, how in rows)
    names = ", ".join(f"`{name}`" for name in components(request))
    stores = [] if is_external(request) else ["`postgres`"]
    stores += ["`redis`"] if is_celery(request) else []
    before = f"{' and '.join(stores)} must be healthy and `airflow-init`" if stores else "`airflow-init`"
    return f"""\
# {request.name}: Apache Airflow {request.release.version} with Docker Compose

| what | how |
|---|---|
{table}

{before} must have ended well before these start:
{names}.
`airflow-init` brings the database to this version and creates the login; when it fails,
`docker compose logs airflow-init` says why.

These files work without airflow-wizard. It made them, and keeps what you edit: a changed file is merged or left
alone, never overwritten. `.env` holds secrets (0600, git-ignored); everything else is safe to commit. On another
machine `.env` is needed too: the database knows only the passwords and the key that stand there.
"""
