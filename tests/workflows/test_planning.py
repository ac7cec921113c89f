"""From a profile to a plan, and back from a stack to the request it was made from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts.standalone import STACK_ID
from airflow_wizard.errors import HostUnfitError, InvalidError
from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.options.model import Target
from airflow_wizard.profile.model import Profile
from airflow_wizard.run import actions, registry
from airflow_wizard.run.journal import Journal
from airflow_wizard.run.step import StepState
from airflow_wizard.workflows.lifecycle import plan_for
from airflow_wizard.workflows.planning import folder_of, make_plan, make_request, preview, request_of
from tests.artifacts.requests import FACTS
from tests.workflows.made_stack import made_stack

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer


def profile(**given: Answer) -> Profile:
    """A standalone profile."""
    return Profile("demo", Target.STANDALONE, {"airflow_version": "3.3.2", "python": "3.12", **given})


def test_a_home_is_written_out_because_airflow_takes_the_tilde_literally(isolated: Path, tmp_path: Path) -> None:
    request = make_request(profile(dags="~/my dags"), FACTS, folder=tmp_path)
    assert request.answers.text("dags") == str(isolated / "my dags")
    config = next(a.text for a in make_plan(request).artifacts if a.path == "airflow.cfg")
    assert f"dags_folder = {isolated}/my dags\n" in config


def test_the_home_of_nobody_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="dags"):
        make_request(profile(dags="~no-such-user-here/dags"), FACTS, folder=tmp_path)
    with pytest.raises(InvalidError, match="dir"):
        make_request(profile(), FACTS, folder=Path("~no-such-user-here/stack"))


def test_where_a_stack_goes(isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder_of(profile()).is_relative_to(isolated)
    assert folder_of(profile()).name == "demo"
    assert folder_of(profile(), name="other").name == "other"
    assert folder_of(profile(), folder=Path("~/x")) == isolated / "x"
    monkeypatch.chdir(tmp_path)
    assert folder_of(profile(), folder=Path("x")) == tmp_path / "x"
    with pytest.raises(InvalidError, match="no UTF-8"):
        folder_of(profile(), folder=Path(os.fsdecode(b"/x\xff")))


def test_a_requirements_file_counts_by_what_is_in_it(tmp_path: Path) -> None:
    wanted = profile(requirements="reqs.txt")
    with pytest.raises(InvalidError) as caught:
        make_request(wanted, FACTS, folder=tmp_path)
    assert str(tmp_path / "reqs.txt") in caught.value.what
    assert caught.value.key == "requirements"
    stamps = []
    for text in ("pandas\n", "numpy\n", "pandas\n"):
        (tmp_path / "reqs.txt").write_text(text)
        plan = make_plan(make_request(wanted, FACTS, folder=tmp_path, for_display=True))
        (install,) = [s.action for s in plan.steps if s.id == "install"]
        assert isinstance(install, actions.RunCommand)
        stamps.append(install.stamp_of)
    assert stamps[0] == stamps[2] != stamps[1]


def test_a_stack_whose_requirements_file_is_gone_can_still_be_ended(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pandas\n")
    stack = made_stack(tmp_path)
    state = registry.read_state(tmp_path)
    given = {**state.profile, "requirements": "requirements.txt"}
    registry.remember("demo", "standalone", tmp_path, stack.url, "3.3.2", given)
    (tmp_path / "requirements.txt").unlink()
    assert plan_for("stop", stack).steps
    assert plan_for("destroy", stack).steps


def test_what_is_shown_is_the_same_every_time_and_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    first, second = (make_plan(make_request(profile(), FACTS, folder=folder, for_display=True)) for _ in range(2))
    assert first == second
    assert {f.state for f in preview(first)} == {"new"}
    assert list(tmp_path.iterdir()) == []


def test_new_keys_are_new_each_time_until_they_are_on_disk(tmp_path: Path) -> None:
    one, two = (make_request(profile(), FACTS, folder=tmp_path / "new") for _ in range(2))
    assert not set(one.secrets.values()) & set(two.secrets.values())
    made_stack(tmp_path / "made")
    three, four = (make_request(profile(), FACTS, folder=tmp_path / "made") for _ in range(2))
    assert three.secrets == four.secrets
    assert len(three.secrets[STACK_ID]) == 32


def test_a_preview_hides_what_is_secret_and_sees_an_edit(tmp_path: Path) -> None:
    made_stack(tmp_path, version="3.3.2")
    request = make_request(profile(port=8123), FACTS, name="demo", folder=tmp_path)
    files = {f.path: f for f in preview(make_plan(request))}
    assert files["README.md"].state != "new"
    shown = "".join(f.text + f.diff for f in files.values())
    assert not [v for k, v in request.secrets.items() if k != STACK_ID and v in shown]


def test_a_stack_gives_back_the_request_it_was_made_from(tmp_path: Path) -> None:
    stack = made_stack(tmp_path, port=8765, version="2.11.2")
    request = request_of(stack)
    assert (request.name, request.folder) == ("demo", str(tmp_path))
    assert str(request.release.version) == "2.11.2"
    assert request.answers.integer("port") == 8765
    on_disk = {a.path: (tmp_path / a.path).read_text() for a in make_plan(request).artifacts}
    planned = {a.path: a.text for a in make_plan(request).artifacts}
    assert planned == on_disk, "looking at a stack plans no change of it"


def test_uv_and_python_come_from_what_was_found(tmp_path: Path) -> None:
    request = make_request(profile(), FACTS, folder=tmp_path)
    assert request.tools == {"uv": "/opt/uv", "python": "/opt/python3.12"}
    nothing = make_request(profile(python="3.13"), HostFacts(), folder=tmp_path)
    assert nothing.tools == {"uv": "uv", "python": "3.13"}
    missing = FACTS.with_fact("uv", Fact(None, "test", error="not found"))
    with pytest.raises(HostUnfitError) as caught:
        make_request(profile(), missing, folder=tmp_path)
    assert "uv" in caught.value.next


@pytest.mark.parametrize("name", ["", "Über", "-x", "a" * 42, "a/b", "../x"])
def test_a_name_that_cannot_be_a_folder_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidError):
        make_request(profile(), FACTS, name=name or "A B", folder=tmp_path)


def test_a_cluster_of_somebody_else_is_asked_about_until_the_stack_is_there(tmp_path: Path) -> None:
    given: dict[str, Answer] = {"context": "prod", "namespace": "air"}
    mine = Profile("demo", Target.CONTEXT, given)
    plan = make_plan(make_request(mine, HostFacts(), folder=tmp_path))
    assert plan.confirm == "prod"
    assert plan.to_json()["confirm"] == "prod"
    registry.remember("demo", "context", tmp_path, "http://127.0.0.1:8080", "3.3.2", given)
    assert make_plan(make_request(mine, HostFacts(), folder=tmp_path)).confirm == ""
    Journal.open(tmp_path).record("nodes", StepState.FAILED)  # it was the wrong one, and nothing was made in it
    moved = Profile("demo", Target.CONTEXT, {**given, "context": "other"})
    assert make_plan(make_request(moved, HostFacts(), folder=tmp_path)).confirm == "other"


@pytest.mark.parametrize("where", [Target.KIND, Target.MICROK8S, Target.KUBEADM])
def test_a_cluster_of_ones_own_is_not_asked_about(tmp_path: Path, where: Target) -> None:
    assert make_plan(make_request(Profile("demo", where, {}), HostFacts(), folder=tmp_path)).confirm == ""
