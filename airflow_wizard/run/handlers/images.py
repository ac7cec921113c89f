"""Images: brought in parallel with their bytes shown, or built."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from airflow_wizard.engines.containers import Engine
from airflow_wizard.engines.pull import Pull, tags_here
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.compose_cli import IMAGE_KEY, compose, env_values
from airflow_wizard.run.handlers.compose_words import reason
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.run.actions import BuildImage, PullImages
    from airflow_wizard.run.context import Part, RunContext

_POLL = 0.1
_RATE_SECONDS = 5.0


class PullHandler:
    """Handler of `PullImages`."""

    def done(self, action: PullImages, context: RunContext) -> str:
        """Done when every image is there."""
        del context
        with Engine() as engine:
            sizes = [engine.image_size(name) for name in _wanted(action)]
        if any(size is None for size in sizes):
            return ""
        return f"{len(sizes)} images are there, {human_bytes(sum(size or 0 for size in sizes))}"

    def do(self, action: PullImages, context: RunContext) -> str:
        """Pull what is missing, all at once; the first refusal ends it."""
        wanted = _wanted(action)
        with Engine() as engine:
            missing = [name for name in wanted if engine.image_size(name) is None]
        pulls = [Pull(name) for name in missing]
        ended = {pull: context.command_started(("docker", "pull", pull.image), action.folder) for pull in pulls}
        began = time.monotonic()
        stop = threading.Event()
        for pull in pulls:
            threading.Thread(target=pull.run, args=(stop,), daemon=True).start()
        rate = _Rate()
        try:
            while not all(pull.ended for pull in pulls):
                self._tell(wanted, pulls, rate, context)
                self._see_failure(pulls, action)
                context.pause(_POLL)
            self._see_failure(pulls, action)
        finally:
            stop.set()
            for pull in pulls:
                ended[pull](0 if pull.ended and not pull.error else 1, time.monotonic() - began)
        return f"{human_bytes(sum(p.total for p in pulls))} in {len(pulls)} images"

    @staticmethod
    def _tell(images: Sequence[str], pulls: Sequence[Pull], rate: _Rate, context: RunContext) -> None:
        pulled = {pull.image: pull for pull in pulls}
        parts = tuple(_part(name, pulled.get(name)) for name in images)
        done, total = sum(p.current for p in pulls), sum(p.total for p in pulls)
        known = total > 0 and all(pull.total > 0 for pull in pulls)
        speed = rate.per_second(done)
        words = f"{human_bytes(done)} of {human_bytes(total)}" if total else "asking the registry"
        words += f", {human_bytes(speed)}/s" if speed > 0 else ""
        context.progress(words, fraction=min(1.0, done / total) if known else None, parts=parts)

    @staticmethod
    def _see_failure(pulls: Sequence[Pull], action: PullImages) -> None:
        for pull in pulls:
            if pull.error:
                why, following = _refusal(pull.error, pull.image)
                if pull.image not in action.images:
                    why, following = f"{why}; {IMAGE_KEY} in .env asks for it", f"take it out of .env, or: {following}"
                raise StepFailedError(
                    f"{pull.image} cannot be pulled: {one_line(pull.error, limit=200)}", why=why, next=following
                )


class BuildHandler:
    """Handler of `BuildImage`."""

    def done(self, action: BuildImage, context: RunContext) -> str:
        """Done when the image is there; its tag changes with what it is made of."""
        del context
        with Engine() as engine:
            size = engine.image_size(action.image)
        return f"{action.image} is there, {human_bytes(size)}" if size is not None else ""

    def do(self, action: BuildImage, context: RunContext) -> str:
        """Build it with Compose; its output is the evidence when it fails."""

        def line(text: str) -> None:
            context.output("build", text)
            context.progress(one_line(text, limit=160))

        compose(context, action.folder, "--progress", "plain", "build", "airflow-init", on_line=line)
        with Engine() as engine:
            size = engine.image_size(action.image)
        if size is None:
            raise StepFailedError(
                f"Compose built something else than {action.image}",
                why="the services would be made from an image that is not there",
                next="take AIRFLOW_IMAGE_NAME out of .env, or see: docker compose config --images",
            )
        return human_bytes(size)


class _Rate:
    """Bytes per second over the last few seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def per_second(self, done: int) -> float:
        now = time.monotonic()
        self._seen.append((now, done))
        while now - self._seen[0][0] > _RATE_SECONDS:
            self._seen.popleft()
        passed = now - self._seen[0][0]
        return max(0.0, done - self._seen[0][1]) / passed if passed > 0.5 else 0.0


def _part(name: str, pull: Pull | None) -> Part:
    if pull is None:
        return name, "ok", "is there"
    if pull.error:
        return name, "failed", pull.error
    if pull.ended:
        return name, "ok", "pulled"
    if not pull.total:
        return name, "waiting", "asking the registry"
    return name, "waiting", f"{human_bytes(pull.current)} of {human_bytes(pull.total)}, {pull.doing}"


def _wanted(action: PullImages) -> tuple[str, ...]:
    """The plan's images, and the one that a person put into .env for a try."""
    chosen = env_values(action.folder).get(IMAGE_KEY, "")
    return (*action.images, chosen) if chosen and chosen not in action.images else action.images


def _refusal(error: str, image: str) -> tuple[str, str]:
    """(why, what to do) when an image does not come; names what is here already under another tag."""
    why, following = reason(error) or (
        "the services are made from it",
        f"see whether the registry can be reached: docker pull {image}; then the same command",
    )
    with Engine() as engine:
        here = [name for name in tags_here(engine, repository(image)) if name != image]
    if here:
        following = f"{following}; here already: {', '.join(here[:4])}"
    return why, following


def repository(image: str) -> str:
    """An image's name without its tag and digest; a colon before a slash is a registry's port."""
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name
