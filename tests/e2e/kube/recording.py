"""Keeps what a cluster answered, for tests without one: set AIRFLOW_WIZARD_RECORD to a folder."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from airflow_wizard.diagnose.collectors import kube
from airflow_wizard.engines.kube_api import KubeApi

_FOLDER = os.environ.get("AIRFLOW_WIZARD_RECORD", "")
_answers: dict[str, Any] = {}
# What says nothing about a fault; the values of Secrets above all.
_DROPPED = ("managedFields", "uid", "resourceVersion", "annotations", "tolerations", "images", "nodeInfo")


class Recorder(KubeApi):
    """A cluster whose answers are kept."""

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self._kept(path, query, super().get(path, **query))  # type: ignore[no-any-return]

    def find(self, path: str, **query: str) -> dict[str, Any] | None:
        return self._kept(path, query, super().find(path, **query))  # type: ignore[no-any-return]

    def items(self, path: str, *, page: int = 500, **query: str) -> list[dict[str, Any]]:
        return self._kept(path, query, super().items(path, page=page, **query))  # type: ignore[no-any-return]

    def text(self, path: str, **query: str) -> str:
        return self._kept(path, query, super().text(path, **query))  # type: ignore[no-any-return]

    @staticmethod
    def _kept(path: str, query: dict[str, str], answer: Any) -> Any:  # noqa: ANN401
        _answers[" ".join((path, *(f"{k}={v}" for k, v in sorted(query.items()))))] = _slim(answer)
        return answer


def _slim(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_slim(item) for item in value]
    if isinstance(value, dict):
        kept = {k: _slim(v) for k, v in value.items() if k not in _DROPPED or _tells(k, v)}
        return {k: dict.fromkeys(v, "") if k == "data" and isinstance(v, dict) else v for k, v in kept.items()}
    return value


def _tells(key: str, value: Any) -> bool:  # noqa: ANN401
    return key == "annotations" and any("default-class" in name for name in value)


def taken() -> dict[str, Any]:
    """What was answered since the last time."""
    found = dict(_answers)
    _answers.clear()
    return found


def keep(fault: str, release: str, answers: dict[str, Any]) -> None:
    """Writes it down under the fault's name."""
    if _FOLDER and answers:
        said = {"release": release, "now": time.time(), "wanted": fault, "answers": answers}
        name = fault.replace(release, "af")
        text = json.dumps(said, sort_keys=True).replace(release, "af")
        (Path(_FOLDER) / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if _FOLDER:
    vars(kube)["KubeApi"] = Recorder
