"""A launch as a shell script that needs no wizard: the same files, the same commands, the same wait."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.compose import IMAGE_USER, UID
from airflow_wizard.artifacts.compose_settings import DATABASE_PASSWORD
from airflow_wizard.artifacts.standalone import IDENTITY, PASSWORD, STACK_ID
from airflow_wizard.errors import NotYetError
from airflow_wizard.options.model import KUBERNETES_TARGETS, Target
from airflow_wizard.run import actions
from airflow_wizard.targets.registry import target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.artifacts.model import Artifact, StackRequest
    from airflow_wizard.run.step import Step

_HEAD = """\
#!/bin/sh
# Launches Apache Airflow <<version>> (<<target>>) without airflow-wizard: the same files, commands and waits.
# Written for the profile "<<name>>". Holds no secret: they are made when it runs, once, and kept in .env.
# Needs: <<needs>>, curl. Run it again to continue or to start what is stopped.
set -eu
umask 022
folder=${1:-<<folder>>}
mkdir -p "$folder"
cd -- "$folder"
folder=$(pwd)
"""

# 24 random bytes as letters, digits, - and _; a Fernet key is 32 bytes in URL-safe base64 with its padding.
_SECRETS = """\
random() { head -c "$1" /dev/urandom | base64 | tr -d '\\n' | tr '+/' '-_'; }
if [ ! -s .env ]; then
  (
    umask 077
    cat > .env.part <<END
<<lines>>
END
    mv .env.part .env
  )
fi
value() { sed -n "s/^$1=//p" .env | tail -n 1; }
quoted() { printf '%s' "$1" | sed 's/[\\\\&|]/\\\\&/g'; }
put() { # put MODE FILE: standard input becomes FILE, unless it was changed by hand
  mkdir -p "$(dirname -- "$2")"
  if [ -e "$2" ]; then
    cat > /dev/null
    echo "kept   $2"
  else
    # Never wider than it ends up: it may hold the password.
    (umask 077 && sed -e "s|@FOLDER@|$(quoted "$folder")|g" -e "s|@STACK_ID@|$(value <<stack_id>>)|g" \\
      -e "s|@PASSWORD@|$(quoted "$(value <<password>>)")|g" > "$2.part")
    chmod "$1" "$2.part"
    mv "$2.part" "$2"
    echo "wrote  $2"
  fi
}
"""

_WAIT = """\
echo "waiting for four heartbeats at <<url>>"
for _ in $(seq 1 600); do
  body=$(curl -fsS --max-time 5 "<<url>><<health>>" 2> /dev/null || true)
  healthy=$(printf '%s' "$body" | grep -o '"status": *"healthy"' | wc -l)
  [ "$healthy" -ge <<count>> ] && break
  sleep 0.5
