"""What the wizard wrote into a stack's folder, so that a later run can tell its own lines from the person's.

It stands in ``.airflow-wizard/manifest.json``. The texts themselves are kept by their hash in ``base/``, because
a three-way merge needs the common ancestor and not only its hash. Secrets are recorded by hash alone.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from airflow_wizard.atomic import explain, make_folder, write_text_atomic
from airflow_wizard.errors import StackStateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PRIVATE = ".airflow-wizard"
MANIFEST_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one file.

    Attributes:
        sha256: hash of the planned text that the file on disk descends from; empty when it was never ours.
        proposed: hash of the text that was put beside it because the two could not be merged.
    """

    sha256: str = ""
    proposed: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A write that was announced: ``result`` is what would be on disk after it, ``sha256`` the text planned."""

    result: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All files by path.

    Attributes:
        files: what is known of each.
        pending: writes announced by a run that may not have come to its end.
        bases: texts by their hash, as far as they are whole.
        damage: what is wrong with the manifest on disk; empty when nothing is.
    """

    files: Mapping[str, Entry] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)
    damage: str = ""

    def entry(self, path: str, disk: str | None) -> Entry | None:
        """What is known of ``path``; an announced write whose result is on disk did happen."""
        pending = self.pending.get(path)
        if disk is not None and pending is not None and digest(disk) == pending.result:
            return Entry(pending.sha256)
        return self.files.get(path)


def digest(text: str) -> str:
    """The hash by which a text is known, of its bytes on disk."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def private_folder(folder: Path) -> Path:
    """The wizard's own folder inside a stack's: for the person alone, and kept out of git by itself.

    Raises:
        WizardError: it cannot be made.
    """
    private = folder / PRIVATE
    make_folder(folder)
    make_folder(private, 0o700)
    ignore = private / ".gitignore"
    if not ignore.exists():
        write_text_atomic(ignore, "*\n", 0o600)
    return private


def load(folder: Path) -> Manifest:
    """The manifest of a folder; an empty one where there is none, one with ``damage`` where it cannot be read.

    Raises:
        StackStateError: a newer wizard wrote it.
        WizardError: the file system refused.
    """
    path = folder / PRIVATE / "manifest.json"
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Manifest()
    except UnicodeDecodeError:
        return Manifest(damage="it is not text")
    except OSError as error:
        raise explain(error, path, "read") from error
    try:
        data = json.loads(text)
        schema = data["schema"]
        if isinstance(schema, int) and schema > MANIFEST_SCHEMA:
            raise StackStateError(
                f"{path} was written by a newer airflow-wizard (schema {schema}, this one knows {MANIFEST_SCHEMA})",
                why="Reading it wrongly could overwrite what you changed.",
                next="update the wizard: pip install --upgrade airflow-wizard",
            )
        files = {
            name: Entry(_hash(one["sha256"], empty=True), _hash(one.get("proposed", ""), empty=True))
            for name, one in data["files"].items()
        }
        pending = {
            name: Pending(_hash(one["result"]), _hash(one["sha256"])) for name, one in data.get("pending", {}).items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return Manifest(damage=f"{type(error).__name__}: {error}")
    wanted = {e.sha256 for e in files.values()} | {p.sha256 for p in pending.values()}
    return Manifest(files, pending, _read_bases(folder, wanted))


def save(folder: Path, manifest: Manifest) -> None:
    """Write the texts, then the manifest that names them, then drop the texts nobody names any more.

    Raises:
        WizardError: the file system refused; the manifest before is still valid.
    """
    private = private_folder(folder)
    bases = private / "base"
    make_folder(bases, 0o700)
    for name, text in manifest.bases.items():
        if not (bases / name).exists():
            write_text_atomic(bases / name, text, 0o600)
    data = {
        "schema": MANIFEST_SCHEMA,
        "files": {
            path: {"sha256": e.sha256} | ({"proposed": e.proposed} if e.proposed else {})
            for path, e in sorted(manifest.files.items())
        },
        "pending": {path: {"result": p.result, "sha256": p.sha256} for path, p in sorted(manifest.pending.items())},
    }
    write_text_atomic(private / "manifest.json", json.dumps(data, indent=1) + "\n", 0o600)
    for old in bases.iterdir():
        if old.name not in manifest.bases:
            with contextlib.suppress(OSError):  # a leftover costs a few kilobytes, an error here would cost more
                old.unlink()


def set_aside(folder: Path) -> str:
    """Move a manifest that cannot be read out of the way, never over an earlier one.

    Returns:
        Where it is now, relative to ``folder``.

    Raises:
        WizardError: the file system refused.
    """
    path = folder / PRIVATE / "manifest.json"
    stamp = timestamp()
    aside = path.with_name(f"manifest.{stamp}.damaged.json")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"manifest.{stamp}-{count}.damaged.json")
    try:
        path.rename(aside)
    except OSError as error:
        raise explain(error, path, "rename") from error
    return aside.relative_to(folder).as_posix()


def timestamp() -> str:
    """Now, in UTC, as part of a file name."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def _read_bases(folder: Path, wanted: Iterable[str]) -> dict[str, str]:
    bases: dict[str, str] = {}
    for name in wanted:
        if not name:
            continue
        try:
            text = (folder / PRIVATE / "base" / name).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # a secret, or lost: without it a file is kept instead of merged
        if digest(text) == name:
            bases[name] = text
    return bases


def _hash(value: object, *, empty: bool = False) -> str:
    if isinstance(value, str) and ((empty and not value) or (len(value) == 64 and value.isalnum())):
        return value
    raise ValueError("a hash was expected")
