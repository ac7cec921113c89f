"""The six targets: how they fit recorded machines, and what they all promise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts.model import StackRequest
from airflow_wizard.catalog.load import newest
from airflow_wizard.checks.registry import all_checks, checks_for
from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import KUBERNETES_TARGETS, Target
from airflow_wizard.profile.model import Profile
from airflow_wizard.profile.resolve import resolve
from airflow_wizard.targets.model import Verdict
from airflow_wizard.targets.registry import all_targets, target
from airflow_wizard.workflows.choosing import rank_targets
from tests.checks.facts import MACHINES, altered, machine, without

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json

FITS, NEEDS, CANNOT, UNKNOWN = Verdict.FITS, Verdict.NEEDS, Verdict.CANNOT, Verdict.UNKNOWN
CLUSTERS = sorted(KUBERNETES_TARGETS)

TABLE = [
    ("roomy-linux", Target.COMPOSE, FITS, "1 minute"),
    ("roomy-linux", Target.KIND, NEEDS, "kind and kubectl and helm"),
    ("macos-docker-desktop", Target.COMPOSE, FITS, "3.6 GB"),
    ("macos-docker-desktop", Target.KIND, NEEDS, "6 GB"),
    ("macos-docker-desktop", Target.CONTEXT, FITS, "prod-eu"),
    ("macos-docker-desktop", Target.MICROK8S, CANNOT, "Mac"),
    ("macos-docker-desktop", Target.KUBEADM, CANNOT, "Linux only"),
    ("debian-compose-v1", Target.COMPOSE, NEEDS, "the right to use Docker"),
    ("daemon-stopped", Target.COMPOSE, NEEDS, "to be started"),
    ("no-network", Target.KIND, NEEDS, "Docker"),
    ("small-vm", Target.COMPOSE, NEEDS, "2.14"),
    ("small-vm", Target.KUBEADM, CANNOT, "2 CPUs are needed, 1 here"),
    ("small-vm", Target.MICROK8S, CANNOT, "1006 MB"),
    ("kubeadm-box", Target.KUBEADM, FITS, "5 GB"),
    ("wsl2-ubuntu", Target.KUBEADM, CANNOT, "WSL"),
    ("wsl2-ubuntu", Target.COMPOSE, NEEDS, "1.9 GB"),
    ("windows-native", Target.COMPOSE, CANNOT, "WSL 2"),
]


@pytest.mark.parametrize(("name", "which", "verdict", "words"), TABLE)
def test_a_recorded_machine_fits_or_says_why_not(name: str, which: Target, verdict: Verdict, words: str) -> None:
    fit = target(which).fit(machine(name))
    assert (fit.verdict, words in fit.reason) == (verdict, True), fit


def test_what_could_not_be_asked_is_unknown_and_not_missing() -> None:
    assert target(Target.COMPOSE).fit(without("roomy-linux", "docker")).verdict is UNKNOWN
    tools = {"path": "/usr/bin/x", "version": "1"}
    facts = altered("roomy-linux", "kind", **tools).with_fact("kubectl", machine("kubeadm-box").facts["kubectl"])
    assert (
        target(Target.KIND).fit(facts.with_fact("helm", without("roomy-linux", "helm").facts["helm"])).verdict
        is UNKNOWN
    )


@pytest.mark.parametrize("name", MACHINES)
def test_all_six_are_ranked_and_none_is_a_dead_end(name: str) -> None:
    fits = rank_targets(machine(name))
    assert {f.target for f in fits} == set(Target)
    order = [(FITS, NEEDS, UNKNOWN, CANNOT).index(f.verdict) for f in fits]
    assert order == sorted(order)
    for fit in fits:
        assert fit.title
        assert fit.reason
        assert fit.about


@pytest.mark.parametrize("which", CLUSTERS)
def test_a_database_outside_is_named_as_pods_can_reach_it(which: Target) -> None:
    context = {"context": "c"} if which is Target.CONTEXT else {}
    profile = Profile("demo", which, {**context, "database": "external", "database_url": "postgresql://a@localhost/a"})
    answers = resolve(profile, machine("roomy-linux"))
    secrets = dict.fromkeys(target(which).secret_keys(answers, newest()), "x")
    assert "POSTGRES_PASSWORD" not in secrets
    request = StackRequest("demo", "/demo", answers, newest(), machine("roomy-linux"), secrets, {})
    with pytest.raises(InvalidError, match="names this machine as localhost"):
        target(which).artifacts(request)
    address = {**answers.values, "database_url": "postgresql://a@db.example.org/a"}
    elsewhere = replace(request, answers=replace(answers, values=address))
    assert {"README.md", "values.yaml"} <= {artifact.path for artifact in target(which).artifacts(elsewhere)}


def test_every_target_names_checks_that_exist() -> None:
    known = {check.id for check in all_checks()}
    for module in all_targets():
        assert set(module.check_ids()) <= known, module.name
        assert module.check_ids()
    for which in CLUSTERS:
        assert target(which).check_ids() == tuple(c.id for c in checks_for(which))


def test_the_registry_gives_each_target_under_its_own_name() -> None:
    assert [module.name for module in all_targets()] == list(Target)
    assert target(Target.KIND) is target(Target.KIND)


def test_contexts_that_nobody_could_list_make_no_cluster_impossible() -> None:
    cases: tuple[tuple[Json, Verdict], ...] = (
        (None, Verdict.UNKNOWN), ([], Verdict.NEEDS), (["home"], Verdict.FITS),
    )  # fmt: skip
    for contexts, verdict in cases:
        facts = altered("kubeadm-box", "kubectl", contexts=contexts)
        assert target(Target.CONTEXT).fit(facts).verdict is verdict, contexts
