"""Programs that Kubernetes targets need: where they are, and fetching those that are missing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.catalog import tools as catalog
from airflow_wizard.paths import tools_dir

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tool:
    """One program.

    Attributes:
        name: of it.
        path: where it is; empty for nowhere.
        version: it says; empty when it does not say.
        ours: the wizard has fetched it.
        offered: version that ``tools get`` fetches.
    """

    name: str
    path: str
    version: str
    ours: bool
    offered: str

    def to_json(self) -> dict[str, object]:
        """As ``tools --json`` shows it."""
        return {
            "name": self.name,
            "path": self.path,
            "version": self.version,
            "ours": self.ours,
            "offered": self.offered,
        }


def known() -> list[Tool]:
    """Every program that can be fetched, as it is on this machine."""
    from airflow_wizard.host.collect import collect
    from airflow_wizard.host.probe import Ask

    facts = collect(catalog.names(), Ask(tools_dir()))
    return [
        Tool(
            name,
            path := facts.text(name, "path"),
            facts.text(name, "version"),
            bool(path) and path == str(tools_dir() / name),
            catalog.newest(name),
        )
        for name in catalog.names()
    ]


def get(
    name: str,
    version: str = "",
    *,
    on_bytes: Callable[[int, int | None], None] | None = None,
    cancel: threading.Event | None = None,
) -> tuple[catalog.Published, Path]:
    """Fetch a program into the wizard's own folder; returns what was fetched and where it is.

    Raises:
        InvalidError: no such program or version, or none for this machine.
        DownloadError: it could not be fetched whole and right; nothing is kept then.
        WizardError: the file system refused.
    """
    from airflow_wizard.engines import download
    from airflow_wizard.host.probe import Ask
    from airflow_wizard.host.probes.system import probe

    system = probe(Ask(tools_dir()))["system"]
    seen = system if isinstance(system, dict) else {}
    file = catalog.published(name, str(seen.get("os")), str(seen.get("arch")), version)
    to = tools_dir() / name
    download.fetch(
        file.url, download.digest_of(file.digest_url), to, member=file.member, on_bytes=on_bytes, cancel=cancel
    )
    return file, to


def reach() -> None:
    """Let everything that is started from now on find the programs that were fetched, after those on PATH."""
    folder = str(tools_dir())
    there = os.environ.get("PATH", os.defpath)
    if folder not in there.split(os.pathsep):
        os.environ["PATH"] = f"{there}{os.pathsep}{folder}"
