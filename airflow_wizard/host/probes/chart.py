"""The chart, where it is a folder or an archive of this machine: is it one, whose, and which release of it."""

from __future__ import annotations

import tarfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.host.probe import Ask, Probe, Seen, Unseen
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json

_FILE = "Chart.yaml"
# The official one has 2 KB; whatever is larger is no description of a chart.
_MOST = 256 * 1024
# The description is among the first entries of what ``helm package`` writes.
_ENTRIES = 5000
_TEXT = 120


class _NoChartError(Exception):
    """There is no chart; the text says what is there instead."""


def probe(ask: Ask) -> Seen:
    """``{path, name, version, problem, nearby}`` of a chart on this machine; ``{address}`` of any other.

    ``problem`` says why it is no chart, and is empty for one. ``nearby`` is the whole path of what was perhaps
    meant: Helm is called in the stack's folder, and knows no ``~``.
    """
    source = ask.chart_source
    if not source:
        return {"chart": Unseen("only looked at for clusters")}
    if "://" in source and not source.startswith("file://"):
        return {"chart": {"address": source}}
    given = Path(source.removeprefix("file://"))
    place = ask.folder.absolute() / given
    value: dict[str, Json] = {"path": str(place), "name": "", "version": "", "problem": "", "nearby": ""}
    try:
        value.update(_described(_description(place), place))
    except _NoChartError as error:
        value["problem"] = one_line(str(error), limit=300)
        value["nearby"] = _nearby(given, place)
    return {"chart": value}


def _description(place: Path) -> bytes:
    file = place / _FILE
    try:
        if place.is_dir():
            if not file.is_file():
                raise _NoChartError(f"the folder has no {_FILE}")
            with file.open("rb") as opened:
                return opened.read(_MOST)
        if not place.exists():
            raise _NoChartError("it is not there")
        if not place.is_file():
            raise _NoChartError("it is neither a folder nor an archive")
        return _from_archive(place)
    except OSError as error:
        raise _NoChartError(f"it cannot be read: {error.strerror or error}") from None


def _from_archive(place: Path) -> bytes:
    try:
        with tarfile.open(place, "r:gz") as archive:
            for _, entry in zip(range(_ENTRIES), archive, strict=False):
                if (
                    entry.isfile()
                    and entry.name.removeprefix("./").count("/") == 1
                    and entry.name.endswith(f"/{_FILE}")
                ):
                    opened = archive.extractfile(entry)
                    return opened.read(_MOST) if opened else b""
    except (tarfile.TarError, EOFError, zlib.error):
        raise _NoChartError("it is no archive as helm package makes it") from None
    raise _NoChartError(f"the archive has no {_FILE}")


def _described(text: bytes, place: Path) -> dict[str, Json]:
    import yaml

    where = f"{_FILE} of {place.name}"
    try:
        found = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise _NoChartError(f"{where}{line}: {error.problem or 'it is no YAML'}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise _NoChartError(f"{where} is no YAML") from None
    said = found if isinstance(found, dict) else {}
    name, version = (one_line(str(said.get(key) or ""), limit=_TEXT).strip() for key in ("name", "version"))
    if not name:
        raise _NoChartError(f"{where} does not name a chart")
    return {"name": name, "version": version}


def _nearby(given: Path, place: Path) -> str:
    try:
        meant = Path(str(given)).expanduser().absolute()
        return str(meant) if meant != place and meant.exists() else ""
    except (OSError, RuntimeError):
        return ""


PROBES = (Probe(("chart",), f"{_FILE} of the chart", "installing Airflow into a cluster", 2.0, probe),)