done
[ "$healthy" -ge <<count>> ] || { echo "not healthy after five minutes, see: <<look>>" >&2; exit 1; }
echo "Airflow <<version>> runs at <<url>>, user admin, the password is <<password>> in $folder/.env"
"""


def export_script(request: StackRequest) -> str:
    """Text of a POSIX shell script; the folder is its first argument, the stack's by default.

    Raises:
        NotYetError: the stack is in a cluster.
    """
    if request.answers.target in KUBERNETES_TARGETS:
        raise NotYetError(
            f"export script is not there for {request.answers.target} in this version",
            why="a script that is wrong about a cluster would be worse than none",
            next="airflow-wizard write --profile P --out DIR: its README.md has the same commands, in order",
        )
    shown = {STACK_ID: "@STACK_ID@", PASSWORD: "@PASSWORD@"}
    secrets = {key: shown.get(key, "") for key in request.secrets}
    # Placeholders go where the script puts what it finds when it runs: a folder, an id and a password of its own.
    here = replace(request, folder="/@FOLDER@", secrets=secrets)
    module = target(request.answers.target)
    by_uv = isinstance(module.runtime(here), actions.Processes)
    parts = [
        _fill(
            _HEAD,
            version=request.release.version,
            target=request.answers.target,
            name=request.name,
            needs=f"uv on PATH or in $UV, Python {request.answers.text('python')}"
            if by_uv
            else "docker with Compose 2.14 or newer",
            folder=shlex.quote(request.folder),
        )
        + ("uv=${UV:-uv}\n" if by_uv else ""),
        _fill(_SECRETS, lines="\n".join(_secret_lines(request)), stack_id=STACK_ID, password=PASSWORD),
        "\n".join(_file(a) for a in module.artifacts(here) if a.path != ".env"),
        "mkdir -p dags plugins logs config\n" if not by_uv else "mkdir -p dags plugins logs\n",
        *(line for step in module.launch(here) for line in _commands(step, here)),
    ]
    endpoint = module.endpoint(request)
    parts.append(
        _fill(
            _WAIT,
            url=endpoint.url,
            health=endpoint.health_path,
            count=len(endpoint.components),
            version=request.release.version,
            password=PASSWORD,
            look="./stack status, logs/components/" if by_uv else "docker compose ps, docker compose logs",
        )
    )
    return "\n".join(parts).replace("/@FOLDER@", "@FOLDER@")


def _fill(template: str, **values: object) -> str:
    """Put values at their <<name>>; shell text is full of the braces that str.format would take."""
    for name, value in values.items():
        template = template.replace(f"<<{name}>>", str(value))
    return template


def _secret_lines(request: StackRequest) -> Iterator[str]:
    if request.answers.target is Target.COMPOSE:
        # As the wizard chooses it: files belong to the person; root lets Airflow run as the image's own user.
        yield f'{UID}=$([ "$(id -u)" = 0 ] && echo {IMAGE_USER} || id -u)'
    for key in request.secrets:
        if key.endswith("FERNET_KEY"):
            yield f"{key}=$(random 32)"
        elif key == STACK_ID:
            yield f"{key}=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')"
        elif key == IDENTITY or key.endswith(("_KEY", "_SECRET")):
            yield f"{key}=$(random 48)"
        elif key in (PASSWORD, DATABASE_PASSWORD):
            yield f"{key}=$(random 15)"
        else:
            yield f"{key}=${{{key}:?set it to the database address with its password}}"


def _file(artifact: Artifact) -> str:
    # The marker cannot stand in a file of ours, and quoting it keeps the shell from expanding anything.
    return f"put {artifact.mode:o} {shlex.quote(artifact.path)} <<'END_OF_FILE'\n{artifact.text}END_OF_FILE\n"


def _commands(step: Step, request: StackRequest) -> Iterator[str]:
    action = step.action
    if isinstance(action, actions.RunCommand):
        argv = ["uv" if word == request.tools.get("uv") else word for word in action.argv]
        line = shlex.join(argv)
        line = line.replace("uv ", '"$uv" ', 1) if argv[0] == "uv" else line
        python = request.tools.get("python", "")
        if python:
            line = line.replace(shlex.quote(python), request.answers.text("python"))
        if action.stdin_key:
            line = f'printf "%s\\n%s\\n" "$(value {action.stdin_key})" "$(value {action.stdin_key})" | setsid {line}'
        yield f"# {step.title}\n{line.replace('/@FOLDER@/', '')}\n"
    elif isinstance(action, actions.StartSupervisor):
        yield f"# {step.title}\n./stack start\n"
    elif isinstance(action, actions.BuildImage):
        yield f"# {step.title}\ndocker compose build\n"
    elif isinstance(action, actions.StartServices):
        # Compose itself runs the init service first, and pulls what is missing.
        yield f"# {step.title}\ndocker compose up --detach\n"


def script_name(request: StackRequest) -> str:
    """File name to offer for the script."""
    return f"launch-{PurePath(request.folder).name}.sh"
