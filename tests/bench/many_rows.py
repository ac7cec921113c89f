"""The dashboard with as many units as a command line says, from a record instead of an engine."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import repeat
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from airflow_wizard.tui.pace import set_pace


def main(count: int) -> None:
    """Opens it, at the pace of the program itself."""
    set_pace()
    from airflow_wizard.status.snapshot import Health, Unit, UnitState
    from airflow_wizard.tui.app import Start, WizardApp
    from tests.tui.machine import MIB, NOW, record, snapshot
    from tests.tui.recorded import Recorded

    up, fine = UnitState.RUNNING, Health.HEALTHY
    units = tuple(
        Unit(f"pod-{n:05}", "worker", up, fine, n % 3, NOW - n, None, 1000 + n, 2, 0.01, n * MIB) for n in range(count)
    )
    services = Recorded(known_stacks=[record()], pictures=repeat(replace(snapshot(), units=units)))
    WizardApp(Start(screen="dashboard", stack="demo"), services).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
