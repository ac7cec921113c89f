"""The proof, against a server that speaks Airflow's documented answers, and against everything else on that port."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts.smoke_dag import smoke_marker
from airflow_wizard.errors import InterruptedByUserError, StepFailedError
from airflow_wizard.run.actions import (
    AwaitHeartbeats,
    AwaitIdentity,
    Processes,
    RemoveSmokeDag,
    RunSmokeDag,
    StartSupervisor,
    VerifyLogin,
)
from airflow_wizard.run.handlers import smoke as smoke_handler
from airflow_wizard.run.handlers.proof import heartbeat_parts
from airflow_wizard.status.airflow_health import health_of
from tests.engines.fake_airflow import FakeAirflow, beat, healthy, running
from tests.engines.loopback import free_port, listening, serving
from tests.run.handlers.context import Heard
from tests.run.handlers.stack import SLEEP, endpoint, make_stack, pids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from airflow_wizard.run.actions import Endpoint
    from tests.engines.loopback import Reply

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc")
BOTH = pytest.mark.parametrize("api", ["v1", "v2"])
DAG = "airflow_wizard_smoke_40440900"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stack whose supervisor runs; nothing of it outlives these tests."""
    made = tmp_path_factory.mktemp("proof") / "stack"
    # A name without heartbeats: those of the tests are older than its start.
    make_stack(made, web=SLEEP)
    Heard().do(StartSupervisor(str(made), "one"))
    yield made
    for pid in pids(made):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def given_up(heard: Heard, after: int) -> Heard:
    """Cancels once this many progress lines came."""

    def look() -> None:
        if len(heard.progress) >= after:
            heard.cancel.set()

    heard.on_progress = look
    return heard


@BOTH
def test_who_holds_the_token_is_ours(folder: Path, api: str) -> None:
    with running(FakeAirflow(api)) as server:
        action = AwaitIdentity(endpoint(folder, server.url, api), Processes(str(folder)))
        assert Heard().done(action) == "", "an observation is made anew each time"
        assert Heard().do(action) == "the token was seen"


@pytest.mark.parametrize(
    ("stranger", "words"),
    [
        (FakeAirflow(identity="another token"), "another stack of airflow-wizard"),
        (FakeAirflow(replies={"GET /airflow-wizard/identity": (404, b"\x1b[31mAirflow")}), "another Airflow"),
        (FakeAirflow(replies={"GET /airflow-wizard/identity": (500, b"")}), "HTTP 500"),
    ],
)
def test_a_stranger_on_the_port_ends_the_proof_at_once(folder: Path, stranger: FakeAirflow, words: str) -> None:
    with running(stranger) as server:
        with pytest.raises(StepFailedError, match=words) as caught:
            Heard().do(AwaitIdentity(endpoint(folder, server.url), Processes(str(folder))))
        assert not [seen for seen in server.seen if "authorization" in seen.headers or seen.path == "/auth/token"]
    assert "port" in caught.value.next
    assert "\x1b" not in caught.value.what


def test_nobody_there_yet_is_waited_for_and_can_be_given_up(folder: Path) -> None:
    heard = given_up(Heard(), 2)
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(InterruptedByUserError):
        heard.do(AwaitIdentity(endpoint(folder, url), Processes(str(folder))))
    assert heard.progress[0] == f"no answer yet from {url}"
    assert heard.parts[0][0][:2] == ("web", "waiting")


def test_a_listener_that_hangs_up_is_waited_for(folder: Path) -> None:
    """A web server that is still starting does so."""
    heard = given_up(Heard(), 1)
    with listening(lambda connection: connection.close()) as url, pytest.raises(InterruptedByUserError):
        heard.do(AwaitIdentity(endpoint(folder, url), Processes(str(folder))))
    assert heard.progress[0] == f"no answer yet from {url}"


def test_without_a_supervisor_nobody_is_waited_for(tmp_path: Path) -> None:
    make_stack(tmp_path, scheduler=SLEEP)
    with pytest.raises(StepFailedError, match="supervisor of the stack is gone"):
        Heard().do(AwaitIdentity(endpoint(tmp_path, f"http://127.0.0.1:{free_port()}"), Processes(str(tmp_path))))


def test_a_component_that_gives_up_ends_the_waiting_with_its_last_words(tmp_path: Path) -> None:
    make_stack(tmp_path, scheduler="import sys; print('ValueError: no such executor', flush=True); sys.exit(1)")
    Heard().do(StartSupervisor(str(tmp_path), "one"))
    try:
        with pytest.raises(StepFailedError, match="scheduler ended with exit 1") as caught:
            Heard().do(AwaitIdentity(endpoint(tmp_path, f"http://127.0.0.1:{free_port()}"), Processes(str(tmp_path))))
        assert "ValueError: no such executor" in caught.value.evidence
    finally:
        for pid in pids(tmp_path):
            os.kill(pid, signal.SIGKILL)


