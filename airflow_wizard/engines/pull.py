"""Pulling one image, with its bytes; runs in a thread of its own and is looked at from another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.containers import Engine, said
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

_MINUTES = 600.0
_THERE = ("Download complete", "Already exists", "Pull complete")


class Layers:
    """How far the layers of one image are, from the lines of ``POST /images/create``. Pure."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self.doing = "downloading"

    def take(self, line: Mapping[str, Any]) -> str:
        """Take in one line. Returns what went wrong, empty when nothing did."""
        if line.get("error"):
            return one_line(line["error"], limit=300)
        layer, status = str(line.get("id", "")), str(line.get("status", ""))
        detail = line.get("progressDetail") or {}
        if status == "Downloading" and isinstance(detail.get("total"), int):
            self._sizes[layer] = detail["total"]
            self._done[layer] = int(detail.get("current", 0))
            self.doing = "downloading"
        elif status in _THERE and layer in self._sizes:
            self._done[layer] = self._sizes[layer]
        elif status == "Extracting" and self.current >= self.total:
            self.doing = "unpacking"
        return ""

    @property
    def current(self) -> int:
        """Bytes that came."""
        return sum(self._done.values())

    @property
    def total(self) -> int:
        """Bytes of the layers that are not there yet, as far as the engine told."""
        return sum(self._sizes.values())


class Pull:
    """One pull.

    Attributes:
        image: name with its tag.
        error: why it failed; empty while it does not.
        ended: whether it is over, well or not.
    """

    def __init__(self, image: str) -> None:
        self.image = image
        self.error = ""
        self.ended = False
        self._layers = Layers()

    @property
    def current(self) -> int:
        """Bytes that came."""
        return self._layers.current

    @property
    def total(self) -> int:
        """Bytes to come altogether, as far as the engine told."""
        return self._layers.total

    @property
    def doing(self) -> str:
        """``downloading`` or ``unpacking``."""
        return self._layers.doing

    def run(self, stop: threading.Event) -> None:
        """Pull until it is there, refused, or ``stop`` is set: closing the conversation makes the engine give up."""
        from docker.errors import APIError

        name, _, tag = self.image.rpartition(":")
        if not name or "/" in tag:
            name, tag = self.image, "latest"
        try:
            with Engine(timeout=_MINUTES) as engine:
                for line in engine.api.pull(name, tag=tag, stream=True, decode=True):
                    self.error = self.error or self._layers.take(line)
                    if stop.is_set() or self.error:
                        break
                if not self.error and not stop.is_set() and engine.image_size(self.image) is None:
                    self.error = "the engine ended the pull without the image"
        except APIError as error:
            self.error = one_line(error.explanation or error, limit=300)
        except EngineUnreachableError as error:
            self.error = error.what
        except Exception as error:  # noqa: BLE001 - isolates the thread: what it cannot do is told, never lost
            self.error = one_line(error, limit=300)
        finally:
            self.ended = True


def tags_here(engine: Engine, repository: str) -> tuple[str, ...]:
    """Names with tags under which images of a repository are there, the highest first.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    with said():
        found = engine.api.images(name=repository)
    return tuple(sorted({str(tag) for image in found for tag in image.get("RepoTags") or ()}, reverse=True))
