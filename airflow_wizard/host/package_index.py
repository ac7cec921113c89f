"""Which package index an installation will ask: what uv is told first, then what pip is told, then PyPI."""

from __future__ import annotations

import configparser
import os
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PYPI = "https://pypi.org/simple"
# The words that uv's command line takes for a boolean variable.
_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})


@dataclass(frozen=True, slots=True)
class Index:
    """An index.

    Attributes:
        url: as configured; may hold a password.
        source: the variable or file that names it; ``default`` for PyPI.
        bundle: file of certificate authorities that pip is told to trust; empty for none.
    """

    url: str
    source: str
    bundle: str = ""

    @property
    def shown(self) -> str:
        """The address without a user name or password."""
        return without_credentials(self.url)


def without_credentials(url: str) -> str:
    """``url`` with any user name and password replaced by ``***``; anything that is no URL comes back whole."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "***"
    _, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"***@{host}")) if at else url


def package_index(environ: Mapping[str, str], home: Path) -> Index:
    """The index in effect; order of uv's documentation, then pip's, because people configure either."""
    settings = _pip_settings(environ, home)
    bundle = environ.get("PIP_CERT") or settings.get("cert", ("", ""))[0]
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if environ.get(name):
            return Index(environ[name], name, bundle)
    for file in _uv_files(environ, home):
        if url := _uv_index(file):
            return Index(url, str(file), bundle)
    if environ.get("PIP_INDEX_URL"):
        return Index(environ["PIP_INDEX_URL"], "PIP_INDEX_URL", bundle)
    url, source = settings.get("index-url", (PYPI, "default"))
    return Index(url, source, bundle)


def offline(environ: Mapping[str, str], home: Path) -> str:
    """What tells uv to stay off the network, a variable or a file; empty when nothing does.

    Source: uv's reference, settings ``offline`` and ``UV_OFFLINE``; a variable wins over the files.
    """
    said = environ.get("UV_OFFLINE", "").strip().lower()
    if said:
        return "UV_OFFLINE" if said in _TRUE else ""
    for file in _uv_files(environ, home):
        settings = _uv_settings(file)
        if "offline" in settings:
            return str(file) if settings["offline"] is True else ""
    return ""


def _uv_files(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    if environ.get("UV_CONFIG_FILE"):
        yield Path(environ["UV_CONFIG_FILE"])
        return
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "uv" / "uv.toml"
    for folder in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
        yield Path(folder) / "uv" / "uv.toml"
    yield Path("/etc/uv/uv.toml")


def _uv_settings(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _uv_index(file: Path) -> str:
    settings = _uv_settings(file)
    indexes = settings.get("index")
    for entry in indexes if isinstance(indexes, list) else []:
        if isinstance(entry, dict) and entry.get("default") is True and isinstance(entry.get("url"), str):
            return str(entry["url"])
    pip = settings.get("pip")
    for table in (settings, pip if isinstance(pip, dict) else {}):
        if isinstance(url := table.get("index-url"), str):
            return url
    return ""


def _pip_settings(environ: Mapping[str, str], home: Path) -> dict[str, tuple[str, str]]:
    """``index-url`` and ``cert`` with the file each comes from; later files win, ``install`` wins over ``global``."""
    found: dict[str, tuple[str, str]] = {}
    for file in _pip_files(environ, home):
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            for key in ("index-url", "cert"):
                value = parser.get(section, key, fallback="").strip()
                if value:
                    found[key] = (value, str(file))
    return found


def _pip_files(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    special = environ.get("PIP_CONFIG_FILE", "")
    if special == os.devnull:
        return
    yield Path("/etc/pip.conf")
    for folder in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
        yield Path(folder) / "pip" / "pip.conf"
    yield home / ".pip" / "pip.conf"
    if sys.platform == "darwin":
        yield home / "Library" / "Application Support" / "pip" / "pip.conf"
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
    if special:
        yield Path(special)
