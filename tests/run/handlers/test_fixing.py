"""A fix is over when what was wrong is gone, and not before."""

from __future__ import annotations

import pytest

from airflow_wizard.errors import InterruptedByUserError, StepFailedError
from airflow_wizard.run.fix_actions import AwaitGone
from tests.run.handlers.context import Heard


def test_it_looks_until_it_is_gone() -> None:
    said = ["still broken", ""]
    heard = Heard()
    assert "gone" in heard.do(AwaitGone("a.b", "A", lambda: said.pop(0)))
    assert heard.progress == ["still broken"]
    assert said == []


def test_it_gives_up_and_says_what_is_left() -> None:
    with pytest.raises(StepFailedError, match="still there"):
        Heard().do(AwaitGone("a.b", "A", lambda: "still broken", patience=-1.0))


def test_it_can_be_stopped() -> None:
    heard = Heard()
    heard.cancel.set()
    with pytest.raises(InterruptedByUserError):
        heard.do(AwaitGone("a.b", "A", lambda: "still broken"))


def test_it_is_never_done_beforehand() -> None:
    assert Heard().done(AwaitGone("a.b", "A", lambda: "")) == ""
