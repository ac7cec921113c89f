"""Asks at a stack's address who is there, and Airflow how it is. Only the stack's own Airflow is believed."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.artifacts.standalone import IDENTITY, PASSWORD
from airflow_wizard.engines.airflow_api import AirflowApi, ForeignError, Login, NoAnswerError
from airflow_wizard.status.airflow_health import health_of
from airflow_wizard.status.rules import Answer, Heard
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from airflow_wizard.status.place import Place

# A person looks at the screen while it is asked; Airflow answers within milliseconds, or not at all.
TIMEOUT = 1.5
# An Airflow that lost its database takes seconds to answer; a look waits no longer than this for it.
_PATIENCE = 0.25
_FIRST_PATIENCE = 1.0
# An answer of the same process may be used so long while the next one is awaited.
_FRESH = 5.0
# Events come in bursts; Airflow is not asked at each of them.
_OFTEN = 0.5


class Hearing:
    """What is heard at one address. `ask` waits for the answer, `listen` does not. For one thread at a time."""

    def __init__(self, place: Place, *, timeout: float = TIMEOUT) -> None:
        self._place = place
        self._timeout = timeout
        self._proven: Hashable = None
        self._asking: _Question | None = None
        self._last: _Question | None = None

    def client(self) -> AirflowApi:
        """A client with the login that is on disk right now."""
        place = self._place
        return AirflowApi(place.asked or place.url, place.api, place.health_path, _login(place), timeout=self._timeout)

    def ask(self, who: Hashable) -> Heard:
        """Ask now.

        Args:
            who: what makes the process that answers the same as before. While it runs, the address is its own:
                another program cannot listen there beside it. None when no process is known.
        """
        return self._heard(*self._answer(who), time.time())

    def listen(self, who: Hashable, came: Callable[[], None]) -> Heard:
        """What is known now; when the answer comes later than a look can wait, ``came`` is called from a thread."""
        if self._age(who) < _OFTEN and self._last is not None:
            return self._heard(*self._last.answer, time.time())
        question = self._asking
        if question is None or question.who != who:
            question = self._asking = _Question(who)
            threading.Thread(target=self._work, args=(question, came), name="hearing", daemon=True).start()
        if not question.done.wait(_FIRST_PATIENCE if self._last is None else _PATIENCE):
            question.late = True
        if question.done.is_set():
            self._last, self._asking = question, None
        if self._age(who) < _FRESH and (last := self._last) is not None:
            return self._heard(*last.answer, time.time())
        return Heard(Answer.UNREADABLE, "Airflow takes its time to answer", None, self._place.beats)

    def _age(self, who: Hashable) -> float:
        """Seconds since the last answer of this process."""
        last = self._last
        return time.monotonic() - last.at if last is not None and last.who == who else float("inf")

    def _work(self, question: _Question, came: Callable[[], None]) -> None:
        try:
            question.answer = self._answer(question.who)
            question.at = time.monotonic()
        finally:
            question.done.set()
        last = self._last
        known = last is not None and last.who == question.who and last.answer == question.answer
        # A silence that goes on is no news: looking again would ask again, and so on for ever.
        if question.late and not known:
            came()

    def _heard(self, answer: Answer, words: str, body: object, now: float) -> Heard:
        health = health_of(body, now=now) if answer is Answer.OURS else None
        return Heard(answer, words, health, self._place.beats)

    def _answer(self, who: Hashable) -> tuple[Answer, str, object]:
        api = self.client()
        if not api.login.identity:
            return Answer.UNREADABLE, ".env holds no identity token, so no answer can be recognised as ours", None
        known = who is not None and self._proven == who
        try:
            if not known:
                api.identity()
                self._proven, known = who, True
            return Answer.OURS, "", api.health()
        except NoAnswerError as error:
            self._proven = None
            return Answer.SILENT, one_line(error, limit=200), None
        except ForeignError as error:
            self._proven = None
            return (Answer.UNREADABLE if known else Answer.FOREIGN), one_line(error, limit=200), None


class _Question:
    """One asking, in a thread of its own."""

    def __init__(self, who: Hashable) -> None:
        self.who = who
        self.done = threading.Event()
        self.late = False
        self.at = float("-inf")
        self.answer: tuple[Answer, str, object] = (Answer.SILENT, "", None)


def _login(place: Place) -> Login:
    """The login on disk right now; without one no answer can be recognised as ours."""
    try:
        values = values_of(Path(place.secrets_file or f"{place.folder}/.env").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        values = {}
    return Login(ADMIN, values.get(PASSWORD, ""), values.get(IDENTITY, ""))
