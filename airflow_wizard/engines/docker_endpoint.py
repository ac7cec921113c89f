"""Which Docker engine the `docker` command would talk to, and whether its door opens."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
DEFAULT_HOST = "unix:///var/run/docker.sock"


@dataclass(frozen=True, slots=True)
class DockerEndpoint:
    """Where the engine is.

    Attributes:
        host: address as ``DOCKER_HOST`` would have it.
        context: name of the docker context in effect; empty when ``DOCKER_HOST`` decides.
        configured: the context that would be in effect without ``DOCKER_HOST``.
        problem: why the address could not be found out; empty when it could.
    """

    host: str
    context: str
    configured: str
    problem: str = ""


def endpoint(environ: Mapping[str, str], home: Path) -> DockerEndpoint:
    """``DOCKER_HOST`` > ``DOCKER_CONTEXT`` > ``currentContext`` > default, as docker/cli's cli.go has it."""
    folder = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    configured = environ.get("DOCKER_CONTEXT") or _current(folder) or "default"
    if environ.get("DOCKER_HOST"):
        return DockerEndpoint(environ["DOCKER_HOST"], "", configured)
    if configured == "default":
        return DockerEndpoint(DEFAULT_HOST, "default", "default")
    import hashlib

    # A context's folder is the SHA-256 of its name (docker/cli context/store).
    meta = folder / "contexts" / "meta" / hashlib.sha256(configured.encode()).hexdigest() / "meta.json"
    try:
        host = json.loads(meta.read_text())["Endpoints"]["docker"]["Host"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return DockerEndpoint("", configured, configured, f"context {configured}: {type(error).__name__}")
    return DockerEndpoint(str(host), configured, configured)


def _current(folder: Path) -> str:
    try:
        value = json.loads((folder / "config.json").read_text()).get("currentContext", "")
    except (OSError, ValueError, AttributeError):
        return ""
    return value if isinstance(value, str) else ""


def knock(host: str, timeout: float) -> str:
    """Open the engine's door without saying anything: empty when it opens, else why not.

    The kind of refusal is lost when the SDK wraps it, and the SDK takes 150 ms to import for nothing.
    Other addresses than ``unix`` and ``tcp`` are left to the SDK and always give an empty string.

    Returns:
        ``permission``, ``not_running``, ``timeout`` or nothing.
    """
    if host.startswith("tcp://"):
        return _knock_at(host, timeout)
    if not host.startswith("unix://") or not hasattr(socket, "AF_UNIX"):
        return ""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.settimeout(timeout)
            door.connect(host.removeprefix("unix://"))
    except PermissionError:
        return "permission"
    except TimeoutError:
        return "timeout"
    except OSError:
        return "not_running"
    return ""


def _knock_at(host: str, timeout: float) -> str:
    where = urlsplit(host)
    # Through a proxy the door is not ours to knock at.
    if where.hostname is None or where.port is None or any(name in os.environ for name in _PROXIES):
        return ""
    try:
        socket.create_connection((where.hostname, where.port), timeout).close()
    except TimeoutError:
        return "timeout"
    except OSError:
        return "not_running"
    return ""


def home() -> Path:
    """The user's home; the root folder when there is none."""
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises in a container without a passwd entry
