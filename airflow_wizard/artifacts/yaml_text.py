"""A small YAML writer for files people read: stable order, a comment above what needs one, anchors and merges.

PyYAML cannot write comments, and sorts or folds what readers of Compose files and manifests expect to find in place.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Scalar: TypeAlias = "str | int | bool"
Node: TypeAlias = "Scalar | Mapping[str, Node] | Sequence[Node] | Why | Anchor | Alias | Flow | Block"

# Everything that YAML 1.1 or 1.2 could take for something else than text is quoted.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


@dataclass(frozen=True, slots=True)
class Why:
    """A value with a comment above it."""

    value: Node
    text: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A value that others refer to."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True)
class Alias:
    """A reference to an `Anchor`; under the key ``<<`` it is merged."""

    name: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A list on one line."""

    items: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A text of several lines that people can read as it is; it ends with a line break."""

    text: str


def manifests(documents: Sequence[Mapping[str, Node]], head: str = "") -> str:
    """The text of a file of Kubernetes objects, one document each, below a comment."""
    comment = "".join(f"# {line}\n" for line in head.splitlines())
    texts = ["".join(f"{line}\n" for key, value in d.items() for line in _entry(key, value, 0)) for d in documents]
    return comment + "---\n".join(texts)


def render(document: Mapping[str, Node]) -> str:
    """The text of a document; one blank line between its sections and between the entries of ``services``."""
    parts = []
    for key, value in document.items():
        lines = list(_entry(key, value, 0))
        if key == "services" and isinstance(value, dict) and value:
            blocks = ["\n".join(_entry(name, body, 2)) for name, body in value.items()]
            lines = ["services:", "\n\n".join(blocks)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text that Compose must take literally."""
    return text.replace("$", "$$")


def _entry(key: str, value: Node, indent: int) -> Iterator[str]:
    pad = " " * indent
    if isinstance(value, Why):
        yield f"{pad}# {value.text}"
        value = value.value
    yield from _valued(f"{pad}{key if key == '<<' else _text(key)}:", value, indent)


def _valued(head: str, value: Node, indent: int) -> Iterator[str]:
    if isinstance(value, Anchor):
        head = f"{head} &{value.name}"
        value = value.value
    if isinstance(value, Block):
        yield from _block(head, value, indent + 2)
        return
    inline = _inline(value)
    if inline is not None:
        yield f"{head} {inline}"
        return
    yield head
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(key, inner, indent + 2)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _item(item, indent + 2)


def _item(item: Node, indent: int) -> Iterator[str]:
    pad = " " * indent
    if isinstance(item, Why):
        yield f"{pad}# {item.text}"
        item = item.value
    if isinstance(item, Block):
        yield from _block(f"{pad}-", item, indent + 2)
        return
    inline = _inline(item)
    if inline is not None:
        yield f"{pad}- {inline}"
    elif isinstance(item, dict):
        lines = [line for key, inner in item.items() for line in _entry(key, inner, indent + 2)]
        if lines[0].lstrip().startswith("#"):
            raise TypeError("the reason of a list's item stands above the item")
        yield f"{pad}- {lines[0].lstrip()}"
        yield from lines[1:]
    else:
        raise TypeError(f"a list of {type(item).__name__} cannot be written")


def _block(head: str, block: Block, indent: int) -> Iterator[str]:
    lines = block.text.removesuffix("\n").split("\n")
    readable = block.text.endswith("\n") and all(line.isprintable() for line in lines)
    # A first line that is empty or begins with a space would be taken for the indentation of the whole; an empty
    # last one for no line at all.
    if not readable or not lines[0] or lines[0].startswith(" ") or not lines[-1]:
        yield f"{head} {_quoted(block.text)}"
        return
    yield f"{head} |"
    yield from (f"{' ' * indent}{line}" if line else "" for line in lines)


def _inline(value: Node) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Alias):
        return f"*{value.name}"
    if isinstance(value, Flow):
        return f"[{', '.join(_quoted(i) if isinstance(i, str) else str(_inline(i)) for i in value.items)}]"
    if isinstance(value, dict | list | tuple) and not value:
        return "{}" if isinstance(value, dict) else "[]"
    return None


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    """A JSON string is a YAML string, but for what YAML takes for the end of a line or does not allow in a file."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)
