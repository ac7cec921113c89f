"""An artifact: one file that we write and that works without the wizard."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a stack.

    Attributes:
        path: relative to the stack's folder, with forward slashes.
        text: the whole content.
        purpose: a few words on what it is for.
        mode: permission bits.
        secret: holds a secret: 0600, git-ignored, never shown or diffed in the clear.
    """

    path: str
    text: str
    purpose: str
    mode: int = 0o644
    secret: bool = False

    @property
    def sha256(self) -> str:
        """Hex digest of the content as it is written (UTF-8)."""
        return hashlib.sha256(self.text.encode()).hexdigest()
