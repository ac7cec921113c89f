"""The app on recorded services, ready to be driven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from textual.css.stylesheet import Stylesheet

from airflow_wizard.tui.app import Start, WizardApp
from tests.tui.machine import record
from tests.tui.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.css.model import RuleSet


@pytest.fixture(autouse=True, scope="session")
def styles_are_parsed_once() -> Iterator[None]:
    """Each app, and each change of theme, parses the same styles anew; here one parse serves them all."""
    parse, known = Stylesheet._parse_rules, dict[object, list["RuleSet"]]()

    def parsed(self: Stylesheet, css: str, **where: Any) -> list[RuleSet]:  # noqa: ANN401 - passed on as it is
        key = (css, *where.items(), *self._variables.items())
        if key not in known:
            known[key] = parse(self, css, **where)
        return known[key]

    with mock.patch.object(Stylesheet, "_parse_rules", parsed):
        yield


@pytest.fixture
def services() -> Recorded:
    return Recorded(known_stacks=[record()])


@pytest.fixture
def app(services: Recorded) -> WizardApp:
    return WizardApp(Start(), services)
