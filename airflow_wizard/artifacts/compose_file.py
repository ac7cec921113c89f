"""docker-compose.yaml of a stack: the values of `compose_services` as a text that explains itself."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.compose_health import SCRIPTS
from airflow_wizard.artifacts.compose_services import (
    COMMON,
    COMMON_ENV,
    INSIDE,
    LIMITS,
    LOGGING,
    OWNER_LABEL,
    QUEUE,
    VOLUME,
    dags_source,
    has_nofile_trap,
    install_command,
    mount,
    services,
)
from airflow_wizard.artifacts.compose_settings import is_celery, is_external, needed, variables
from airflow_wizard.artifacts.standalone import STACK_ID
from airflow_wizard.artifacts.yaml_text import Alias, Anchor, Node, Why, escaped, render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.artifacts.compose_settings import Variable
    from airflow_wizard.artifacts.model import StackRequest

_HEAD = """\
# Apache Airflow {version} with {executor}, for Docker Compose 2.14 and newer: docker compose up -d
# Passwords and keys stand in .env, not here. What you change is kept when airflow-wizard writes this file again.
"""


def project(request: StackRequest) -> str:
    """Name of the Compose project: containers, network and volume of one stack, and of no other."""
    return request.name if request.name.startswith("airflow") else f"airflow-{request.name}"


def volume_name(request: StackRequest) -> str:
    """Full name of the database's volume."""
    return f"{project(request)}_{VOLUME}"


def docker_compose(request: StackRequest) -> str:
    """The text of the file."""
    document: dict[str, Node] = {
        "name": Why(project(request), "keeps this stack's containers and volume apart from those of others"),
        "x-logging": Why(
            Anchor(LOGGING, {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}}),
            "30 MB for each container; Docker's own default has no end",
        ),
    }
    if has_nofile_trap(request):
        document["x-limits"] = Why(
            Anchor(LIMITS, {"nofile": {"soft": 65536, "hard": 524288}}),
            "this engine hands down a limit so high that daemons walk through it for minutes and gigabytes",
        )
    document["x-airflow-common"] = Anchor(COMMON, _common(request))
    document["services"] = services(request)
    volumes = _volumes(request)
    if volumes:
        document["volumes"] = volumes
    head = _HEAD.format(version=request.release.version, executor=request.answers.text("executor"))
    return f"{head}\n{render(document)}"


def _volumes(request: StackRequest) -> dict[str, Node]:
    found: dict[str, Node] = {}
    if not is_external(request):
        label = Why({OWNER_LABEL: needed(STACK_ID)}, "whose it is: the keys in another .env do not fit its data")
        found[VOLUME] = {"labels": label}
    if is_celery(request):
        found[QUEUE] = {}
    return found


def image(request: StackRequest) -> str:
    """The image that runs; one of the stack's own when packages are built into it."""
    chosen = request.answers.text("image")
    if not install_command(request):
        return chosen
    # Another tag for other packages: Compose builds what is missing, and never looks whether it is current.
    parts = (chosen, install_command(request), *request.inputs.values())
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    return f"{project(request)}:{request.release.version}-{digest}"


def dockerfile(request: StackRequest) -> str:
    """How that image is built."""
    lines = [f"FROM {request.answers.text('image')}"]
    requirements = PurePosixPath(request.answers.text("requirements"))
    if request.answers.text("requirements"):
        source = requirements.name if requirements.is_absolute() else str(requirements)
        lines.append(f'COPY ["{source}", "/tmp/requirements.txt"]')
    lines += [
        "# Airflow's own release is named again, so that no package can replace it.",
        f'RUN pip install --no-cache-dir "apache-airflow=={request.release.version}" {install_command(request)}',
    ]
    return "\n".join(lines) + "\n"


def _common(request: StackRequest) -> Node:
    common: dict[str, Node] = {
        "image": Why(
            f"${{AIRFLOW_IMAGE_NAME:-{image(request)}}}", "AIRFLOW_IMAGE_NAME in .env takes another one for a try"
        )
    }
    if install_command(request):
        common["build"] = Why(_build(request), "your packages, once in the image instead of at every start")
    common["environment"] = Anchor(COMMON_ENV, _environment(variables(request)))
    common["volumes"] = _mounts(request)
    common["user"] = Why("${AIRFLOW_UID:-50000}:0", "files it writes belong to you; group 0 is what the image wants")
    if request.answers.flag("host_access"):
        common["extra_hosts"] = Why(["host.docker.internal:host-gateway"], "services on this machine")
    common["restart"] = Why("unless-stopped", "back after a crash or a reboot, not after docker compose stop")
    common["logging"] = Alias(LOGGING)
    if has_nofile_trap(request):
        common["ulimits"] = Alias(LIMITS)
    return common


def _build(request: StackRequest) -> Node:
    requirements = PurePosixPath(request.answers.text("requirements"))
    if requirements.is_absolute():
        # Only the file's folder can be copied from; the Dockerfile itself may lie elsewhere.
        return {"context": escaped(str(requirements.parent)), "dockerfile": escaped(f"{request.folder}/Dockerfile")}
    return {"context": "."}


def _environment(found: Iterable[Variable]) -> dict[str, Node]:
    return {name: Why(value, why) if why else value for name, value, why in found}


def _mounts(request: StackRequest) -> Node:
    inside = [mount(request, f"./{name}", f"{INSIDE}/{name}") for name in ("logs", "config", "plugins")]
    return [
        mount(request, dags_source(request), f"{INSIDE}/dags"),
        *inside,
        Why(mount(request, "./scripts", SCRIPTS, "ro"), "first start and health checks"),
    ]
