"""The plan of a stack without containers: computed purely, complete, and free of secrets."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts import standalone
from airflow_wizard.errors import InvalidError
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions
from airflow_wizard.run.step import Plan
from airflow_wizard.targets.standalone import TARGET, removable
from airflow_wizard.workflows.planning import make_plan
from tests.artifacts.requests import DATABASE, request

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.run.step import Step

REQUESTS = {
    "3": request(),
    "3 external": request(database="external", database_url=DATABASE),
    "2": request("2.11.2"),
    "2 external": request("2.11.2", database="external", database_url=DATABASE),
}
EACH = pytest.mark.parametrize("given", REQUESTS.values(), ids=REQUESTS.keys())


def all_steps(given: StackRequest) -> dict[str, tuple[Step, ...]]:
    """Steps of every plan, by verb."""
    return {verb: getattr(TARGET, verb)(given) for verb in ("launch", "stop", "start", "destroy")}


def command(given: StackRequest, step: str) -> tuple[str, ...]:
    """The command of a step of the launch."""
    action = next(s.action for s in TARGET.launch(given) if s.id == step)
    assert isinstance(action, actions.RunCommand)
    return action.argv


@EACH
def test_the_same_request_is_the_same_plan(given: StackRequest) -> None:
    assert make_plan(given) == make_plan(given)
    assert len({s.id for s in TARGET.launch(given)}) == len(TARGET.launch(given))


@EACH
def test_no_command_and_nothing_that_is_shown_holds_a_secret(given: StackRequest) -> None:
    secrets = [v for k, v in given.secrets.items() if k != standalone.STACK_ID]
    for steps in all_steps(given).values():
        for step in steps:
            shown = [*(step.command or ()), json.dumps(step.to_json())]
            if isinstance(step.action, actions.RunCommand):
                shown += [*step.action.argv, step.action.stamp_of]
                assert step.command == step.action.argv, "what is shown is what is run"
            if isinstance(step.action, actions.RememberStack):
                shown.append(repr(step.action))
            assert not [text for text in shown for secret in secrets if secret in text], step.id


@EACH
def test_the_plan_as_json(given: StackRequest) -> None:
    plan = make_plan(given)
    told = json.loads(json.dumps(plan.to_json()))
    assert {"target", "artifacts", "steps", "findings"} <= told.keys()
    assert told["target"] == "standalone"
    assert all(len(a["sha256"]) == 64 and isinstance(a["secret"], bool) for a in told["artifacts"])
    assert {a["path"] for a in told["artifacts"] if a["secret"]} <= {".env", "login.json"}
    for step in told["steps"]:
        assert step["command"] is None or all(isinstance(word, str) for word in step["command"])
        assert step["risk"] in set(Risk)
    assert "text" not in told["artifacts"][0]


@EACH
def test_the_proof_comes_last_and_its_traces_go_in_any_case(given: StackRequest) -> None:
    ids = [s.id for s in TARGET.launch(given)]
    assert ids[:3] == ["files", "register", "port"], "nothing costly before the port was looked at"
    order = ["install", "migrate", "start", "identity", "heartbeats", "login", "dags-folder", "smoke-run", "smoke-log"]
    assert [i for i in ids if i in order] == order
    last = TARGET.launch(given)[-1]
    assert (last.id, last.always) == ("smoke-remove", True)
    undone = {s.id for s in TARGET.launch(given) if s.undo is not None}
    assert undone == {"smoke-file", "start"}, "an interruption leaves no process and no DAG behind"


def test_airflow_2_gets_its_user_by_standard_input() -> None:
    step = next(s for s in TARGET.launch(request("2.11.2")) if s.id == "admin")
    assert isinstance(step.action, actions.RunCommand)
    assert "--password" not in step.action.argv
    assert step.action.stdin_key == standalone.PASSWORD
    assert "admin" not in [s.id for s in TARGET.launch(request())]


@pytest.mark.parametrize("reachable", [True, False, None])
@pytest.mark.parametrize("version", ["3.3.2", "3.0.6", "2.11.2"])
def test_constraints_when_they_were_seen_else_what_is_known_to_break_is_kept_out(
    version: str, reachable: bool | None
) -> None:
    given = request(version, reachable=reachable)
    argv = command(given, "install")
    assert argv[:4] == ("/opt/uv", "pip", "install", "--python")
    assert f"apache-airflow=={version}" in argv
    if reachable:
        address = argv[argv.index("--constraint") + 1]
        assert address.endswith(f"/constraints-{version}/constraints-3.12.txt")
        assert not set(given.release.pins) & set(argv)
    else:
        assert "--constraint" not in argv
        assert set(given.release.pins) <= set(argv)
    assert [f.id for f in make_plan(given).findings].count("constraints.reachable") == (not reachable)


def test_the_release_that_needs_pins_has_them() -> None:
    assert request("3.0.6").release.pins


def test_what_the_person_adds_is_installed_with_airflow_in_one_go() -> None:
    argv = command(request(packages=("pandas==2.3.3", "httpx[http2]>=0.27"), requirements="my reqs.txt"), "install")
    assert {"pandas==2.3.3", "httpx[http2]>=0.27"} <= set(argv)
    assert argv[-2:] == ("--requirements", "/home/ada/stack/my reqs.txt")
    assert "apache-airflow[postgres]==3.3.2" in command(REQUESTS["3 external"], "install")


@pytest.mark.parametrize("item", ["--index-url=x", "-r x", "a @ https://u:p@h/x.whl", "apache-airflow==1", "a\nb"])
def test_a_package_is_a_package_and_no_flag(item: str) -> None:
    with pytest.raises(InvalidError):
        request(packages=(item,))


@pytest.mark.parametrize(
    ("version", "executor", "fits"),
    [
        ("3.3.2", "LocalExecutor", True),
        ("2.11.2", "LocalExecutor", False),
        ("2.11.2", "SequentialExecutor", True),
        ("3.3.2", "SequentialExecutor", False),
        ("3.3.2", "CeleryExecutor", False),
        ("2.11.2", "KubernetesExecutor", False),
    ],
)
def test_an_executor_that_cannot_work_there_is_refused(version: str, executor: str, fits: bool) -> None:
    if fits:
        assert f"executor = {executor}" in next(
            a.text for a in TARGET.artifacts(request(version, executor=executor)) if a.path == "airflow.cfg"
        )
    else:
        with pytest.raises(InvalidError):
            request(version, executor=executor)


def test_airflow_2_runs_side_by_side_on_a_database_of_ones_own() -> None:
    given = request("2.11.2", executor="LocalExecutor", database="external", database_url=DATABASE)
    ids = [s.id for s in TARGET.launch(given)]
    assert "wal" not in ids
    migrate = next(s.action for s in TARGET.launch(given) if s.id == "migrate")
    assert isinstance(migrate, actions.RunCommand)
    assert migrate.produces == ()
    assert DATABASE in migrate.stamp_of


@pytest.mark.parametrize("folder", ["/srv/a?b", "/srv/a#b", "/srv/100%", "/srv/a\nb", "/srv/a\tb"])
def test_a_folder_that_no_address_can_hold_is_refused_before_anything_happens(folder: str) -> None:
    with pytest.raises(InvalidError) as caught:
        TARGET.artifacts(request(folder=folder))
    assert "--dir" in caught.value.next
    assert "\n" not in caught.value.what


@EACH
def test_destroy_takes_what_was_made_and_nothing_of_the_person(given: StackRequest) -> None:
    going = removable(given)
    for artifact in TARGET.artifacts(given):
        assert any(artifact.path == path or artifact.path.startswith(f"{path}/") for path in going), artifact.path
    for step in TARGET.launch(given):
        if isinstance(step.action, actions.RunCommand):
            for made in (step.action.stamp, *step.action.produces):
                assert any(f"{made}/".startswith(f"{path}/") for path in going), made
    assert not {"dags", "plugins", "", "."} & set(going)
    assert not [path for path in going if path.startswith("/") or ".." in path.split("/")]
    assert going[-1] == ".airflow-wizard", "what knows of the stack goes last"


@EACH
def test_destroy_stops_first_and_says_what_it_is(given: StackRequest) -> None:
    stop, remove, forget = TARGET.destroy(given)
    assert isinstance(stop.action, actions.StopSupervisor)
    assert (stop.risk, remove.risk) == (Risk.DISRUPTIVE, Risk.DESTRUCTIVE)
    assert isinstance(remove.action, actions.RemovePaths)
    assert remove.command is not None
    assert all(word.startswith("/home/ada/stack/") for word in remove.command[2:])
    assert isinstance(forget.action, actions.ForgetStack)


@EACH
def test_start_and_stop_touch_neither_files_nor_packages(given: StackRequest) -> None:
    for verb in ("start", "stop"):
        for step in getattr(TARGET, verb)(given):
            assert not isinstance(step.action, actions.RunCommand | actions.WriteArtifacts | actions.RemovePaths)


def test_every_command_can_be_typed_as_it_is_shown() -> None:
    given = request(folder="/home/ada/my stack")
    plan = Plan("launch", "standalone", "demo", given.folder, steps=TARGET.launch(given))
    for step in plan.steps:
        if step.command:
            assert tuple(shlex.split(shlex.join(step.command))) == step.command
