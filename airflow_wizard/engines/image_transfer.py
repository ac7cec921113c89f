"""Images from this machine's engine into the nodes of a kind cluster: one stream out, copied to every node at once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from typing import IO, TYPE_CHECKING, cast

from airflow_wizard.errors import InterruptedByUserError, StepFailedError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

_CTR = ("ctr", "--namespace", "k8s.io", "images")
# Which image of the engine was copied, and which of the node's it became: another one of the same name is seen.
_LABEL = "airflow-wizard.image"
_CHUNK = 1 << 20


def reference(image: str) -> str:
    """An image's full name, as containerd has it."""
    head, slash, _ = image.partition("/")
    if not {":", "@"} & set(image.rpartition("/")[2]):
        image += ":latest"
    if not slash:
        return f"docker.io/library/{image}"
    return image if "." in head or ":" in head or head == "localhost" else f"docker.io/{image}"


def held_by(node: str) -> dict[str, str]:
    """Ids of the engine's images that a node was given, by full name; {} where the node cannot be asked."""
    said = _docker("exec", node, *_CTR, "ls")
    found: dict[str, str] = {}
    for line in said.splitlines()[1:]:
        columns = line.split()
        label = next((c for c in columns[-1].split(",") if c.startswith(f"{_LABEL}=")), "") if columns else ""
        identity, _, digest = label.partition("=")[2].partition("@")
        if identity and len(columns) > 2 and digest == columns[2]:
            found[columns[0]] = identity
    return found


def image_ids(images: Sequence[str]) -> dict[str, tuple[str, int]]:
    """(id, bytes) of the engine's images by name; those it does not have are left out."""
    found = {}
    for image in images:
        with contextlib.suppress(ValueError, IndexError, KeyError, TypeError):
            seen = json.loads(_docker("image", "inspect", image))[0]
            found[image] = (str(seen["Id"]), int(seen["Size"]))
    return found


def save_command(images: Sequence[str]) -> tuple[str, ...]:
    """What writes the images to its standard output."""
    return ("docker", "save", *images)


def import_command(node: str) -> tuple[str, ...]:
    """What reads them from its standard input, in a node."""
    return ("docker", "exec", "--interactive", node, *_CTR, "import", "--digests", "-")


def transfer(
    images: Sequence[str],
    nodes: Sequence[str],
    *,
    on_bytes: Callable[[int], None],
    cancel: threading.Event,
) -> None:
    """Copy images into nodes.

    Args:
        images: names that the engine knows.
        nodes: names of the nodes' containers.
        on_bytes: told how many bytes were copied so far, about every megabyte.
        cancel: set to end it; what was copied by then stays and is copied again the next time.

    Raises:
        StepFailedError: the engine or a node refused.
        InterruptedByUserError: ``cancel`` was set.
    """
    with contextlib.ExitStack() as stack:
        errors = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(len(nodes) + 1)]
        source = _start(save_command(images), stdout=subprocess.PIPE, stderr=errors[0])
        sinks = [
            _start(import_command(node), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=error)
            for node, error in zip(nodes, errors[1:], strict=True)
        ]
        for child in (source, *sinks):
            stack.callback(_end, child)
        whole = _pump(source, sinks, on_bytes, cancel)
        commands = (save_command(images), *(import_command(n) for n in nodes))
        ends = list(zip(commands, (source, *sinks), errors, strict=True))
        # Who broke the stream off is the one that says why: the other ends only hear of it.
        for command, child, error in ends if whole else (*ends[1:], ends[0]):
            _wait(child, cancel)
            if child.returncode != 0:
                raise _refused(command, child.returncode, error)
    ids = image_ids(images)
    for node in nodes:
        _mark(node, ids)


def _pump(
    source: subprocess.Popen[bytes],
    sinks: Sequence[subprocess.Popen[bytes]],
    on_bytes: Callable[[int], None],
    cancel: threading.Event,
) -> bool:
    """Copy until the end; False when a sink took no more."""
    done, whole = 0, False
    pipe, inputs = cast("IO[bytes]", source.stdout), [cast("IO[bytes]", sink.stdin) for sink in sinks]
    with contextlib.suppress(BrokenPipeError):  # a node gave up; its exit code says so
        while chunk := pipe.read(_CHUNK):
            if cancel.is_set():
                break
            for one in inputs:
                one.write(chunk)
            done += len(chunk)
            on_bytes(done)
        whole = True
    for one in inputs:
        with contextlib.suppress(OSError):
            one.close()
    pipe.close()
    return whole


def _mark(node: str, ids: dict[str, tuple[str, int]]) -> None:
    """Note in the node what each image was copied from."""
    there = {
        columns[0]: columns[2]
        for line in _docker("exec", node, *_CTR, "ls").splitlines()[1:]
        if len(columns := line.split()) > 2
    }
    for image, (identity, _) in ids.items():
        name = reference(image)
        if name in there:
            _docker("exec", node, *_CTR, "label", name, f"{_LABEL}={identity}@{there[name]}")


def _start(argv: Sequence[str], **pipes: object) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(argv, start_new_session=True, **pipes)  # type: ignore[call-overload,no-any-return]
    except OSError as error:
        raise StepFailedError(f"{argv[0]} cannot be started: {error.strerror or error}") from error


def _wait(child: subprocess.Popen[bytes], cancel: threading.Event) -> None:
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=0.1)
            return
        if cancel.is_set():
            raise InterruptedByUserError("interrupted", next="run the same command again; it continues where it was")


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5.0)


def _refused(command: Sequence[str], code: int, error: IO[bytes]) -> StepFailedError:
    error.seek(0)
    said = error.read(65536).decode("utf-8", "replace").splitlines()
    return StepFailedError(
        f"`{' '.join(command[:5])} …` ended with exit {code}",
        evidence=tuple(one_line(line, limit=300) for line in said[-6:]),
        why="the nodes cannot start pods from images they do not have",
        next="see that the engine has room (docker system df); then the same command continues here",
    )


def _docker(*words: str) -> str:
    """What a quick question to the engine's command says; empty when it ends badly."""
    try:
        done = subprocess.run(
            ("docker", *words), capture_output=True, text=True, errors="replace", timeout=30.0, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
