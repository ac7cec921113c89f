"""The log pane as a person uses it."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.log_line import BOUNDARY, LogLine
from airflow_wizard.tui.app import Start, WizardApp
from airflow_wizard.tui.panes import log_reading, logs
from airflow_wizard.tui.widgets.log_pane import LogPane
from tests.tui.machine import NOW, record
from tests.tui.recorded import Recorded, RecordedFeed
from tests.tui.seeing import text, until, until_seen

if TYPE_CHECKING:
    import pytest
    from textual.pilot import Pilot


def numbered(start: int, end: int) -> list[LogLine]:
    return [LogLine(NOW - 1_000 + n, "a" if n % 2 else "b", f"line {n}.") for n in range(start, end)]


def opened(services: Recorded) -> WizardApp:
    services.known_stacks = [record()]
    return WizardApp(Start(screen="dashboard", stack="demo"), services)


def pane(app: WizardApp) -> LogPane:
    return app.screen.query_one("#logs", LogPane)


async def come(pilot: Pilot[int], services: Recorded, lines: list[LogLine]) -> None:
    """Lines come, and are taken."""
    assert services.feed is not None
    before = pane(pilot.app).ring.end  # type: ignore[arg-type]
    services.feed.coming.put(lines)
    await until(pilot, lambda: pane(pilot.app).ring.end == before + len(lines))  # type: ignore[arg-type]


async def test_what_comes_while_a_burst_is_put_into_its_place_is_not_left_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing comes after it that could wake the pane."""
    monkeypatch.setattr(logs, "SLICE", 0.0)
    services = Recorded(lines=numbered(0, 1))
    app = opened(services)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "line 0.")
        feed, add = services.feed, LogPane.add
        assert feed is not None
        late = [numbered(3_001, 3_501)]

        def added(self: LogPane, lines: list[LogLine]) -> None:
            add(self, lines)
            if late and len(lines) == log_reading.PIECE:
                feed.coming.put(late.pop())
                # The screen is busy for as long as it takes to read it.
                while not feed.coming.empty():
                    pass
                Event().wait(0.05)

        monkeypatch.setattr(LogPane, "add", added)
        feed.coming.put(numbered(1, 3_001))
        await until(pilot, lambda: pane(app).ring.end == 3_501)
        assert not late


async def test_it_follows_until_one_scrolls_up_and_keeps_what_is_read_in_place() -> None:
    services = Recorded(lines=numbered(100, 400), older=numbered(0, 100))
    app = opened(services)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "line 399.")
        await pilot.press("l", "pageup")
        await until_seen(pilot, "held")
        assert "line 399." not in text(app)
        selected, seen = pane(app).current, [line.text for line in pane(app).seen]
        # One of the new lines was written before the one that is selected.
        await come(pilot, services, [LogLine(NOW - 849.5, "c", "late."), LogLine(NOW, "c", "new.")])
        assert [line.text for line in pane(app).seen] == seen
        assert pane(app).current is selected
        await pilot.press("f")
        await until_seen(pilot, "new.")
        # Home goes to the oldest line, and once more loads what is older; what is seen stays where it is.
        await pilot.press("home")
        await until_seen(pilot, "line 100.")
        await pilot.press("home")
        await until(pilot, lambda: pane(app).ring.first == -100)
        assert pane(app).current == numbered(100, 101)[0]
        await pilot.press("home", "home")
        await until_seen(pilot, "the log begins here")
        assert "line 0." in text(app)
        held = [pane(app).ring[number].text for number in range(pane(app).ring.first, pane(app).ring.end)]
        assert held == [*(f"line {n}." for n in range(151)), "late.", *(f"line {n}." for n in range(151, 400)), "new."]
        await pilot.press("G")
        await until_seen(pilot, "following")
        await pilot.press("escape")
        assert services.feed is not None
        await until(pilot, services.feed.closed.is_set)


async def test_one_searches_goes_from_match_to_match_and_to_the_next_error() -> None:
    lines = numbered(0, 300)
    lines[40] = lines[40]._replace(text="[error    ] it broke")
    lines[41] = LogLine(lines[41].time, "a", "a started again", BOUNDARY)
    services = Recorded(lines=lines)
    app = opened(services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "line 299.")
        await pilot.press("l", "slash", *"7[05]", "enter")
        await until_seen(pilot, "6 of 300 with 7[05]")
        await come(pilot, services, [LogLine(NOW, "a", "line 370.")])
        await until_seen(pilot, "7 of 301 with 7[05]")
        await pilot.press("up", "up")
        await until_seen(pilot, "5 of 7 with 7[05]")
        await pilot.press("ampersand")
        await until_seen(pilot, "line 271.")
        await pilot.press("N")
        await until_seen(pilot, "4 of 7")
        assert pane(app).current == lines[175]
        await pilot.press("n", "n", "n", "n")
        await until_seen(pilot, "7 of 7")
        await pilot.press("escape")
        await until_seen(pilot, "all units   held")
        await pilot.press("E", "E")
        await until(pilot, lambda: pane(app).current == lines[40])
        assert "── a started again ──" in text(app)
        await pilot.press("slash", *"(")
        await pilot.press("enter")
        await until_seen(pilot, "no regular expression")


async def test_a_line_is_seen_whole_copied_and_saved() -> None:
    long = '{"event": "begin", "level": "info", "more": "' + "x" * 1_000_000 + '"}'
    services = Recorded(lines=[*numbered(0, 30), LogLine(NOW, "c", long)])
    app = opened(services)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, '{"event": "begin"')
        await pilot.press("l", "z")
        await until_seen(pilot, "20:26:40")
        await pilot.press("w")
        await until(pilot, lambda: text(app).count("xxxxxxxxxxxxxxxxxxxx") > 5)
        await pilot.press("enter")
        await until_seen(pilot, '"level": "info",')
        await pilot.press("end")
        await until(pilot, lambda: '"level"' not in text(app) and "}" in text(app))
        await pilot.press("escape", "up", "up", "y")
        await until_seen(pilot, "1 line copied")
        assert app.clipboard.endswith("line 28.")
        await pilot.press("W")
        await until_seen(pilot, "saved, readable by you alone: /home/ana/demo.log")
        (saved,) = services.asked("save_log")
        assert isinstance(saved, list)
        assert len(saved) == 31


@dataclass
class Away(Recorded):
    """Its engine answers from the moment on that a test says so."""

    answers: Event = field(default_factory=Event)

    def open_logs(self, stack: object, *, tail: int) -> RecordedFeed:
        if not self.answers.is_set():
            raise EngineUnreachableError("no engine", next="docker info")
        return super().open_logs(stack, tail=tail)  # type: ignore[arg-type]


async def test_an_engine_that_is_away_is_said_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_reading, "AGAIN", 0.05)
    monkeypatch.setattr(log_reading, "WAIT", 0.05)
    services = Away(lines=numbered(0, 3))
    app = opened(services)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_seen(pilot, "▲ no engine")
        services.answers.set()
        await until_seen(pilot, "line 2.")
        assert "no engine" not in text(app)
        assert services.feed is not None
        services.feed.problem = EngineUnreachableError("it went away", next="docker info")
        await until_seen(pilot, "▲ it went away")
        services.feed.problem = None
        await until(pilot, lambda: "it went away" not in text(app))
        services.feed.problem = EngineUnreachableError("the Docker engine at unix:///run/somewhere/" + "far" * 20)
        await until_seen(pilot, "▲ engine away, asked again")
        assert "somewhere" not in text(app)
