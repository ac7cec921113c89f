"""Images into a kind cluster's nodes, with their bytes shown; only to nodes that lack them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.engines.image_transfer import (
    held_by,
    image_ids,
    import_command,
    reference,
    save_command,
    transfer,
)
from airflow_wizard.engines.kind import nodes_of
from airflow_wizard.errors import StepFailedError
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import LoadImages


class LoadImagesHandler:
    """Handler of `LoadImages`."""

    def done(self, action: LoadImages, context: RunContext) -> str:
        """Done when every node has every image, the same that the engine has."""
        del context
        if any(missing for missing in _missing(action).values()):
            return ""
        return f"{len(action.images)} images are in every node"

    def do(self, action: LoadImages, context: RunContext) -> str:
        """Copy what is missing; nodes that lack the same are given it from one stream."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for node, images in _missing(action).items():
            if images:
                groups.setdefault(images, []).append(node)
        sizes = image_ids(action.images)
        total = sum(sizes[image][1] for images in groups for image in images)
        before = 0
        for images, nodes in groups.items():
            size = sum(sizes[image][1] for image in images)
            self._copy(images, tuple(nodes), context, before, total)
            before += size
        return f"{human_bytes(total)} into {', '.join(node for nodes in groups.values() for node in nodes)}"

    @staticmethod
    def _copy(images: tuple[str, ...], nodes: tuple[str, ...], context: RunContext, before: int, total: int) -> None:
        began = time.monotonic()
        commands = [save_command(images), *(import_command(node) for node in nodes)]
        ended = [context.command_started(command, "/") for command in commands]

        def told(done: int) -> None:
            at = min(before + done, total)
            rate = done / max(time.monotonic() - began, 0.1)
            words = f"{human_bytes(at)} of {human_bytes(total)}, {human_bytes(rate)}/s"
            if at >= total:
                words = "the nodes unpack them"
            context.progress(words, fraction=at / total if total else None)

        code = 1
        try:
            transfer(images, nodes, on_bytes=told, cancel=context.cancel)
            code = 0
        finally:
            for end in ended:
                end(code, time.monotonic() - began)


def _missing(action: LoadImages) -> dict[str, tuple[str, ...]]:
    """Images that each node lacks.

    Raises:
        StepFailedError: the engine does not have one of them.
    """
    ids = image_ids(action.images)
    absent = [image for image in action.images if image not in ids]
    if absent:
        raise StepFailedError(
            f"the engine does not have {', '.join(absent)}",
            why="nodes are given images from it",
            next=f"docker pull {absent[0]}, then the same command",
        )
    found = {}
    for node in nodes_of(action.kind.name):
        held = held_by(node.name)
        found[node.name] = tuple(image for image in action.images if held.get(reference(image)) != ids[image][0])
    return found
