"""Puts artifacts on disk without ever losing an edit, whenever it is interrupted.

The order of a run is what makes that true: what will be written is announced in the manifest, then each file is
replaced atomically (after the person's version went to a backup, where there is one), then the manifest says
what is. A run that ended anywhere in between is recognised by its announcement and simply goes on.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import manifest as manifests
from airflow_wizard.artifacts.decision import Decision, FileState, decide, proposal_path
from airflow_wizard.artifacts.manifest import PRIVATE, Entry, Manifest, Pending, digest
from airflow_wizard.atomic import explain, make_folder, resolve_within, write_text_atomic
from airflow_wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from airflow_wizard.artifacts.model import Artifact


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What became of each file; paths are relative to the folder, in the order of the plan.

    Attributes:
        written: new, or replaced because nobody had touched it.
        kept: the person's version stays as it is.
        merged: the person's changes and the new ones are both in it.
        backed_up: where earlier versions went.
        conflicts: of ``kept``, those where the planned text was put beside and waits for a decision.
        same: already as planned.
        notes: (path, one sentence) for what a person should know; the path is empty for the folder as a whole.
    """

    written: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    backed_up: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, object]:
        """The report as ``write --json`` prints it."""
        return {
            "written": list(self.written),
            "kept": list(self.kept),
            "merged": list(self.merged),
            "backed_up": list(self.backed_up),
            "conflicts": list(self.conflicts),
            "same": list(self.same),
            "notes": [{"path": path, "note": note} for path, note in self.notes],
        }


def read_on_disk(folder: Path, artifacts: Iterable[Artifact]) -> dict[str, str | None]:
    """Texts of the planned files, and of those put beside them, as they are on disk now.

    Bytes that are not UTF-8 come back as lone surrogates, so that the text still stands for the exact bytes.

    Returns:
        Text by relative path; None for a file that is not there.

    Raises:
        WizardError: something else than a file has the name, a link leads outside, or it cannot be read.
    """
    texts: dict[str, str | None] = {}
    for artifact in artifacts:
        for path in (artifact.path, proposal_path(artifact)):
            texts[path] = _read(folder / path, folder)
    return texts


def write_artifacts(folder: Path, artifacts: Sequence[Artifact], folders: Iterable[str] = ()) -> WriteReport:
    """Bring ``artifacts`` to disk below ``folder``; the caller holds the stack's lock.

    A file nobody touched is replaced, an edited one is kept or merged, a foreign one is left alone and the planned
    text is put beside it as ``NAME.new``. Values already in a secret ``KEY=VALUE`` file always win.

    Args:
        folder: absolute folder of the stack; made when missing.
        artifacts: the files.
        folders: folders that have to be there as well, relative.

    Raises:
        WizardError: the file system refused; every file is either as before or as planned, and a repeat goes on.
        StackStateError: a newer wizard wrote the manifest.
    """
    for artifact in artifacts:
        _relative(artifact.path)
    known, notes = _load(folder)
    make_folder(folder)
    for name in folders:
        make_folder(folder / _relative(name))
    on_disk = read_on_disk(folder, artifacts)
    decisions = {a.path: decide(a, on_disk, known) for a in artifacts}
    announced = _announce(known, artifacts, decisions, on_disk)
    if announced != known:
        manifests.save(folder, announced)
    run = _Run(folder, announced, {a.path: on_disk[a.path] for a in artifacts})
    for artifact in artifacts:
        run.bring(artifact, decisions[artifact.path])
    after = run.manifest(artifacts)
    if after != announced or known.damage:
        manifests.save(folder, after)
    return run.report(notes)


def _load(folder: Path) -> tuple[Manifest, list[tuple[str, str]]]:
    known = manifests.load(folder)
    if not known.damage:
        return known, []
    aside = manifests.set_aside(folder)
    note = f"the record of what was written could not be read ({known.damage}); it is kept as {aside}"
    return known, [("", f"{note}, and every file that differs from the plan is left alone")]


def _announce(
    known: Manifest,
    artifacts: Iterable[Artifact],
    decisions: Mapping[str, Decision],
    on_disk: Mapping[str, str | None],
) -> Manifest:
    """What will be written. A write announced by an earlier run that did happen becomes a fact first.

    Otherwise the new announcement would take the place of the only record that the file on disk is ours.
    """
    files, pending, bases = dict(known.files), dict(known.pending), dict(known.bases)
    for artifact in artifacts:
        happened = known.entry(artifact.path, on_disk.get(artifact.path))
        if happened is not None:
            files[artifact.path] = happened
        text = decisions[artifact.path].write
        if text is not None:
            pending[artifact.path] = Pending(digest(text), artifact.sha256)
            if not artifact.secret:
                bases[artifact.sha256] = artifact.text
    return Manifest(files, pending, bases)


