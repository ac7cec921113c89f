"""An artifact (one file that we write and that works without the wizard), and what it is computed from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.profile.model import Answers


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a stack.

    Attributes:
        path: relative to the stack's folder, with forward slashes.
        text: the whole content.
        purpose: a few words on what it is for.
        mode: permission bits.
        secret: holds a secret: 0600, git-ignored, never shown or diffed in the clear.
        required: the stack cannot run without it; when deleted it is written again, else it stays deleted.
    """

    path: str
    text: str
    purpose: str
    mode: int = 0o644
    secret: bool = False
    required: bool = True

    @property
    def sha256(self) -> str:
        """Hex digest of the content as it is written (UTF-8)."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class StackRequest:
    """Everything a plan is computed from.

    Attributes:
        name: name of the stack.
        folder: its absolute folder.
        answers: every option that applies.
        release: the Airflow release chosen.
        facts: of the host.
        secrets: generated values by key; placeholders when a plan is only shown.
        tools: absolute paths of programs the plan uses, by name (``uv``, ``python``).
        inputs: digests of the person's own files that the result depends on, by option name.
        uid: user id that files shared with containers must have; None where the system maps owners by itself.
    """

    name: str
    folder: str
    answers: Answers
    release: AirflowRelease
    facts: HostFacts
    secrets: Mapping[str, str]
    tools: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)
    uid: int | None = None
