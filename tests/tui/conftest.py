"""The app on recorded services, ready to be driven."""

from __future__ import annotations

import pytest

from airflow_wizard.tui.app import Start, WizardApp
from tests.tui.machine import record
from tests.tui.recorded import Recorded


@pytest.fixture
def services() -> Recorded:
    return Recorded(known_stacks=[record()])


@pytest.fixture
def app(services: Recorded) -> WizardApp:
    return WizardApp(Start(), services)
