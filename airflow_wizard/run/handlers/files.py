"""Write artifacts, and delete what the wizard made."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.writer import write_artifacts
from airflow_wizard.atomic import explain, make_folder
from airflow_wizard.errors import StepFailedError

if TYPE_CHECKING:
    from airflow_wizard.run.actions import RemovePaths, WriteArtifacts
    from airflow_wizard.run.context import RunContext


class WriteHandler:
    """Handler of `WriteArtifacts`."""

    def done(self, action: WriteArtifacts, context: RunContext) -> str:
        """The writer itself sees what is the same, and looks each time."""
        del action, context
        return ""

    def do(self, action: WriteArtifacts, context: RunContext) -> str:
        """Write; tell what was kept, merged or put beside."""
        folder = Path(action.folder)
        report = write_artifacts(folder, action.artifacts, ())
        for name in action.folders:
            make_folder(folder / name)
        for path, note in report.notes:
            context.output("files", f"{path}: {note}" if path else note)
        parts = [
            f"{len(paths)} {word}"
            for paths, word in (
                (report.written, "written"),
                (report.same, "unchanged"),
                (report.merged, "merged with your edits"),
                (report.kept, "kept as you edited them"),
            )
            if paths
        ]
        return ", ".join(parts)


class RemoveHandler:
    """Handler of `RemovePaths`."""

    def done(self, action: RemovePaths, context: RunContext) -> str:
        """None of the paths is there."""
        del context
        present = [path for path in action.paths if _ours(Path(action.folder), path)]
        return "" if present else "nothing left of it"

    def do(self, action: RemovePaths, context: RunContext) -> str:
        """Delete them; a symlink is unlinked, never followed. Then the folder, when nothing else is in it."""
        folder = Path(action.folder)
        removed = 0
        for index, name in enumerate(action.paths):
            target = folder / name
            if not _ours(folder, name):
                continue
            context.progress(name, fraction=index / len(action.paths))
            try:
                if target.is_dir() and not target.is_symlink():
                    shutil.rmtree(target)
                else:
                    target.unlink()
            except OSError as error:
                reason = explain(error, target, "delete")
                raise StepFailedError(reason.what, why=reason.why, next=reason.next) from error
            removed += 1
        candidates = {folder, *(folder / name for name in action.if_empty)}
        for path in sorted(candidates, key=lambda p: -len(p.parts)):
            if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
                path.rmdir()
        left = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
        return f"{removed} removed" + (f"; yours, left alone: {', '.join(left[:6])}" if left else "")


def _ours(folder: Path, name: str) -> bool:
    """True when it is there, and inside the folder: a folder on the way that is a link leads to somebody else's."""
    path = folder / name
    real = os.path.realpath(path.parent)
    return os.path.lexists(path) and Path(real).is_relative_to(os.path.realpath(folder))
