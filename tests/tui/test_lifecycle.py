"""Taking a stack away, from its containers to all of it, and starting over."""

from __future__ import annotations

from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING, cast

import pytest

from airflow_wizard.tui.app import Start, WizardApp
from tests.tui.machine import record, snapshot
from tests.tui.recorded import Recorded
from tests.tui.seeing import text, until, until_seen

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest


def compose_stack() -> Recorded:
    return Recorded(known_stacks=[replace(record(), target="compose")], pictures=repeat(snapshot()))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_compose_stack_is_taken_away_as_far_as_one_chooses(size: tuple[int, int]) -> None:
    services = compose_stack()
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=size) as pilot:
        await until_seen(pilot, "is running")
        await pilot.press("d")
        await until_seen(pilot, "Take away what of demo?")
        await pilot.press("enter")
        await until_seen(pilot, "$ airflow-wizard down demo")
        await pilot.press("enter")
        await until_seen(pilot, "down done in 0.4 s")
        await pilot.press("d", "down", "enter")
        await until_seen(pilot, "$ airflow-wizard down --volumes demo")
        assert "2 containers" in text(app)
        assert "96 MB" in text(app)
        await pilot.press("enter")
        await until_seen(pilot, "that is not demo")
        await pilot.press(*"demo", "enter")
        await until(pilot, lambda: services.asked("run_plan") == ["down", "down"])


async def test_starting_over_takes_the_name_and_launches_from_the_stacks_own_answers() -> None:
    services = compose_stack()
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_seen(pilot, "is running")
        await pilot.press("d", "down", "down", "enter")
        await until_seen(pilot, "to delete its database and launch it anew:")
        await pilot.press(*"demo", "enter")
        await until_seen(pilot, "has run a task")
    assert services.asked("run_plan") == ["reset"]
    (request,) = cast("list[StackRequest]", services.asked("launch"))
    assert (str(request.answers.target), request.answers.integer("port")) == ("compose", 8081)


@pytest.mark.parametrize("images", [False, True])
async def test_destroy_takes_the_images_only_when_that_is_switched_on(images: bool) -> None:
    services = compose_stack()
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "is running")
        await pilot.press("D")
        await until_seen(pilot, "1 image as well, 740 MB")
        await pilot.press(*(["up", "space", "down"] if images else []), *"demo", "enter")
        await until(pilot, lambda: services.asked("run_plan") == ["destroy"])
    assert ("--images" in str(services.asked("plan_run")[0])) is images


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("switched", [False, True])
async def test_a_cluster_that_was_made_for_it_goes_only_when_that_is_switched_on(own: bool, switched: bool) -> None:
    stacks = [replace(record(), target="kubeadm")]
    services = Recorded(known_stacks=stacks, pictures=repeat(snapshot()), own_cluster=own)
    app = WizardApp(Start(screen="dashboard", stack="demo"), services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "is running")
        await pilot.press("D")
        await until_seen(pilot, "to remove it for good")
        offered = "its cluster as well, 129 MB: kubeadm reset" in text(app)
        assert offered is own
        assert "/var/lib/etcd" not in text(app), "what is asked about is not what goes anyway"
        assert "2 workloads" in text(app)
        assert "0 B" not in text(app), "an object of a cluster has no bytes of its own"
        await pilot.press(*(["up", "space", "down"] if switched and own else []), *"demo", "enter")
        await until(pilot, lambda: services.asked("run_plan") == ["destroy"])
    assert ("--cluster" in str(services.asked("plan_run")[0])) is (switched and own)
