"""What writing would do, file by file, safe to show. Pure: it gets the texts, it does not read them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.decision import FileState, decide
from airflow_wizard.artifacts.env_file import is_env
from airflow_wizard.artifacts.merge import lines_of
from airflow_wizard.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_wizard.artifacts.manifest import Manifest
    from airflow_wizard.artifacts.model import Artifact

HIDDEN = "••••••"


@dataclass(frozen=True, slots=True)
class FilePreview:
    """One file of the Review screen.

    Attributes:
        path: relative to the stack's folder.
        state: ``new``, ``same``, ``changed``, ``edited``, ``merge`` or ``conflict``.
        text: what will be there; for a conflict, what will be put beside. Secret values are hidden.
        diff: unified diff from what is there to ``text``; empty when nothing changes.
        size: bytes of the real text.
        secret: it holds secrets.
        purpose: what it is for.
        note: one sentence on what happens to the person's version; empty when there is nothing to say.
    """

    path: str
    state: FileState
    text: str
    diff: str
    size: int
    secret: bool
    purpose: str
    note: str = ""


def preview(artifacts: Iterable[Artifact], on_disk: Mapping[str, str | None], manifest: Manifest) -> list[FilePreview]:
    """One entry for each artifact, in order.

    Args:
        artifacts: what is planned.
        on_disk: as `airflow_wizard.artifacts.writer.read_on_disk` gives it.
        manifest: as `airflow_wizard.artifacts.manifest.load` gives it.
    """
    return [_one(artifact, on_disk, manifest) for artifact in artifacts]


def hide_values(text: str) -> str:
    """A text that holds secrets, with its keys and comments but none of its values."""
    if not is_env(text):
        return f"{HIDDEN}\n" if text else ""
    shown = []
    for line in lines_of(text):
        body = line.rstrip("\n")
        if body.strip() and not body.lstrip().startswith("#"):
            body = f"{body.partition('=')[0]}={HIDDEN}"
        shown.append(body + line[len(line.rstrip("\n")) :])
    return "".join(shown)


def _one(artifact: Artifact, on_disk: Mapping[str, str | None], manifest: Manifest) -> FilePreview:
    decision = decide(artifact, on_disk, manifest)
    before = on_disk.get(artifact.path)
    after = before or ""
    for text in (decision.write, decision.beside):
        if text is not None:
            after = text
    shown_before, shown_after = _shown(before or "", artifact), _shown(after, artifact)
    diff = unified_diff(
        lines_of(shown_before),
        lines_of(shown_after),
        "/dev/null" if before is None else artifact.path,
        artifact.path,
    )
    return FilePreview(
        path=artifact.path,
        state=decision.state,
        text=shown_after,
        diff="".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in diff),
        size=len(after.encode("utf-8", "surrogateescape")),
        secret=artifact.secret,
        purpose=artifact.purpose,
        note=decision.note,
    )


def _shown(text: str, artifact: Artifact) -> str:
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return plain(hide_values(readable) if artifact.secret else readable)
