"""What Airflow's two REST APIs are told, and what is made of their answers and of strangers'."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines.airflow_api import AirflowApi, ForeignError, Login, NoAnswerError, RefusedError
from tests.engines.fake_airflow import HEALTH, FakeAirflow, healthy, running
from tests.engines.loopback import free_port, listening, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engines.loopback import Reply

BOTH = pytest.mark.parametrize("api", ["v1", "v2"])
# Its id holds the numbers that were once looked for in the text of an error.
DAG = "airflow_wizard_smoke_40440900"


PASSWORD = FakeAirflow().password


def client(
    url: str, api: str = "v2", *, password: str = PASSWORD, identity: str = "identity-token", timeout: float = 5.0
) -> AirflowApi:
    """A client of the stack that the fake is."""
    return AirflowApi(url, api, HEALTH[api], Login("admin", password, identity), timeout=timeout)


@BOTH
def test_who_holds_the_token_proves_it_without_sending_it(api: str) -> None:
    with running(FakeAirflow(api)) as server:
        client(server.url, api).identity()
        client(server.url, api).identity()
    assert len({seen.path for seen in server.seen}) == 2, "a nonce is used once"
    assert not [seen for seen in server.seen if "identity-token" in str(seen) or "authorization" in seen.headers]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((200, {"stack_id": "other", "proof": "0" * 64}), "another stack of airflow-wizard (id other)"),
        ((200, {"proof": "é\ud800"}), "another stack"),
        ((200, {"proof": None}), "another stack"),
        ((200, ["proof"]), "a program that answers HTTP 200"),
        ((404, {"detail": "Not Found"}), "a program that answers HTTP 404, Server: Stranger"),
        ((404, b"<title>Airflow 404 = lots of circles</title>"), "another Airflow (HTTP 404"),
        ((500, b"oops"), "HTTP 500"),
        ((200, b"[" * 100_000), "HTTP 200"),
    ],
)
def test_a_stranger_is_described(reply: Reply, words: str) -> None:
    with serving(lambda _: reply) as server, pytest.raises(ForeignError) as caught:
        client(server.url).identity()
    assert words in str(caught.value)


def test_a_stack_without_a_token_believes_nobody() -> None:
    """The proof of an empty token can be made by every other stack that lost its own."""
    with running(FakeAirflow(identity="")) as server, pytest.raises(ForeignError):
        client(server.url, identity="").identity()


def test_silence_is_no_answer_and_not_a_stranger() -> None:
    with listening(lambda _: None) as url, pytest.raises(NoAnswerError):
        client(url, timeout=0.1).identity()
    with pytest.raises(NoAnswerError):
        client(f"http://127.0.0.1:{free_port()}").health()


@BOTH
def test_the_health_body_comes_back_also_when_it_is_bad(api: str) -> None:
    ill = healthy(scheduler={"status": None, "latest_scheduler_heartbeat": None})
    with running(FakeAirflow(api, health=[ill])) as server:
        assert client(server.url, api).health() == ill


@pytest.mark.parametrize("reply", [(200, {"status": "ok"}), (200, []), (500, b"x"), (200, b"")])
def test_a_health_page_of_something_else(reply: Reply) -> None:
    with serving(lambda _: reply) as server, pytest.raises(ForeignError):
        client(server.url).health()


@BOTH
def test_the_login_is_proved(api: str) -> None:
    with running(FakeAirflow(api)) as server:
        assert client(server.url, api).log_in() == {"v1": "basic auth", "v2": "token"}[api]
        with pytest.raises(RefusedError, match="401") as caught:
            client(server.url, api, password="wrong").log_in()
    assert caught.value.status == 401
    assert "wrong" not in str(caught.value)


def test_a_login_answered_by_a_web_page_proves_nothing() -> None:
    with serving(lambda _: (200, b"<html>sign in</html>")) as server:
        with pytest.raises(RefusedError):
            client(server.url, "v1").log_in()
        with pytest.raises(RefusedError):
            client(server.url, "v2").log_in()


@BOTH
def test_a_dag_is_known_or_not_yet(api: str) -> None:
    with running(FakeAirflow(api, dags={DAG: "/dags/x.py"})) as server:
        assert client(server.url, api).dag_file(DAG) == "/dags/x.py"
        assert client(server.url, api).dag_file("other") is None


@BOTH
@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_refusal_is_told_whatever_numbers_stand_in_its_words(api: str, status: int) -> None:
    path = f"/api/{api}/dags/{DAG}"
    refused = (status, {"detail": "pid 404 and pid 409 hold the lock"})
    replies: dict[str, Reply] = {f"GET {path}": refused, f"DELETE {path}": refused, f"POST {path}/dagRuns": refused}
    with running(FakeAirflow(api, replies=replies)) as server:
        airflow = client(server.url, api)
        calls: list[Callable[[], object]] = [
            lambda: airflow.dag_file(DAG),
            lambda: airflow.delete_dag(DAG),
            lambda: airflow.trigger(DAG, "proof_1"),
        ]
        for call in calls:
            with pytest.raises(RefusedError, match=str(status)) as caught:
                call()
            assert caught.value.status == status


@BOTH
def test_a_run_of_this_name_that_exists_and_a_dag_that_is_gone_are_fine(api: str) -> None:
    replies: dict[str, Reply] = {f"POST /api/{api}/dags/{DAG}/dagRuns": (409, {"detail": "exists"})}
    with running(FakeAirflow(api, replies=replies)) as server:
        client(server.url, api).trigger(DAG, "proof_1")
        client(server.url, api).delete_dag(DAG)
    bodies = [seen.body for seen in server.seen if seen.path.endswith("/dagRuns")]
    wanted: dict[str, object] = {"dag_run_id": "proof_1"}
    assert bodies == [{**wanted, "logical_date": None} if api == "v2" else wanted]


@BOTH
def test_a_run_its_task_and_its_log(api: str) -> None:
    airflow = FakeAirflow(api, run_states=[("running", ""), ("failed", "failed")], log="[12:00] said\nit")
    with running(airflow) as server:
        one = client(server.url, api)
        assert one.run_state(DAG, "proof_1").tasks == {"say": ("waiting", 1)}
        run = one.run_state(DAG, "proof_1")
        assert (run.state, run.tasks) == ("failed", {"say": ("failed", 1)})
        assert "said" in one.task_log(DAG, "proof_1", "say", 1)
    paths = [seen.path for seen in server.seen]
    assert paths.count("/auth/token") == (api == "v2"), "one token serves several calls"
    assert paths[-1].endswith(f"/dags/{DAG}/dagRuns/proof_1/taskInstances/say/logs/1?full_content=true")


@BOTH
def test_files_that_cannot_be_parsed(api: str) -> None:
    body = {"import_errors": [{"filename": "/dags/a.py", "stack_trace": "SyntaxError"}, "odd"]}
    with running(FakeAirflow(api, replies={f"GET /api/{api}/importErrors": (200, body)})) as server:
        assert client(server.url, api).import_errors() == [("/dags/a.py", "SyntaxError")]
