"""What is usable but worth knowing before it is done: warnings about answers, as findings. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.catalog.load import release
from airflow_wizard.errors import InvalidError
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.options.model import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airflow_wizard.finding import Answer

# Published ports are handled before the rules of ufw and firewalld.
DOCKER_TARGETS = frozenset({Target.COMPOSE, Target.KIND})


def advise(target: Target, answers: Mapping[str, Answer]) -> tuple[Finding, ...]:
    """Findings of level warn or info about answers that were accepted, in the order of the form."""
    return (*_version(answers), *_port(answers), *_bind(target, answers))


def _version(answers: Mapping[str, Answer]) -> Iterator[Finding]:
    try:
        asked = release(str(answers.get("airflow_version", "")))
    except InvalidError:
        return
    if asked.note:
        yield Finding(
            id="airflow.end_of_life",
            level=Level.WARN,
            title="Airflow version",
            found=str(asked.version),
            needed="a release that is still maintained",
            why=asked.note,
        )
    if not asked.tested:
        yield Finding(
            id="airflow.untested",
            level=Level.INFO,
            title="Airflow version",
            found=f"{asked.version}, which our tests did not launch",
            why=f"It is treated like every {asked.minor}; the launch proves whether it works.",
        )


def _port(answers: Mapping[str, Answer]) -> Iterator[Finding]:
    port = answers.get("port")
    if isinstance(port, int) and port < 1024:
        yield Finding(
            id="port.privileged",
            level=Level.WARN,
            title=f"Port {port}",
            found="below 1024",
            needed="1024 or above, or special rights",
            why="Most systems let only the administrator listen there.",
            fixes=(Fix("Take port 8080", answers=(("port", 8080),)),),
        )


def _bind(target: Target, answers: Mapping[str, Answer]) -> Iterator[Finding]:
    import ipaddress

    try:
        address = ipaddress.ip_address(str(answers.get("bind", "127.0.0.1")))
    except ValueError:
        return
    if not address.is_loopback:
        where = "every network this machine is in" if address.is_unspecified else f"the network of {address}"
        docker = " Docker opens the port past most firewalls." if target in DOCKER_TARGETS else ""
        yield Finding(
            id="bind.wide",
            level=Level.WARN,
            title="Reachable from",
            found=where,
            needed="127.0.0.1, unless others must reach it",
            why=f"Logins and data cross the network without encryption.{docker}",
            fixes=(Fix("Listen on this machine only", answers=(("bind", "127.0.0.1"),)),),
        )
