"""One kind of thing in a cluster, listed once and kept up to date by what the cluster tells from then on.

Kubernetes, "Efficient detection of changes": a list says at which version it was true; a watch from that version on
tells every change; when the version is too old (410), one lists again.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from airflow_wizard.engines.kube_api import ApiRefusedError, Hangup
from airflow_wizard.engines.kube_json import inner, text, whole
from airflow_wizard.errors import EngineUnreachableError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from airflow_wizard.engines.kube_api import KubeApi

Kept = TypeVar("Kept")
# The first page is a screenful or two, for whoever waits for something to see.
# What a page takes while it is read is not given back: of 500 pods that is 18 MiB more than of 250, for two lists.
FIRST, PAGE = 100, 250
# Asked again after so many seconds; a cluster that is back has to be seen within three.
_FIRST, _MOST = 0.5, 2.5
# A right that is missing may be given meanwhile.
_REFUSED = 30.0
_SHORT = 0.3
_GONE = 410


class KubeWatch(Generic[Kept]):
    """Keeps what is there. `look` lists once in this thread, `start` lists and then listens in one of its own.

    Args:
        api: which cluster.
        path: of the list, for example ``/api/v1/namespaces/x/pods``.
        make: a value of what the API tells; None for what is not wanted. Nothing of the answer itself is kept.
        came: called from the thread after every change, and when the cluster goes or comes.
        selector: only what has these labels.
        fields: only what has these fields.

    Attributes:
        listed: everything that is there has been seen once.
        problem: why the cluster does not answer at the moment; None while it does.
        refused: why this may not be seen, or is not known there; empty when it is.
        changes: how often something changed.
    """

    def __init__(
        self,
        api: KubeApi,
        path: str,
        make: Callable[[Mapping[str, Any]], Kept | None],
        came: Callable[[], None] = lambda: None,
        *,
        selector: str = "",
        fields: str = "",
    ) -> None:
        self.listed = False
        self.problem: EngineUnreachableError | None = None
        self.refused = ""
        self.changes = 0
        self._api = api
        self._path = path
        self._make = make
        self._came = came
        self._query = {key: x for key, x in (("labelSelector", selector), ("fieldSelector", fields)) if x}
        self._kept: dict[str, Kept] = {}
        self._version = ""
        self._begun: tuple[dict[str, str], set[str]] | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._hangup = _Answered(self._answers)
        self._thread: threading.Thread | None = None

    def all(self) -> tuple[Kept, ...]:
        """What is there, in no order."""
        with self._lock:
            return tuple(self._kept.values())

    def tell(self, came: Callable[[], None]) -> None:
        """From now on, call this at everything new."""
        self._came = came

    def has(self, uid: str) -> bool:
        """Whether something is there."""
        return uid in self._kept

    def look(self) -> None:
        """List once; raises as `KubeApi.get`, but for what may not be seen."""
        try:
            self._list()
        except ApiRefusedError as error:
            self.refused, self.listed = str(error), True

    def start(self) -> None:
        """List, and listen until `close`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Hang up; for any thread."""
        self._closing.set()
        self._hangup.up()

    def _answers(self) -> None:
        if self.problem is not None:
            self._say(None)

    def _run(self) -> None:
        wait, again = _FIRST, False
        while not self._closing.is_set():
            began = time.monotonic()
            try:
                if not self._version:
                    self._list()
                self._listen()
            except EngineUnreachableError as error:
                self._say(error)
                self._closing.wait(wait)
                wait = min(_MOST, wait * 2)
                continue
            except ApiRefusedError as error:
                again = self._too_old(error, again=again)
                continue
            wait, again = _FIRST, False
            # A watch ends after some minutes; one that ends at once is not asked for in a loop.
            self._closing.wait(max(0.0, _SHORT - (time.monotonic() - began)))

    def _too_old(self, error: ApiRefusedError, *, again: bool) -> bool:
        """What was refused: a version that is too old is listed anew at once, but not again and again."""
        if error.status == _GONE:
            self._version, self._begun = "", None
            self._closing.wait(_FIRST if again else 0.0)
            return True
        # Rights change; a server that is only starting refuses as well.
        self.refused, self.listed = str(error), True
        self.changes += 1
        self._came()
        self._closing.wait(_MOST if error.status in (401, 429) else _REFUSED)
        return False

    def _list(self) -> None:
        # A cluster that gives up in the middle is asked for the rest, or a long list would never be whole.
        query, seen = self._begun or ({**self._query, "limit": str(FIRST)}, set[str]())
        self._begun = (query, seen)
        while not self._closing.is_set():
            page = self._api.get(self._path, **query)
            made = {uid: one for item in page.get("items") or () if (uid := _uid(item)) and (one := self._make(item))}
            seen.update(made)
            with self._lock:
                self._kept.update(made)
            self.problem, self.refused = None, ""
            listed = inner(page, "metadata")
            following = text(listed.get("continue"), 4096)
            self.changes += 1
            if following:
                self._came()
                query.update({"continue": following, "limit": str(PAGE)})
                continue
            with self._lock:
                self._kept = {uid: one for uid, one in self._kept.items() if uid in seen}
            self._begun = None
            self._version, self.listed = text(listed.get("resourceVersion")), True
            self._came()
            return

    def _listen(self) -> None:
        query = {**self._query, "watch": "1", "allowWatchBookmarks": "true", "resourceVersion": self._version}
        for line in self._api.lines(self._path, hangup=self._hangup, **query):
            if self._closing.is_set():
                return
            if self._change(line):
                self.changes += 1
                self._came()

    def _change(self, line: bytes) -> bool:
        """Takes one change; False when nothing that is shown is different."""
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            return False
        kind, found = inner(told).get("type"), inner(told, "object")
        if kind == "ERROR":
            raise ApiRefusedError(whole(found.get("code")) or _GONE, text(found.get("reason")), "the watch ended")
        self._version = text(inner(found, "metadata").get("resourceVersion")) or self._version
        uid = _uid(found)
        if kind == "BOOKMARK" or not uid:
            return False
        made = None if kind == "DELETED" else self._make(found)
        with self._lock:
            before = self._kept.pop(uid, None) if made is None else self._kept.get(uid)
            if made is not None:
                self._kept[uid] = made
        return made != before

    def _say(self, problem: EngineUnreachableError | None) -> None:
        self.problem = problem
        self._came()


class _Answered(Hangup):
    """Tells when the cluster has begun to answer: a watch may be silent for a minute then."""

    def __init__(self, answered: Callable[[], None]) -> None:
        super().__init__()
        self._answered = answered

    def holds(self, sock: socket.socket | None) -> None:
        super().holds(sock)
        self._answered()


def _uid(found: object) -> str:
    return text(inner(found, "metadata").get("uid"))
