"""A profile's YAML as flat keys with line numbers. Strict: what a profile cannot need is refused, not interpreted.

Works on parser events, so nothing is constructed, no alias is followed and a bomb costs as much as its first line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import Event, NodeEvent

SIZE_LIMIT = 64 * 1024
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a profile.

    Attributes:
        value: the text as written, several texts for a list, None for no value.
        line: 1-based line of the key.
    """

    value: str | tuple[str, ...] | None
    line: int


def read(data: bytes, source: str) -> dict[str, Entry]:
    """The keys of a profile, in order.

    Raises:
        InvalidError: not UTF-8, too large, no flat mapping, a key twice, an alias, a tag or no YAML at all.
    """
    text = _text(data, source)
    import yaml

    try:
        return _Reader(yaml.parse(text, Loader=yaml.SafeLoader), source).mapping()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = one_line(error.problem or error.context or "", limit=160)
        line = mark.line + 1 if mark is not None else None
        raise _bad(f"is not valid YAML: {reason}", source, line) from None
    except yaml.YAMLError as error:  # a ReaderError: a character YAML does not allow
        position = getattr(error, "position", None)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else None
        raise _bad("contains a character that YAML does not allow", source, line) from None


def _text(data: bytes, source: str) -> str:
    if len(data) > SIZE_LIMIT:
        raise _bad(f"is {len(data)} bytes long; a profile has at most {SIZE_LIMIT}", source, None)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _bad("is not UTF-8 text", source, line) from None


class _Reader:
    def __init__(self, events: Iterator[Event], source: str) -> None:
        self._events = events
        self._source = source

    def mapping(self) -> dict[str, Entry]:
        from yaml import events as y

        start = self._skip_to_content()
        if not isinstance(start, y.MappingStartEvent):
            raise self._error("must be a list of `option: value` lines", start)
        self._plain_node(start)
        entries: dict[str, Entry] = {}
        while not isinstance(key := self._next(), y.MappingEndEvent):
            if not isinstance(key, y.ScalarEvent):
                raise self._error("has a key that is not a word", key)
            self._plain_node(key)
            name, line = str(key.value), _line(key)
            if name in entries:
                shown = one_line(name, limit=60)
                first = entries[name].line
                problem = self._error(f"has {shown!r} twice, first in line {first}", key, name=shown)
                problem.why = "one of them would be ignored without a word"
                problem.next = f"keep one of the two lines, {first} or {line}, and remove the other"
                raise problem
            entries[name] = Entry(self._value(name), line)
        end = [e for e in self._events if not isinstance(e, y.DocumentEndEvent | y.StreamEndEvent)]
        if end:
            raise self._error("holds more than one document", end[0])
        return entries

    def _skip_to_content(self) -> Event:
        from yaml import events as y

        event = self._next()
        while isinstance(event, y.StreamStartEvent | y.DocumentStartEvent):
            event = self._next()
        if isinstance(event, y.StreamEndEvent):
            raise self._error("is empty", event)
        return event

    def _value(self, name: str) -> str | tuple[str, ...] | None:
        from yaml import events as y

        event = self._next()
        if isinstance(event, y.ScalarEvent):
            return self._scalar(event)
        if not isinstance(event, y.SequenceStartEvent):
            what = "an alias" if isinstance(event, y.AliasEvent) else "nested values"
            raise self._error(f"has {what} under {one_line(name, limit=60)!r}; a profile is flat", event, name=name)
        self._plain_node(event)
        items: list[str] = []
        while not isinstance(item := self._next(), y.SequenceEndEvent):
            if not isinstance(item, y.ScalarEvent):
                raise self._error(f"has nested values under {one_line(name, limit=60)!r}", item, name=name)
            items.append(self._scalar(item) or "")
        return tuple(items)

    def _scalar(self, event: Event) -> str | None:
        from yaml import events as y

        if not isinstance(event, y.ScalarEvent):
            raise self._error("has a value that is not text", event)
        self._plain_node(event)
        text = str(event.value)
        return None if event.style is None and text in _NULLS else text

    def _plain_node(self, event: NodeEvent) -> None:
        if event.anchor is not None:
            raise self._error("uses an anchor (&); a profile has none", event)
        if getattr(event, "tag", None) is not None:
            raise self._error("uses a tag (!); a profile has none", event)

    def _next(self) -> Event:
        return next(self._events)

    def _error(self, what: str, event: Event, *, name: str = "") -> InvalidError:
        return _bad(what, self._source, _line(event), key=one_line(name, limit=60) or None)


def _line(event: Event) -> int:
    mark = event.start_mark
    return int(mark.line) + 1 if mark is not None else 1


def _bad(what: str, source: str, line: int | None, key: str | None = None) -> InvalidError:
    subject = "the profile" if source in {"", "-"} else source
    return InvalidError(
        f"{subject} {what}",
        why="nothing is guessed from a damaged profile, since the guess would be installed",
        next="see a working one: airflow-wizard profiles show standalone-quickstart",
        file=source or None,
        line=line,
        key=key,
    )