@dataclass(slots=True)
class _Run:
    """One run of the writer: what it was told, and what it did so far."""

    folder: Path
    known: Manifest
    seen: dict[str, str | None]
    entries: dict[str, Entry] = field(default_factory=dict)
    states: dict[str, FileState] = field(default_factory=dict)
    backed_up: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    backup: Path | None = None

    def bring(self, artifact: Artifact, decision: Decision) -> None:
        """Do what was decided, or decide again when the file changed in the meantime."""
        path = artifact.path
        now = read_on_disk(self.folder, (artifact,))
        if now[path] != self.seen[path]:
            decision = decide(artifact, now, self.known)
        beside = proposal_path(artifact)
        before = self.known.files.get(path, Entry())
        if decision.beside is not None:
            self._put_beside(artifact, beside, now[beside], decision.beside, before.proposed)
        elif before.proposed and now[beside] is not None and digest(now[beside] or "") == before.proposed:
            (self.folder / beside).unlink(missing_ok=True)
        if decision.write is not None:
            if decision.backup and now[path] is not None:
                self._keep(path, now[path] or "")
            self._write(path, decision.write, artifact.mode, private=artifact.secret)
        elif decision.state is FileState.SAME:
            _set_mode(self.folder / path, artifact)
        self.states[path] = decision.state
        if decision.entry is not None:
            self.entries[path] = decision.entry
        if decision.note:
            self.notes.append((path, decision.note))

    def manifest(self, artifacts: Iterable[Artifact]) -> Manifest:
        """What is true now. Files of earlier plans stay known."""
        files = {**self.known.files, **self.entries}
        pending = {p: one for p, one in self.known.pending.items() if p not in self.states}
        texts = {**self.known.bases, **{a.sha256: a.text for a in artifacts if not a.secret}}
        wanted = {e.sha256 for e in files.values()} | {p.sha256 for p in pending.values()}
        return Manifest(files, pending, {name: text for name, text in texts.items() if name in wanted})

    def report(self, notes: Iterable[tuple[str, str]]) -> WriteReport:
        """The outcome by kind."""

        def those(*states: FileState) -> tuple[str, ...]:
            return tuple(path for path, state in self.states.items() if state in states)

        return WriteReport(
            written=those(FileState.NEW, FileState.CHANGED),
            kept=those(FileState.EDITED, FileState.CONFLICT),
            merged=those(FileState.MERGE),
            backed_up=tuple(self.backed_up),
            conflicts=those(FileState.CONFLICT),
            same=those(FileState.SAME),
            notes=(*notes, *self.notes),
        )

    def _put_beside(self, artifact: Artifact, beside: str, now: str | None, text: str, proposed: str) -> None:
        if now == text:
            return
        if now is not None and digest(now) != proposed:
            self._keep(beside, now)
        self._write(beside, text, artifact.mode, private=artifact.secret)

    def _write(self, path: str, text: str, mode: int, *, private: bool) -> None:
        target = self.folder / path
        make_folder(target.parent, 0o700 if private else 0o755)
        write_text_atomic(target, text, mode, within=self.folder)

    def _keep(self, path: str, text: str) -> None:
        """Copy a version that is about to be replaced into this run's own backup folder."""
        if self.backup is None:
            self.backup = _new_backup_folder(self.folder)
        name = PurePosixPath(path)
        inside = name.relative_to(PRIVATE) if name.is_relative_to(PRIVATE) else name
        target = self.backup / inside
        make_folder(target.parent, 0o700)
        write_text_atomic(target, text, 0o600)
        self.backed_up.append(target.relative_to(self.folder).as_posix())


def _new_backup_folder(folder: Path) -> Path:
    root = manifests.private_folder(folder) / "backup"
    make_folder(root, 0o700)
    stamp = manifests.timestamp()
    count = 1
    while True:
        candidate = root / (stamp if count == 1 else f"{stamp}-{count}")
        try:
            candidate.mkdir(mode=0o700)
        except FileExistsError:
            count += 1
        except OSError as error:
            raise explain(error, candidate, "create") from error
        else:
            return candidate


def _set_mode(path: Path, artifact: Artifact) -> None:
    """A secret is never wider than planned; another file keeps the bits the person added."""
    with contextlib.suppress(OSError):  # somebody else's file, with the right content: usable as it is
        now = stat.S_IMODE(path.stat().st_mode)
        wanted = artifact.mode if artifact.secret else now | artifact.mode
        if now != wanted:
            path.chmod(wanted)


def _read(path: Path, folder: Path) -> str | None:
    real = resolve_within(path, folder)
    try:
        # Non-blocking, because opening a pipe that nobody writes to would wait for ever.
        fd = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            raise _no_file(path, "a socket") from error
        raise explain(error, path, "read") from error
    kind = stat.S_IFMT(os.fstat(fd).st_mode)
    if kind != stat.S_IFREG:
        os.close(fd)
        raise _no_file(path, _KINDS.get(kind, "a device"))
    try:
        with os.fdopen(fd, "rb") as stream:
            return stream.read().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise explain(error, path, "read") from error


_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe"}


def _no_file(path: Path, what: str) -> WizardError:
    return WizardError(
        f"{path} is {what}, and a file is to be written there",
        why="The wizard does not remove what it did not make.",
        next=f"move it away and repeat: mv '{path}' '{path}.moved'",
    )


def _relative(path: str) -> str:
    parts = PurePosixPath(path)
    if not path or parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"not a path inside the stack's folder: {path!r}")
    return path
