"""What Compose and the engine say when they refuse, told apart: why, and what to do. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.run.last_words import last_words
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPOSE_FILE = "docker-compose.yaml"
_ANOTHER_PORT = "choose another port with --set port=NUMBER"
_AGAIN = "then the same command"
_START_OVER = "start over without its data: airflow-wizard reset STACK --confirm STACK"
# " Container demo-postgres-1  Created" and the like tell how far it came, not what went wrong.
_PROGRESS = re.compile(
    r"^\s*(?:(?:Container|Network|Volume|Image) \S+|[\w.-]+)\s+"
    r"(?:Creating|Created|Starting|Started|Recreate\w*|Running|Waiting|Healthy|Exited|Pulling|Pulled|Stopp\w+|Remov\w+)"
    r"(?:\s+\d.*)?\s*$"
)
NETWORK_GONE = re.compile(r"network \S+ not found|network was not found", re.IGNORECASE)
# Patterns of Compose 2.14 to 5.5 and of the engines 20.10 to 29; the first that is found counts.
_REASONS: tuple[tuple[str, str, str], ...] = (
    (
        "no space left on device",
        "the disk is full",
        f"make room: df -h, docker system df, docker system prune; {_AGAIN}",
    ),
    (
        "port is already allocated|ports are not available|address already in use",
        "something else has that port",
        f"see who: airflow-wizard check --target compose --set port=NUMBER; or {_ANOTHER_PORT}",
    ),
    (
        r"is already in use by container",
        "the engine knows each name only once",
        f"rename or remove that one: docker rename OLD NEW, or docker rm OLD; {_AGAIN}",
    ),
    (
        'password authentication failed|role "[^"]*" does not exist|database "[^"]*" does not exist',
        "the database was made with another password than .env has now",
        f"put the former .env back (.airflow-wizard/backup may have it); or {_START_OVER}",
    ),
    (
        "Can't locate revision identified by",
        "the database was used by a newer Airflow than this image's",
        f"launch the newer version again: --set airflow_version=VERSION; or {_START_OVER}",
    ),
    (
        r"is missing in \.env|required variable .* is missing a value",
        "a key of the stack was taken out of .env",
        f"put it back into .env; or {_START_OVER}",
    ),
    (
        r"failed to read \S*\.env|\.env: line \d+",
        ".env cannot be read as NAME=VALUE lines",
        f"correct the line that is named; {_AGAIN}",
    ),
    (
        "no configuration file provided",
        f"{COMPOSE_FILE} is gone",
        "write it again: airflow-wizard up --name STACK",
    ),
    (
        "all predefined address pools have been fully subnetted|could not find an available.* address pool",
        "the engine has no address range left for another network",
        f"remove networks that nothing uses: docker network ls, docker network prune; {_AGAIN}",
    ),
    (
        NETWORK_GONE.pattern,
        "the project's network was removed by hand",
        f"docker compose down, {_AGAIN}",
    ),
    (
        "mounts denied|bind source path does not exist|not shared from the host",
        "the engine does not see the stack's folder",
        f"keep the stack below your home folder, or share its folder in Docker Desktop; {_AGAIN}",
    ),
    (
        "exec format error|no matching manifest for|does not match the detected host platform",
        "the image is made for another processor",
        "choose an image for this one: --set image=NAME:TAG",
    ),
    (
        "toomanyrequests|rate limit",
        "the registry limits how much is pulled without a login",
        f"docker login, {_AGAIN}",
    ),
    (
        "manifest unknown|manifest for .* not found|not found: manifest|failed to resolve reference",
        "the registry has no such image or tag",
        "look at the name and the tag: --set image=NAME:TAG",
    ),
    (
        "pull access denied|repository does not exist|unauthorized|requested access to the resource is denied",
        "the registry has no such image, or wants a login for it",
        "look at the name; or docker login, then the same command",
    ),
    (
        "x509|certificate",
        "the registry's certificate is not trusted by the engine",
        "give the engine your company's certificate: /etc/docker/certs.d/HOST/ca.crt, then restart it",
    ),
    (
        "no such host|dial tcp|TLS handshake timeout|i/o timeout|Client.Timeout|server misbehaving|proxyconnect",
        "the engine cannot reach the registry: it is offline, or needs a proxy of its own",
        f"bring the image another way: docker load --input FILE; {_AGAIN}",
    ),
    (
        "cannot connect to the docker daemon|error during connect|is the docker daemon running",
        "the engine does not run",
        f"start it: sudo systemctl start docker; {_AGAIN}",
    ),
    (
        "permission denied while trying to connect",
        "this user may not talk to the engine",
        "sudo usermod -aG docker $USER, then log in again",
    ),
    (
        r"is not a docker command|unknown command: docker compose|unknown (?:shorthand )?flag",
        "Docker Compose is not installed as a plugin of docker",
        "see what is here: airflow-wizard check --target compose",
    ),
    (
        r"yaml: |docker-compose\.yaml|services\.[\w.-]+|depends on undefined service|undefined (?:network|volume)",
        f"{COMPOSE_FILE} is not valid any more",
        f"correct it; or take the wizard's own again: mv {COMPOSE_FILE} mine.yaml, {_AGAIN}",
    ),
)


def reason(text: str, stack: str = "NAME") -> tuple[str, str] | None:
    """(why, what to do) of a refusal, for the stack of this name; None for one that is not known."""
    for pattern, why, following in _REASONS:
        if re.search(pattern, text, re.IGNORECASE):
            return why, following.replace("STACK", stack)
    return None


def telling(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines that say what went wrong, without the walk through containers that were made on the way."""
    given = list(lines)
    rest = [line for line in given if not _PROGRESS.match(line)]
    return last_words(rest or given, most=6)


def yaml_error(text: str) -> tuple[int, str] | None:
    """Where a file stops being YAML: (1-based line, what is wrong there); None when it is YAML.

    Compose's own parser names a line near by, and the parent of what was left open not at all.
    """
    import yaml

    try:
        # The nodes alone: tags that only Compose knows (!reset, !override) are no mistake.
        for _ in yaml.compose_all(text, Loader=yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        mark, begun = error.problem_mark or error.context_mark, error.context_mark
        line = mark.line + 1 if mark else 1
        begins = f", {error.context} that begins in line {begun.line + 1}" if error.context and begun else ""
        return line, one_line(f"{error.problem or 'not YAML'}{begins}", limit=200)
    except yaml.YAMLError as error:
        return 1, one_line(error, limit=200)
    return None
