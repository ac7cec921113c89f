"""The ``celery`` file against the official one of the same release, by meaning: each difference is on a list, with
its reason. One that is not listed fails, and so does a listed one that is no longer there."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from airflow_wizard.catalog.load import parse_version
from tests.artifacts.compose_stacks import CELERY, OFFICIAL, interpolated, loaded, request
from tests.artifacts.read_yaml import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RELEASES = sorted((path.stem for path in OFFICIAL.glob("*.yaml")), key=parse_version)
# What the official files read from .env, with the values their documentation gives.
OFFICIAL_ENV = {"AIRFLOW_UID": "1000", "FERNET_KEY": "hidden", "AIRFLOW_PROJ_DIR": "."}
_SECRET = re.compile(r"KEY|SECRET|PASSWORD|CONN$|RESULT_BACKEND|IDENTITY|STACK_ID|BASIC_AUTH")


class Difference(NamedTuple):
    """``-`` is in the official file only, ``+`` in ours only; ``since`` and ``until`` are minor versions, included."""

    what: str
    why: str
    since: str = "2.8"
    until: str = "3.3"

    def applies(self, version: str) -> bool:
        minor = parse_version(version)
        first, last = (parse_version(f"{text}.0") for text in (self.since, self.until))
        return (first.major, first.minor) <= (minor.major, minor.minor) <= (last.major, last.minor)


INTENDED = (
    # Services
    Difference("+ airflow-dag-processor *", "its heartbeat is proved, and a bad DAG cannot hold the scheduler up",
               until="2.11"),
    Difference("- * restart always", "a stack that was stopped stays stopped after a reboot"),
    Difference("+ * restart unless-stopped", "as above"),
    Difference("+ airflow-* restart no", "restart is shared by all; the one-shot containers are left out"),
    Difference("+ * logging json-file 10m x 3", "logs without an end fill the disk"),
    Difference("- * env_file .env", "it would hand the admin's password to every task", since="3.1"),
    Difference("+ * mount ./scripts -> /opt/airflow-wizard:ro", "first start and health checks that import nothing"),
    Difference("+ volume redis-db-volume", "without a name each new container would leave a volume behind"),
    Difference("+ redis mount redis-db-volume -> /data", "as above"),
    # airflow-init
    Difference("- airflow-init entrypoint /bin/bash", "the image's own entrypoint is enough"),
    Difference("- airflow-init command *", "one process instead of the entrypoint's repeated imports"),
    Difference("+ airflow-init command python /opt/airflow-wizard/init.py *", "as above; it fails when it failed"),
    Difference("- airflow-init mount . -> /sources", "only the folders it hands over are needed", until="2.11"),
    Difference("+ airflow-init mount ./* -> /opt/airflow/*", "the same mounts as the others", until="2.11"),
    Difference("- airflow-init env _AIRFLOW_DB_MIGRATE=*", "the entrypoint would migrate, and swallow failures"),
    Difference("- airflow-init env _AIRFLOW_WWW_USER_CREATE=*", "as above, for the login"),
    Difference("- airflow-init env _AIRFLOW_WWW_USER_USERNAME=airflow", "admin everywhere in the wizard"),
    Difference("+ airflow-init env _AIRFLOW_WWW_USER_USERNAME=admin", "as above"),
    Difference("+ airflow-init env AIRFLOW_UID=*", "whom the folders are handed to"),
    # Environment
    Difference("- * env _PIP_ADDITIONAL_REQUIREMENTS=*", "packages are built into an image of the stack"),
    Difference("- * env AIRFLOW__CORE__LOAD_EXAMPLES=true", "option examples, off by default"),
    Difference("+ * env AIRFLOW__CORE__LOAD_EXAMPLES=false", "as above"),
    Difference("+ * env AIRFLOW__CORE__PARALLELISM=*", "option parallelism"),
    Difference("+ * env AIRFLOW__CORE__DEFAULT_TIMEZONE=*", "option timezone"),
    Difference("+ * env AIRFLOW__CELERY__WORKER_CONCURRENCY=*", "sized to the engine; Airflow's 16 is not"),
    Difference("+ * env AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=false", "nothing is reported to anybody"),
    Difference("+ * env CONNECTION_CHECK_MAX_COUNT=0", "airflow-init waited; each check is an import of seconds"),
    Difference("+ * env AIRFLOW_CONFIG=*", "settings of one's own in a file, as later releases have it", until="2.11"),
    Difference("+ * env AIRFLOW__WEBSERVER__SECRET_KEY", "the same everywhere, or log pages are refused", until="2.11"),
    Difference("+ * env AIRFLOW__WEBSERVER__*=*", "options port, api_workers; the stack's name", until="2.11"),
    Difference("+ * env AIRFLOW__SCHEDULER__STANDALONE_DAG_PROCESSOR=true", "see airflow-dag-processor", until="2.11"),
    Difference("+ * env AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL=10", "a new file shows in seconds", until="2.11"),
    Difference("- * env AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK=true", "its server shares the scheduler's connection; "
               "one of the two reads the other's answer", until="2.11"),
    Difference("+ * env AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK=false", "as above", until="2.11"),
    Difference("+ * env AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL=10", "a new file shows in seconds", since="3.0"),
    Difference("+ * env AIRFLOW__API__SECRET_KEY", "the same everywhere, or log pages are refused", since="3.0"),
    Difference("+ * env AIRFLOW__API__*=*", "options port, api_workers; the stack's name", since="3.0"),
    Difference("+ * env AIRFLOW__API_AUTH__JWT_SECRET", "random for each process in 3.0, so tasks are refused",
               since="3.0", until="3.0"),
    Difference("+ * env AIRFLOW__API_AUTH__JWT_ISSUER=airflow", "as later releases have it", since="3.0", until="3.0"),
    Difference("+ airflow-* env AIRFLOW_WIZARD_*", "lets the web server prove that it is this stack's"),
    Difference("+ flower env FLOWER_BASIC_AUTH", "Flower can stop workers; officially it asks nobody"),
    # Ports, start order
    Difference("- * port 0.0.0.0:*", "officially open to every network this machine is in"),
    Difference("+ * port 127.0.0.1:*", "this machine only, until option bind says otherwise"),
    Difference("- airflow-worker waits airflow-apiserver service_healthy", "both start at once; tasks try again",
               since="3.0"),
    # Images
    Difference("- redis image redis:latest", "7.2 is the last one under a free licence", until="2.8"),
    Difference("+ redis image redis:7.2-bookworm", "as above", until="2.8"),
)  # fmt: skip
NEVER = [d for d in INTENDED if not any(d.applies(version) for version in RELEASES)]


def statements(document: dict[str, Any]) -> set[str]:
    """What a Compose file says, one fact a line."""
    volumes = {f"volume {name}" for name in document.get("volumes", {})}
    return volumes | {f"{name} {said}" for name, body in document["services"].items() for said in _service(body)}


def _service(body: dict[str, Any]) -> Iterator[str]:
    for key, value in body.items():
        yield from _READERS[key](value) if key in _READERS else [f"{key} {value}"]


def _command(words: str | list[str]) -> list[str]:
    return [f"command {words if isinstance(words, str) else ' '.join(words)}"]


def _environment(values: dict[str, Any]) -> list[str]:
    return [f"env {name}" if _SECRET.search(name) else f"env {name}={value}" for name, value in values.items()]


def _logging(value: dict[str, Any]) -> list[str]:
    return [f"logging {value['driver']} {value['options']['max-size']} x {value['options']['max-file']}"]


def _items(key: str, items: list[Any]) -> list[str]:
    return [f"{key} {item}" for item in items]


_READERS: dict[str, Callable[[Any], list[str]]] = {
    "command": _command,
    "environment": _environment,
    "logging": _logging,
    "healthcheck": lambda _: ["healthcheck"],
    "volumes": lambda mounts: [f"mount {m.replace(':', ' -> ', 1)}" for m in mounts],
    "ports": lambda ports: [f"port {p if p.count(':') > 1 else f'0.0.0.0:{p}'}" for p in ports],
    "depends_on": lambda waits: [f"waits {name} {how['condition']}" for name, how in waits.items()],
    **{key: partial(_items, key) for key in ("profiles", "env_file", "expose")},
}


@cache
def differences(version: str) -> frozenset[str]:
    text = (OFFICIAL / f"{version}.yaml").read_text()
    official = statements(interpolated(read(text), OFFICIAL_ENV))
    ours = statements(loaded(request(version, executor=CELERY)))
    assert len(official) > 100
    return frozenset({f"- {said}" for said in official - ours} | {f"+ {said}" for said in ours - official})


@pytest.mark.parametrize("version", RELEASES)
def test_every_difference_is_intended(version: str) -> None:
    listed = [d for d in INTENDED if d.applies(version)]
    surprises = [said for said in differences(version) if not any(fnmatchcase(said, d.what) for d in listed)]
    assert sorted(surprises) == []


@pytest.mark.parametrize("version", RELEASES)
def test_every_listed_difference_is_still_there(version: str) -> None:
    found = differences(version)
    gone = [d.what for d in INTENDED if d.applies(version) and not any(fnmatchcase(said, d.what) for said in found)]
    assert gone == []


def test_the_list_names_releases_that_are_compared() -> None:
    assert [d.what for d in NEVER] == []
    assert all(d.why for d in INTENDED)
    assert {parse_version(version).minor for version in RELEASES if version.startswith("2.")} == {8, 9, 10, 11}
    assert {parse_version(version).minor for version in RELEASES if version.startswith("3.")} == {0, 1, 2, 3}
