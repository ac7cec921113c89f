"""Fetch one program over https: checked by its digest, whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tarfile
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from airflow_wizard.atomic import explain, make_folder
from airflow_wizard.engines.web_probe import trusted
from airflow_wizard.errors import InterruptedByUserError, WizardError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from http.client import HTTPResponse
    from urllib.request import HTTPRedirectHandler

# kubectl, the largest, has about 60 MB; nothing that is meant is larger than this.
LARGEST = 300 * 1024 * 1024
_DIGEST = re.compile(r"\s*([0-9a-fA-F]{64})(?:\s+[*]?\S+)?\s*", re.ASCII)
_PIECE = 1 << 18
_PATIENCE = 20.0
_MOST_REDIRECTS = 5


class DownloadError(WizardError):
    """It was not fetched, and nothing of it was kept."""


def digest_of(url: str) -> str:
    """The SHA-256 that is published at ``url``, in lower-case hexadecimal.

    Raises:
        DownloadError: it cannot be fetched, or what is there is no digest.
    """
    with _open(url) as answer:
        text = _read(answer, 4096, url).decode("utf-8", "replace")
    found = _DIGEST.fullmatch(text)
    if found is None:
        raise _failed(url, "what is published there is no SHA-256 digest, but perhaps a page that asks to sign in")
    return found[1].lower()


def fetch(
    url: str,
    digest: str,
    to: Path,
    *,
    member: str = "",
    on_bytes: Callable[[int, int | None], None] | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Fetch a program to ``to``, executable; what was there before stays until the new one is whole and right.

    Args:
        url: https; a redirect may lead to https only.
        digest: SHA-256 that the file must have, in lower-case hexadecimal.
        to: the program; its folder is made.
        member: path inside the tar archive that ``url`` is; empty where it is the program itself.
        on_bytes: called with bytes so far, and how many there will be where that is known.
        cancel: set to stop.

    Raises:
        DownloadError: no answer, a broken connection, another digest, not what was expected; nothing is left behind.
        InterruptedByUserError: ``cancel`` was set.
        WizardError: the disk is full or the folder closed.
    """
    make_folder(to.parent, 0o755)
    with _scratch(to) as scratch:
        seen = _copy(url, scratch, on_bytes, cancel)
        if seen != digest:
            raise DownloadError(
                f"{url} is not the file it should be",
                why=f"its SHA-256 is {seen}, the published one {one_line(digest, limit=80)}; it was thrown away",
                next="the same command again; when it repeats, something between here and there changes files",
            )
        if member:
            with _scratch(to) as program:
                _extract(scratch, member, program, url)
                _put(program, to)
        else:
            _put(scratch, to)


@contextlib.contextmanager
def _scratch(to: Path) -> Iterator[IO[bytes]]:
    """A file beside ``to`` that is gone afterwards."""
    try:
        file = tempfile.NamedTemporaryFile(dir=to.parent, prefix=f".{to.name}.", delete=False)  # noqa: SIM115
    except OSError as error:
        raise explain(error, to, "write") from error
    try:
        yield file
    finally:
        with contextlib.suppress(OSError):
            file.close()
        with contextlib.suppress(OSError):
            os.unlink(file.name)  # noqa: PTH108 - a plain name


def _copy(
    url: str,
    scratch: IO[bytes],
    on_bytes: Callable[[int, int | None], None] | None,
    cancel: threading.Event | None,
) -> str:
    """Everything that comes into ``scratch``; returns its digest."""
    digest, size = hashlib.sha256(), 0
    with _open(url) as answer:
        length = answer.headers.get("Content-Length", "")
        expected = int(length) if length.isdigit() else None
        if (expected or 0) > LARGEST:
            raise _failed(url, "it is larger than any program that is meant")
        for piece in _pieces(answer, url):
            if cancel is not None and cancel.is_set():
                raise InterruptedByUserError("interrupted; nothing was kept of the download")
            size += len(piece)
            if size > LARGEST:
                raise _failed(url, "it is larger than any program that is meant")
            digest.update(piece)
            _write(scratch, piece)
            if on_bytes is not None:
                on_bytes(size, expected)
    if expected is not None and size < expected:
        raise _failed(url, f"the connection was cut after {size} of {expected} bytes")
    return digest.hexdigest()


def _write(scratch: IO[bytes], piece: bytes) -> None:
    try:
        scratch.write(piece)
    except OSError as error:
        raise explain(error, Path(scratch.name), "write") from error


def _put(program: IO[bytes], to: Path) -> None:
    try:
        program.flush()
        os.fsync(program.fileno())
        os.fchmod(program.fileno(), 0o755)
        os.replace(program.name, to)  # noqa: PTH105 - a plain name
    except OSError as error:
        raise explain(error, to, "write") from error


def _extract(archive: IO[bytes], member: str, program: IO[bytes], url: str) -> None:
    """One file of a tar archive, whatever else is in it; nothing is unpacked by its name."""
    archive.flush()
    archive.seek(0)
    try:
        with tarfile.open(fileobj=archive, mode="r:*") as tar:
            found = tar.extractfile(member)
            if found is None:
                raise _failed(url, f"{member} in it is no file")
            left = LARGEST
            while piece := found.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise _failed(url, f"{member} in it is larger than any program that is meant")
                _write(program, piece)
    except (KeyError, tarfile.TarError, EOFError) as error:
        raise _failed(url, f"there is no {member} in it") from error


@contextlib.contextmanager
def _open(url: str) -> Iterator[HTTPResponse]:
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPSHandler, Request, build_opener

    if not url.startswith("https://"):
        raise _failed(url, "it is not an https address, so what comes could be changed on the way")
    request = Request(url, headers={"User-Agent": "airflow-wizard"})  # noqa: S310 - https, as seen above
    opener = build_opener(HTTPSHandler(context=trusted(os.environ)), _only_https())
    try:
        answer = opener.open(request, timeout=_PATIENCE)
    except HTTPError as error:
        error.close()
        raise _failed(url, f"it answers with {error.code} {one_line(error.reason, limit=60)}") from error
    except URLError as error:
        said = error.reason.strerror if isinstance(error.reason, OSError) and error.reason.strerror else error.reason
        raise _failed(url, one_line(said, limit=200)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise _failed(url, one_line(error, limit=200) or type(error).__name__) from error
    with answer:
        yield answer


def _only_https() -> HTTPRedirectHandler:
    from urllib.error import URLError
    from urllib.request import HTTPRedirectHandler

    class OnlyHttps(HTTPRedirectHandler):
        max_redirections = _MOST_REDIRECTS  # GitHub leads on once

        def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            if not newurl.startswith("https://"):
                fp.close()
                raise URLError("it leads on to an address that is not https")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return OnlyHttps()


def _pieces(answer: HTTPResponse, url: str) -> Iterator[bytes]:
    from http.client import HTTPException

    try:
        while piece := answer.read1(_PIECE):
            yield piece
    except (OSError, HTTPException) as error:
        raise _failed(url, f"the connection broke off: {one_line(error, limit=100)}") from error


def _read(answer: HTTPResponse, most: int, url: str) -> bytes:
    data = b""
    for piece in _pieces(answer, url):
        data += piece
        if len(data) > most:
            break
    return data


def _failed(url: str, reason: str) -> DownloadError:
    return DownloadError(
        f"{url} was not fetched: {reason}",
        why="nothing was kept of it; what was there before still is",
        next=f"see what answers there: curl -fsSLI {url}",
    )
