"""Writing a file whole or not at all, and saying in words why the file system refused."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shlex
import stat
from pathlib import Path

from airflow_wizard.errors import WizardError

_SUFFIX = ".airflow-wizard-tmp"
_RETRIES = 8


def write_text_atomic(path: Path, text: str, mode: int = 0o644, *, within: Path | None = None) -> None:
    """Replace ``path`` by ``text`` in UTF-8: whatever happens, the old or the new content is there, whole.

    The bytes are on the disk before the name points to them. A file that is already there keeps its owner.

    Args:
        path: the file; its folder must exist.
        text: content; lone surrogates stand for the bytes they were decoded from (``surrogateescape``).
        mode: exact permission bits. The file is never wider than this, not even while it is written.
        within: folder that a symbolic link at or above ``path`` may not lead out of.

    Raises:
        WizardError: the file system refused, or a link leads outside; no temporary file is left behind.
    """
    target = resolve_within(path, within) if within is not None else path
    try:
        _replace(target, text.encode("utf-8", "surrogateescape"), mode)
    except OSError as error:
        raise explain(error, path, "write") from error


def make_folder(folder: Path, mode: int = 0o755) -> None:
    """Create a folder and its parents; one that is there stays as it is.

    Raises:
        WizardError: the file system refused, or something else has this name.
    """
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise explain(error, folder, "create") from error


def resolve_within(path: Path, folder: Path) -> Path:
    """``path`` with its links followed.

    Raises:
        WizardError: a link leads out of ``folder``, in a circle or to something that cannot be looked at.
    """
    try:
        real, root = path.resolve(), folder.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: a circle of links, before Python 3.13
        raise WizardError(
            f"{path} cannot be followed: {error}",
            why="The wizard writes here and has to know where that really is.",
            next=f"look at it with: ls -ld {shlex.quote(str(path))}",
        ) from error
    if not real.is_relative_to(root):
        raise WizardError(
            f"{path} is a symbolic link to {real}, outside {folder}",
            why="The wizard only writes inside the stack's folder, so that removing it removes nothing else.",
            next=f"put a real file there, or move the link away: mv {shlex.quote(str(path))} ELSEWHERE",
        )
    return real


def explain(error: OSError, path: Path, doing: str) -> WizardError:
    """The refusal of a file system in words.

    Args:
        error: what it said.
        path: what the person knows the file as.
        doing: the verb: ``write``, ``create``, ``read``, …
    """
    quoted = shlex.quote(str(path))
    parent = shlex.quote(str(path.parent))
    why, following = _REASONS.get(error.errno or 0, ("", "see whether it can be used: ls -ld {parent}"))
    reason = error.strerror or type(error).__name__
    return WizardError(
        f"Cannot {doing} {path}: {reason}",
        why=why or "Nothing was changed in it.",
        next=following.format(quoted=quoted, parent=parent),
    )


_FULL = "What was there before is untouched; nothing more can be stored until there is room."
_ELSEWHERE = "choose another folder (of a stack: --dir, of the wizard's own files: AIRFLOW_WIZARD_HOME)"
_REASONS = {
    errno.ENOSPC: (_FULL, "make room, then repeat the command; see what is left: df -h {parent}"),
    errno.EDQUOT: (_FULL, "free some of your quota, then repeat the command; see it: quota -s"),
    errno.EFBIG: ("A limit on the size of files is set here.", "raise it, then repeat: ulimit -f unlimited"),
    errno.EROFS: (
        "The file system is mounted read-only, so nothing can be kept there.",
        f"{_ELSEWHERE}, or see the mount: findmnt -T {{parent}}",
    ),
    errno.EACCES: (
        "You may not write there.",
        f"see who owns it: ls -ld {{parent}}; if it should be yours: sudo chown -R $USER {{parent}}; or {_ELSEWHERE}",
    ),
    errno.EPERM: (
        "The system does not allow it, whatever the permission bits say.",
        f"{_ELSEWHERE}, or look for protected files: lsattr -d {{parent}}",
    ),
    errno.ENOTDIR: (
        "A part of this path is a file where a folder is needed.",
        f"rename that file, or {_ELSEWHERE}",
    ),
    errno.EEXIST: (
        "Something that is not a folder already has this name.",
        f"rename it, or {_ELSEWHERE}; see it: ls -ld {{quoted}}",
    ),
    errno.EISDIR: ("A folder stands where a file is needed.", "rename it: mv {quoted} {quoted}.moved"),
    errno.ENAMETOOLONG: ("A name on this path is longer than allowed.", "choose a shorter --dir"),
    errno.ENOENT: ("A folder on the way is missing.", "create it: mkdir -p {parent}"),
}


def _replace(target: Path, data: bytes, mode: int) -> None:
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    _sweep(target)
    fd, temporary = _open_temporary(target)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]
            _give_to_owner(fd, target)
            os.fchmod(fd, mode)
            os.fsync(fd)
            os.replace(temporary, target)  # noqa: PTH105 - the one moment everything before prepares
        finally:
            os.close(fd)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(target.parent)


def _open_temporary(target: Path) -> tuple[int, Path]:
    """A new file beside ``target``, 0600 and locked for as long as it is being written."""
    for _ in range(_RETRIES):
        # The name is cut so that a long but legal file name does not become an illegal temporary one.
        temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}{_SUFFIX}")
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):  # no locks on this file system: then nobody sweeps either
            fcntl.flock(fd, fcntl.LOCK_EX)
        if os.fstat(fd).st_nlink:
            return fd, temporary
        os.close(fd)  # somebody's sweep met it in the instant before it was locked
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def _sweep(target: Path) -> None:
    """Remove what a killed writer of the same file left: a temporary file that nobody holds locked."""
    prefix = f".{target.name[:100]}."
    with os.scandir(target.parent) as entries:
        stale = [e.path for e in entries if e.name.startswith(prefix) and e.name.endswith(_SUFFIX)]
    for path in stale:
        with contextlib.suppress(OSError):
            fd = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Path(path).unlink()
            finally:
                os.close(fd)


def _give_to_owner(fd: int, target: Path) -> None:
    """Under sudo, a file in somebody's folder stays theirs instead of becoming root's."""
    if os.geteuid() != 0:
        return
    try:
        like = target.stat()
    except FileNotFoundError:
        like = target.parent.stat()
    ours = os.fstat(fd)
    if (like.st_uid, like.st_gid) != (ours.st_uid, ours.st_gid):
        with contextlib.suppress(PermissionError):  # root without CAP_CHOWN, as in some containers
            os.fchown(fd, like.st_uid, like.st_gid)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk; file systems that cannot do so are left to their own."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(fd)


def append_line(path: Path, line: str, *, mode: int = 0o600, durable: bool = True) -> None:
    """Add one line to a file that only ever grows. A torn line left by a killed writer is closed off first.

    Raises:
        WizardError: the file system refused.
    """
    data = line.encode("utf-8", "replace") + b"\n"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        try:
            size = os.fstat(fd).st_size
            if size and stat.S_ISREG(os.fstat(fd).st_mode) and os.pread(fd, 1, size - 1) != b"\n":
                data = b"\n" + data
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]
            if durable:
                os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise explain(error, path, "write") from error
