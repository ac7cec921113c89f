"""Faults of real clusters, as their API told of them: the same is found again, and nothing wrong when less is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from airflow_wizard.cluster import Cluster, Release
from airflow_wizard.diagnose.collectors import kube
from airflow_wizard.diagnose.evaluate import evaluate
from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.engines.probe_command import Said
from airflow_wizard.finding import Finding, Level
from tests.diagnose.clusters import COMPONENTS
from tests.diagnose.stacks import SUBJECT

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parents[1] / "fixtures" / "kube_faults"
RECORDED = sorted(FOLDER.glob("*.json"))
Change = "Callable[[str, Any], Any]"


class Replay:
    """A cluster that answers as another one did."""

    def __init__(self, answers: dict[str, Any], change: Callable[[str, Any], Any]) -> None:
        self._answers = answers
        self._change = change

    def __call__(self, *_: object, **__: object) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, path: str, **query: str) -> Any:  # noqa: ANN401
        key = " ".join((path, *(f"{k}={v}" for k, v in sorted(query.items()))))
        if key not in self._answers:
            raise ApiRefusedError(404, "NotFound", "it was not asked for then")
        return self._change(key, self._answers[key])

    find = items = text = get


def found(
    path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[str, Any], Any] = lambda _, answer: answer
) -> tuple[str, list[Finding]]:
    said = json.loads(path.read_text(encoding="utf-8"))
    monkeypatch.setattr(kube, "KubeApi", Replay(said["answers"], change))
    monkeypatch.setattr("time.time", lambda: said["now"])
    monkeypatch.setattr(kube, "ask", lambda *_, **__: Said(0))
    release = Release("/none", Cluster("kind-x"), said["release"], said["release"], COMPONENTS)
    return said["wanted"].replace(said["release"], "af"), evaluate(kube.collect(SUBJECT, release))


def told(findings: list[Finding]) -> dict[str, Level]:
    return {f.id: f.level for f in findings if f.level is not Level.UNKNOWN}


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: p.stem)
def test_what_was_found_then_is_found_again_as_the_root(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, findings = found(path, monkeypatch)
    ids = {f.id for f in findings}
    assert wanted in ids or path.stem.startswith("healthy")
    roots = [f.id for f in findings if not any(cause in ids for cause in f.causes)]
    assert roots == ([] if path.stem.startswith("healthy") else [wanted])
    for finding in findings:
        assert all("\x1b" not in text for text in finding.evidence)


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: p.stem)
def test_what_may_not_be_seen_is_unknown_and_never_something_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(found(path, monkeypatch)[1])
    said = json.loads(path.read_text(encoding="utf-8"))
    for hidden in [key for key in said["answers"] if "/log" not in key and key != "/version"]:

        def refuse(key: str, answer: Any, hidden: str = hidden) -> Any:  # noqa: ANN401
            if key == hidden:
                raise ApiRefusedError(403, "Forbidden", "you may not")
            return answer

        less = told(found(path, monkeypatch, refuse)[1])
        # Without its cause a consequence stands for itself; another one is never invented.
        assert set(less) - set(whole) <= {"service.no_endpoints.postgres"}, (hidden, less)


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: p.stem)
def test_the_order_in_which_things_are_listed_says_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def turned(_: str, answer: Any) -> Any:  # noqa: ANN401
        return answer[::-1] if isinstance(answer, list) else answer

    assert told(found(path, monkeypatch, turned)[1]) == told(found(path, monkeypatch)[1])
