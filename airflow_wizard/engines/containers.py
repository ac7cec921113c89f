"""Containers, volumes and images of one Compose project, asked of the engine that the ``docker`` command talks to."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tarfile
from typing import TYPE_CHECKING, Any, Self

from airflow_wizard.engines.container_facts import (
    PROJECT,
    TELLING,
    container_of,
    glance_of,
    happening_of,
    sample_of,
    unix_time,
)
from airflow_wizard.engines.docker_endpoint import endpoint, home, knock
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from docker import APIClient
    from docker.types import CancellableStream

    from airflow_wizard.engines.container_facts import Container, Happening, Sample

_REFUSALS = {
    "permission": ("this user may not talk to it", "sudo usermod -aG docker $USER, then log in again"),
    "not_running": ("nothing answers there", "sudo systemctl start docker, then the same command"),
    "timeout": ("it does not answer in time", "see what it says: docker info"),
}


class Engine:
    """A conversation with the engine; for one thread at a time (docker-py's clients are not thread-safe).

    Args:
        timeout: seconds for each answer.
        version: of its API, as another conversation was told; None asks.

    Raises:
        EngineUnreachableError: it does not answer, from every method.
    """

    def __init__(self, *, timeout: float = 30.0, version: str | None = None) -> None:
        self._client = _connect(timeout, version)
        self._stream: CancellableStream[dict[str, Any]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it; an iterator of events that another thread waits for ends as well."""
        if self._stream is not None:
            hang_up(self._stream)
        self._client.close()

    @property
    def api(self) -> APIClient:
        """docker-py's own client, for the modules of this package."""
        return self._client

    @property
    def version(self) -> str:
        """Of its API, as far as both sides know it."""
        return self._client.api_version

    def project(self, name: str) -> tuple[Container, ...]:
        """Every container of a project, running or not, in a stable order."""
        return self._found({"label": f"{PROJECT}={name}"})

    def glance(self, name: str) -> dict[str, tuple[str, str]]:
        """(state, health) of every container of a project by id, in one question; the same twice may hide a restart."""
        with said():
            found = self._client.containers(all=True, filters={"label": f"{PROJECT}={name}"})
        return dict(glance_of(entry) for entry in found)

    def inspect(self, ids: Iterable[str]) -> tuple[Container, ...]:
        """Containers by id; without those that are gone."""
        from docker.errors import NotFound

        found = []
        with said():
            for id_ in ids:
                with contextlib.suppress(NotFound):
                    found.append(container_of(self._client.inspect_container(id_)))
        return tuple(found)

    def publishing(self, port: int) -> tuple[Container, ...]:
        """Running containers of anybody that publish a port."""
        return tuple(c for c in self._found({"publish": str(port)}) if c.running)

    def named(self, names: Iterable[str]) -> tuple[Container, ...]:
        """Containers of anybody that have one of these names."""
        wanted = set(names)
        found = self._found({"name": "|".join(f"^/{re.escape(name)}$" for name in sorted(wanted))}) if wanted else ()
        return tuple(c for c in found if c.name in wanted)

    def volumes(self, project: str) -> tuple[str, ...]:
        """Names of a project's volumes."""
        with said():
            found = self._client.volumes(filters={"label": f"{PROJECT}={project}"}).get("Volumes") or []
        return tuple(sorted(str(v["Name"]) for v in found))

    def volume_labels(self, name: str) -> Mapping[str, str] | None:
        """Labels of a volume; None when there is no such volume."""
        from docker.errors import NotFound

        with said():
            try:
                return dict(self._client.inspect_volume(name).get("Labels") or {})
            except NotFound:
                return None

    def file_in_volume(self, name: str, path: str, image: str) -> str:
        """A small text file of a volume, read through a container that is made of ``image`` and never started.

        Returns:
            Its text; empty when there is no such file.
        """
        from docker.errors import NotFound

        with said():
            config = self._client.create_host_config(binds=[f"{name}:/look:ro"])
            made = self._client.create_container(image, command=["true"], host_config=config, network_disabled=True)
            try:
                chunks, _ = self._client.get_archive(made["Id"], f"/look/{path}")
                archive = io.BytesIO(b"".join(chunks))
            except NotFound:
                return ""
            finally:
                # With the volume that the image asks for: of a database's it would stay behind each time.
                self._client.remove_container(made["Id"], v=True)
        with tarfile.open(fileobj=archive) as tar:
            member = tar.extractfile(tar.getmembers()[0])
            return member.read(4096).decode(errors="replace") if member is not None else ""

    def volume_sizes(self) -> Mapping[str, int]:
        """Bytes of every volume, measured by the engine (``docker system df``), which may take seconds."""
        with said():
            found = self._client.df().get("Volumes") or []
        sizes = {str(v["Name"]): int((v.get("UsageData") or {}).get("Size", -1)) for v in found}
        return {name: size for name, size in sizes.items() if size >= 0}

    def written(self, project: str) -> Mapping[str, int]:
        """Bytes that each container of a project wrote into its own layer, by id."""
        with said():
            found = self._client.containers(all=True, size=True, filters={"label": f"{PROJECT}={project}"})
        return {str(c["Id"]): int(c.get("SizeRw") or 0) for c in found}

    def image_size(self, name: str) -> int | None:
        """Bytes an image takes; None when it is not there."""
        from docker.errors import NotFound

        with said():
            try:
                return int(self._client.inspect_image(name).get("Size", 0))  # type: ignore[no-untyped-call]
            except NotFound:
                return None

    def log_tail(self, container: str, lines: int, *, since: float | None = None) -> list[str]:
        """The last lines a container wrote; [] when it is gone."""
        from docker.errors import APIError

        with said():
            try:
                raw = self._client.logs(container, tail=lines, since=int(since) if since else None)
            except APIError:
                return []
        text: str = raw.decode(errors="replace")
        return text.splitlines()

    def log_since(self, container: str, since: float | str) -> list[tuple[str, str]]:
        """Lines from a moment on, each with the engine's own stamp (RFC 3339, sorts as text); [] when it is gone.

        Args:
            container: its id.
            since: unix seconds, or a stamp of an earlier line, which then comes again.
        """
        from docker.errors import APIError

        moment = since if isinstance(since, float) else (unix_time(since) or 0.0)
        with said():
            try:
                raw = self._client.logs(container, since=moment, timestamps=True)
            except APIError:
                return []
        text: str = raw.decode(errors="replace")
        lines = (line.partition(" ") for line in text.splitlines())
        return [(stamp, words) for stamp, _, words in lines]

    def sample(self, container: str) -> Sample | None:
        """What it takes right now; None when it does not run."""
        from docker.errors import APIError

        with said():
            try:
                stats = self._client.stats(container, stream=False, one_shot=True)
            except APIError:
                return None
        return sample_of(stats)

    def events(self, project: str, *, since: float | None = None, until: float | None = None) -> Iterator[Happening]:
        """What happens to a project's containers, as it happens; ends at ``until``, or when the engine or `close` does.

        The engine is asked at once, before the first event is awaited.
        """
        kinds = {"type": "container", "label": f"{PROJECT}={project}", "event": list(TELLING)}
        # With parts of a second, which docker-py passes on although it does not say so.
        span: dict[str, Any] = {
            name: None if at is None else f"{at:.6f}" for name, at in (("since", since), ("until", until))
        }
        with said():
            stream = self._client.events(**span, filters=kinds, decode=True)
        self._stream = stream
        return self._happenings(stream)

    @staticmethod
    def _happenings(stream: Iterable[Mapping[str, object]]) -> Iterator[Happening]:
        with said():
            for event in stream:
                happening = happening_of(event)
                if happening is not None:
                    yield happening

    def remove(self, container: str) -> None:
        """Remove a container that does not run; nothing happens when it is gone."""
        from docker.errors import NotFound

        with said(), contextlib.suppress(NotFound):
            self._client.remove_container(container)

    def remove_volume(self, name: str) -> None:
        """Remove a volume; nothing happens when it is gone."""
        from docker.errors import NotFound

        with said(), contextlib.suppress(NotFound):
            self._client.remove_volume(name)

    def remove_image(self, name: str) -> bool:
        """Take an image's name away, and its layers when nothing else needs them; False when it is not removed."""
        from docker.errors import APIError

        with said():
            try:
                self._client.remove_image(name)
            except APIError:
                return False
        return True

    def _found(self, filters: Mapping[str, str]) -> tuple[Container, ...]:
        with said():
            entries = self._client.containers(all=True, filters=dict(filters))
        # One that goes away between the two questions is not there.
        found = self.inspect(entry["Id"] for entry in entries)
        return tuple(sorted(found, key=lambda c: (c.service, c.number, c.name)))


@contextlib.contextmanager
def said() -> Iterator[None]:
    """What docker-py raises, in our words.

    Raises:
        EngineUnreachableError: instead of everything that docker-py and requests raise.
    """
    from docker.errors import DockerException
    from requests import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (DockerException, RequestException, HTTPError) as error:
        away = _away(error)
        raise EngineUnreachableError(
            f"the Docker engine is away: {away}"
            if away
            else f"the Docker engine refused: {one_line(error, limit=300)}",
            why="what runs cannot be seen without it",
            next="docker info, then the same command",
        ) from error


def _away(error: BaseException) -> str:
    """Why there was no answer; empty when there was one, and it was a refusal."""
    from docker.errors import APIError
    from requests.exceptions import ConnectionError as NoConnectionError
    from requests.exceptions import Timeout
    from urllib3.exceptions import HTTPError, ProtocolError
    from urllib3.exceptions import TimeoutError as LateError

    if isinstance(error, APIError):
        return ""
    chain = list(_causes(error))
    if any(isinstance(one, PermissionError) for one in chain):
        return _REFUSALS["permission"][0]
    if any(isinstance(one, FileNotFoundError | ConnectionRefusedError) for one in chain):
        return _REFUSALS["not_running"][0]
    if any(isinstance(one, Timeout | LateError | TimeoutError) for one in chain):
        return _REFUSALS["timeout"][0]
    lost = any(isinstance(one, NoConnectionError | ProtocolError | HTTPError | ConnectionError) for one in chain)
    return "the connection was lost" if lost else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and whatever it was made of."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [c for c in (one.__cause__, one.__context__, *one.args) if isinstance(c, BaseException)]


def hang_up(stream: CancellableStream[Any]) -> None:
    """End an answer that goes on and on, from any thread; the thread that reads it finds its end."""
    from docker.errors import DockerException

    # Over SSH there is no socket of ours.
    with contextlib.suppress(DockerException):
        try:
            stream.close()
        except (OSError, AttributeError):
            # It ended by itself meanwhile, and its reader has found that out; docker-py leaves the socket open then.
            vars(stream)["_response"].close()


def _connect(timeout: float, version: str | None) -> APIClient:
    where = endpoint(os.environ, home())
    problem = "context" if where.problem else knock(where.host, min(timeout, 5.0))
    if problem:
        reason, following = _REFUSALS.get(problem, (where.problem, "docker context ls"))
        raise EngineUnreachableError(
            f"the Docker engine at {one_line(where.host or where.context)} cannot be reached: {reason}",
            why="containers are started and watched by it",
            next=following,
        )
    from docker import from_env

    with said():
        # The address is the one the docker command uses; from_env also reads where TLS keys lie.
        environment = {**os.environ, "DOCKER_HOST": where.host}
        return from_env(version=version, timeout=round(timeout), environment=environment).api
