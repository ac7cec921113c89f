"""What is shown of a component that died was written by this run."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.watch_processes import ProcessWatch
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.host.facts import Json

OLD = "OldError: of a run that is long over\n"


def _observed(folder: Path, **component: Json) -> None:
    entry = {"pid": None, "state": "running", "since": 0, "restarts": 0, "exit_code": None, **component}
    state = {"stack_id": "x", "pid": os.getpid(), "components": {"web": entry}}
    (folder / "run" / "supervisor.json").write_text(json.dumps(state), encoding="utf-8")


@pytest.mark.parametrize("log_from", [len(OLD), None])
def test_lines_of_an_earlier_run_are_no_evidence(tmp_path: Path, log_from: int | None) -> None:
    (tmp_path / "run").mkdir()
    log = tmp_path / "logs" / "components" / "web.log"
    log.parent.mkdir(parents=True)
    log.write_text(OLD)
    with (tmp_path / "run" / "supervisor.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _observed(tmp_path, log_from=log_from)
        watch = ProcessWatch(str(tmp_path))
        with log.open("a") as handle:
            handle.write("NewError: why it died now\n")
        _observed(tmp_path, state="backoff", exit_code=1, log_from=log_from)
        with pytest.raises(StepFailedError) as caught:
            watch.check(Heard().context())
    assert "web ended with exit 1" in caught.value.what
    assert caught.value.evidence == ("NewError: why it died now",)