def ill(name: str = "scheduler", status: object = "unhealthy", age: float = 1.0) -> dict[str, object]:
    """A health body in which one component is not well."""
    return healthy(**{name: {"status": status, f"latest_{name}_heartbeat": beat(age)}})


@BOTH
def test_everything_beats(folder: Path, api: str) -> None:
    body = healthy() if api == "v2" else healthy(dag_processor={"status": None, "latest_dag_processor_heartbeat": None})
    with running(FakeAirflow(api, health=[body])) as server:
        told = Heard().do(AwaitHeartbeats(endpoint(folder, server.url, api), Processes(str(folder))))
    assert "metadatabase healthy, scheduler heartbeat " in told
    assert ("dag-processor" in told) == (api == "v2")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (ill, "unhealthy"),
        (lambda: ill(status=None), "never ran"),
        (lambda: ill(status="healthy", age=120), "no fresh heartbeat"),
        (lambda: healthy(scheduler={"status": None, "latest_scheduler_heartbeat": None}), "starting"),
        (lambda: healthy(scheduler={"status": "healthy"}), "no fresh heartbeat"),
        (lambda: healthy(scheduler=None), "not reported yet"),
        (lambda: healthy(scheduler="healthy"), "not reported yet"),
    ],
)
def test_what_does_not_beat_is_waited_for_by_name(folder: Path, body: Callable[[], object], words: str) -> None:
    """Bodies are made when they are served: a heartbeat ages."""
    heard = Heard()
    with running(FakeAirflow(health=[body(), body(), healthy()])) as server:
        heard.do(AwaitHeartbeats(endpoint(folder, server.url), Processes(str(folder))))
    assert heard.progress[0] == "3 of 4"
    assert ("scheduler", "waiting", words) in heard.parts[0]
    assert all(state == "ok" for _, state, _ in heard.parts[-1])


def test_the_last_heartbeat_of_a_predecessor_proves_nothing() -> None:
    health = health_of(ill(status="healthy", age=12))
    parts = heartbeat_parts(health, ("scheduler", "triggerer"), 30, {"scheduler": 5.0, "triggerer": 5.0})
    assert [state for _, state, _ in parts] == ["waiting", "ok"]
    assert "older than this start" in parts[0][2]
    assert heartbeat_parts(health, ("scheduler",), 30, {"scheduler": 60.0})[0][1] == "ok"


@pytest.mark.parametrize("odd", [500, 503, {"status": "starting"}, []])
def test_a_health_page_that_is_not_one_yet_is_waited_for(folder: Path, odd: object) -> None:
    heard = Heard()
    with running(FakeAirflow(health=[odd, healthy()])) as server:
        assert heard.do(AwaitHeartbeats(endpoint(folder, server.url), Processes(str(folder))))
    assert "not readable" in heard.progress[0]


@BOTH
def test_the_login_that_is_shown_works(folder: Path, api: str) -> None:
    with running(FakeAirflow(api)) as server:
        assert Heard().do(VerifyLogin(endpoint(folder, server.url, api))).startswith("accepted")
    with (
        running(FakeAirflow(api, password="another")) as server,
        pytest.raises(StepFailedError, match="login of `admin` is not accepted") as caught,
    ):
        Heard().do(VerifyLogin(endpoint(folder, server.url, api)))
    assert FakeAirflow().password not in f"{caught.value.what}{caught.value.why}{caught.value.next}"


def smoke(where: Endpoint, folder: Path, stage: str) -> RunSmokeDag:
    """One stage of the smoke test."""
    return RunSmokeDag(where, str(folder / "dags"), DAG, where.api == "v2", Processes(str(folder)), stage)


@BOTH
def test_the_smoke_dag_from_its_file_to_its_log_and_away_again(folder: Path, api: str) -> None:
    file = folder / "dags" / f"{DAG}.py"
    airflow = FakeAirflow(
        api, run_states=[("queued", ""), ("running", "queued"), ("success", "success")], log=smoke_marker(DAG)
    )
    with running(airflow) as server:
        where = endpoint(folder, server.url, api)
        remove = RemoveSmokeDag(where, str(folder / "dags"), DAG, str(folder))
        assert Heard().done(remove) == "it was not put in place"
        Heard().do(smoke(where, folder, "place"))
        assert file.is_file()
        airflow.dags[DAG] = str(file)
        assert Heard().do(smoke(where, folder, "parse")) == f"parsed {file}"
        (folder / ".airflow-wizard").mkdir(exist_ok=True)
        heard = Heard()
        assert heard.do(smoke(where, folder, "run")) == "success"
        assert heard.progress[:2] == ["run queued, task waiting", "run running, task queued"]
        assert Heard().do(smoke(where, folder, "log")) == "its line was read back"
        (folder / "dags" / "__pycache__").mkdir()
        (folder / "dags" / "__pycache__" / f"{DAG}.cpython-312.pyc").touch()
        assert Heard().done(remove) == ""
        assert Heard().do(remove) == "removed"
        assert Heard().done(remove) == "it was not put in place", "nothing of it is left to be removed"
    assert airflow.dags == {}
    assert list((folder / "dags").iterdir()) == []


