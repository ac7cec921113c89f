from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from airflow_wizard.workflows import saving_logs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_every_save_is_a_new_file_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_WIZARD_HOME", str(tmp_path))
    paths = [saving_logs.save("../Demo \x1b[31m", ["one \x1b]0;owned\x07", "two"]) for _ in range(3)]
    assert len(set(paths)) == 3
    for path in paths:
        assert path.is_relative_to(tmp_path)
        assert path.read_text(encoding="utf-8") == "one \ntwo\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
