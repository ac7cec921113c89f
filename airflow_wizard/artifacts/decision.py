"""What to do with one file, from the plan, the disk and the manifest. Pure; the preview and the writer both ask it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.env_file import add_missing, is_env, values_of
from airflow_wizard.artifacts.manifest import PRIVATE, Entry, digest
from airflow_wizard.artifacts.merge import merge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.artifacts.manifest import Manifest
    from airflow_wizard.artifacts.model import Artifact


class FileState(StrEnum):
    """How a planned file stands to the one on disk."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    EDITED = "edited"
    MERGE = "merge"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one file.

    Attributes:
        state: see `FileState`.
        entry: what the manifest says afterwards; None to forget nothing and learn nothing.
        write: text to put on disk; None to leave the file alone.
        beside: text to put at `proposal_path` instead; None for nothing.
        backup: keep what is on disk before writing.
        note: one sentence for the person; empty when there is nothing to say.
    """

    state: FileState
    entry: Entry | None
    write: str | None = None
    beside: str | None = None
    backup: bool = False
    note: str = ""


def proposal_path(artifact: Artifact) -> str:
    """Where the planned text goes when the person's file has to stay. A secret stays out of git's sight."""
    return f"{PRIVATE}/new/{artifact.path}" if artifact.secret else f"{artifact.path}.new"


def decide(artifact: Artifact, on_disk: Mapping[str, str | None], manifest: Manifest) -> Decision:
    """What to do with ``artifact``.

    Args:
        artifact: what is planned.
        on_disk: texts by path, None for a file that is not there; also of `proposal_path`.
        manifest: what was written before.
    """
    disk = on_disk.get(artifact.path)
    entry = manifest.entry(artifact.path, disk)
    if disk is None:
        return _absent(artifact, entry)
    if disk == artifact.text:
        return Decision(FileState.SAME, Entry(artifact.sha256))
    if artifact.secret and is_env(artifact.text) and _is_text(disk):
        return _secret_values(artifact, disk, entry)
    if entry is not None and digest(disk) == entry.sha256:
        # Nobody touched it. A secret is backed up all the same: what it encrypted cannot be read without it.
        return Decision(FileState.CHANGED, Entry(artifact.sha256), write=artifact.text, backup=artifact.secret)
    if entry is not None and entry.sha256 == artifact.sha256:
        return Decision(FileState.EDITED, entry, note="your changes stay")
    settled = entry is not None and entry.proposed == artifact.sha256
    if settled and on_disk.get(proposal_path(artifact)) is None:
        return Decision(FileState.EDITED, Entry(artifact.sha256), note="your version was chosen; it stays")
    return _both_changed(artifact, disk, entry, manifest)


def _absent(artifact: Artifact, entry: Entry | None) -> Decision:
    deleted = entry is not None and bool(entry.sha256)
    if deleted and not artifact.required:
        return Decision(FileState.EDITED, entry, note="you deleted it; it stays deleted")
    note = "it was deleted; the stack needs it, so it is written again" if deleted else ""
    return Decision(FileState.NEW, Entry(artifact.sha256), write=artifact.text, note=note)


def _secret_values(artifact: Artifact, disk: str, entry: Entry | None) -> Decision:
    merged = add_missing(artifact.text, disk)
    planned, present = values_of(artifact.text), values_of(disk)
    kept = sorted(key for key, value in planned.items() if key in present and present[key] != value)
    note = f"keeps its own {', '.join(kept)}" if kept else ""
    after = Entry(artifact.sha256)
    if merged != disk:
        return Decision(FileState.MERGE, after, write=merged, backup=True, note=note)
    if entry is not None and digest(disk) == entry.sha256:
        return Decision(FileState.SAME, entry, note=note)
    # The entry stays as it is: the file does not hold the planned text, and must not be taken for it later.
    return Decision(FileState.EDITED, entry, note=note)


def _both_changed(artifact: Artifact, disk: str, entry: Entry | None, manifest: Manifest) -> Decision:
    base = manifest.bases.get(entry.sha256) if entry is not None else None
    merged = merge(base, disk, artifact.text).text if base is not None and _is_text(disk) else None
    if merged == disk:
        return Decision(FileState.EDITED, Entry(artifact.sha256), note="your changes stay")
    if merged is not None:
        note = "your changes and the new ones are both in it"
        return Decision(FileState.MERGE, Entry(artifact.sha256), write=merged, backup=True, note=note)
    beside = proposal_path(artifact)
    why = "it was not written by the wizard" if base is None else "the same lines were changed on both sides"
    return Decision(
        FileState.CONFLICT,
        Entry(entry.sha256 if entry is not None else "", proposed=artifact.sha256),
        beside=artifact.text,
        note=f"{why}; yours stays, the new one is in {beside}: take over what you want, then delete {beside}",
    )


def _is_text(disk: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" or char == "\0" for char in disk)