def test_a_dag_folder_that_is_not_the_one_that_was_told(folder: Path) -> None:
    with (
        running(FakeAirflow(dags={DAG: "/elsewhere/x.py"})) as server,
        pytest.raises(StepFailedError, match=r"Airflow parses /elsewhere/x\.py, not "),
    ):
        Heard().do(smoke(endpoint(folder, server.url), folder, "parse"))


def test_a_dag_that_cannot_be_imported_shows_why(folder: Path) -> None:
    trace = "Traceback (most recent call last):\nModuleNotFoundError: No module named 'airflow.sdk'"
    errors: Reply = (200, {"import_errors": [{"filename": f"/x/{DAG}.py", "stack_trace": trace}]})
    with (
        running(FakeAirflow(replies={"GET /api/v2/importErrors": errors})) as server,
        pytest.raises(StepFailedError) as caught,
    ):
        Heard().do(smoke(endpoint(folder, server.url), folder, "parse"))
    assert caught.value.evidence == ("ModuleNotFoundError: No module named 'airflow.sdk'",)


@pytest.mark.parametrize("stage", ["parse", "run"])
@pytest.mark.parametrize("status", [403, 500])
def test_an_api_that_refuses_ends_the_proof(folder: Path, stage: str, status: int) -> None:
    """Whatever numbers the id of the DAG is made of."""
    refused: Reply = (status, {"detail": "no"})
    path = f"/api/v2/dags/{DAG}"
    (folder / ".airflow-wizard").mkdir(exist_ok=True)
    with (
        running(FakeAirflow(replies={f"GET {path}": refused, f"POST {path}/dagRuns": refused})) as server,
        pytest.raises(StepFailedError, match=f"Airflow's API refused: {status}"),
    ):
        Heard().do(smoke(endpoint(folder, server.url), folder, stage))


def test_a_task_that_fails_shows_its_own_log(folder: Path) -> None:
    airflow = FakeAirflow(dags={DAG: "x"}, run_states=[("failed", "failed")], log="the reason")
    (folder / ".airflow-wizard").mkdir(exist_ok=True)
    with running(airflow) as server, pytest.raises(StepFailedError, match="smoke task ended as failed") as caught:
        Heard().do(smoke(endpoint(folder, server.url), folder, "run"))
    assert "the reason" in caught.value.evidence[0]


def test_a_run_that_nobody_takes_up_ends_the_proof(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke_handler, "_STUCK_SECONDS", 0.2)
    airflow = FakeAirflow(dags={DAG: "x"}, run_states=[("queued", "")] * 2000)
    (folder / ".airflow-wizard").mkdir(exist_ok=True)
    with running(airflow) as server, pytest.raises(StepFailedError, match="does not go on: run queued, task waiting"):
        Heard().do(smoke(endpoint(folder, server.url), folder, "run"))


@pytest.mark.parametrize(
    ("states", "times"),
    [
        ([("queued", "")] * 8 + [("success", "success")], 1),
        ([("running", "success")] * 8 + [("success", "success")], 1),
        ([("running", "queued")] * 8 + [("success", "success")], 0),
    ],
)
def test_a_dag_that_airflow_2_took_away_is_parsed_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, states: list[tuple[str, str]], times: int
) -> None:
    """Its DAG processor does so every ten seconds with what is in no folder of its own."""
    parsed: list[str] = []
    monkeypatch.setattr(smoke_handler, "_STANDS_SECONDS", 0.0)
    monkeypatch.setattr(smoke_handler.SmokeHandler, "_parse_here", lambda action, _: parsed.append(action.dag_id))
    (folder / ".airflow-wizard").mkdir(exist_ok=True)
    with running(FakeAirflow("v1", dags={DAG: "x"}, run_states=states)) as server:
        assert Heard().do(smoke(endpoint(folder, server.url, "v1"), folder, "run")) == "success"
    assert min(len(parsed), 1) == times


def test_the_login_is_not_sent_to_a_stranger_while_cleaning_up(folder: Path) -> None:
    (folder / "dags").mkdir(exist_ok=True)
    (folder / "dags" / f"{DAG}.py").touch()
    with serving(lambda _: (200, {})) as server:
        told = Heard().do(RemoveSmokeDag(endpoint(folder, server.url), str(folder / "dags"), DAG, str(folder)))
    assert told.startswith("file removed")
    assert [seen.path.partition("?")[0] for seen in server.seen] == ["/airflow-wizard/identity"]
    assert not (folder / "dags" / f"{DAG}.py").exists()
