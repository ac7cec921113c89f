"""Launches in clusters as values: which steps, in which order, and who is asked before what."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest

from airflow_wizard.artifacts.kube import names
from airflow_wizard.artifacts.kube.database import POSTGRES
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import KUBERNETES_TARGETS, Target
from airflow_wizard.profile import shipped
from airflow_wizard.profile.load import load
from airflow_wizard.profile.sets import with_sets
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions, kube_actions
from airflow_wizard.targets import kube_launch
from airflow_wizard.targets.registry import target
from airflow_wizard.workflows.planning import make_plan, make_request
from tests.artifacts.kube_stacks import CELERY, EXTERNAL, PODS, SSH, facts, request

if TYPE_CHECKING:
    from pathlib import Path

INSTALL = ["apply", "migrate", "smoke-file", "install", "init", "helm", "rollout"]
WITH_KEY = ["apply", "migrate", "git-key", *INSTALL[2:]]
END = ["identity", "heartbeats", "login", "dags-folder", "smoke-run", "smoke-log", "smoke-remove"]
LACKING = ["network", "nodes", "taint", "storage"]
START = ["files", "register"]
MADE = facts(kubeadm_preflight={"made": True})
OURS = facts(kubeadm_preflight={"made": True, "ours": True})
GONE = facts(kubeadm_preflight={"made": False, "ours": True, "ip_forward": "1"})
BARE = facts(kubeadm_preflight={"made": False, "ip_forward": "0", "runtime": "", "swap": True, "cgroup": "1"})


def ids(steps: tuple[Any, ...]) -> list[str]:
    return [step.id for step in steps]


def planned(name: str, tmp_path: Path, machine: HostFacts | None = None, *sets: str) -> Any:  # noqa: ANN401 - a plan
    profile = with_sets(load(shipped.files()[name].read_bytes(), name=name), list(sets))
    return make_plan(make_request(profile, machine or HostFacts(), folder=tmp_path, for_display=True))


@pytest.mark.parametrize(
    ("name", "machine", "middle"),
    [
        ("kind-dev", HostFacts(), ["port", "pull", "cluster", "load", "nodes", "wake", *INSTALL]),
        ("microk8s-team", HostFacts(), ["cluster", "kubeconfig", "nodes", "wake", *WITH_KEY, "forward"]),
        ("kubeadm-homeserver", MADE, ["nodes", "storage", "wake", *INSTALL, "publish", "forward"]),
        ("kubeadm-homeserver", BARE,
         ["forwarding", "runtime", "cluster", *LACKING, "wake", *INSTALL, "publish", "forward"]),
        ("kubeadm-homeserver", OURS, [*LACKING, "wake", *INSTALL, "publish", "forward"]),
        ("kubeadm-homeserver", GONE, ["cluster", *LACKING, "wake", *INSTALL, "publish", "forward"]),
        ("any-cluster", HostFacts(), ["nodes", "wake", *INSTALL, "forward"]),
    ],
)  # fmt: skip
def test_from_nothing_to_proven(name: str, machine: HostFacts, middle: list[str], tmp_path: Path) -> None:
    plan = planned(name, tmp_path, machine)
    assert ids(plan.steps) == [*START, *middle, *END]
    assert len(set(ids(plan.steps))) == len(plan.steps)
    assert not [step for step in plan.steps if step.risk is Risk.DESTRUCTIVE]
    assert list(tmp_path.iterdir()) == [], "a plan changes nothing"


def test_without_a_port_of_its_own_kind_is_reached_by_a_forward(tmp_path: Path) -> None:
    without = ids(planned("kind-dev", tmp_path, None, "node_port=0").steps)
    assert "port" not in without
    assert without[without.index("rollout") + 1] == "forward"


def test_only_a_new_cluster_needs_an_administrator(tmp_path: Path) -> None:
    bare = planned("kubeadm-homeserver", tmp_path, BARE)
    assert ids(bare.privileged) == ["forwarding", "runtime", "cluster"]
    assert all(step.command for step in bare.privileged), "each is shown as it would be typed"
    ready = planned("kubeadm-homeserver", tmp_path, facts(kubeadm_preflight={"made": False, "ip_forward": "1"}))
    assert ids(ready.privileged) == ["cluster"]
    assert planned("kubeadm-homeserver", tmp_path, MADE).privileged == ()
    init = next(step for step in bare.steps if step.id == "cluster")
    assert init.command == (
        "kubeadm", "init", "--config", "kubeadm.yaml", "--ignore-preflight-errors=SystemVerification,Swap",
    )  # fmt: skip
    for name in ("kind-dev", "microk8s-team", "any-cluster"):
        assert planned(name, tmp_path).privileged == ()


def test_images_are_those_that_pods_run() -> None:
    def images(**given: Any) -> tuple[str, ...]:  # noqa: ANN401 - any answer
        steps = {step.id: step.action for step in target(Target.KIND).launch(request(**given))}
        assert isinstance(steps["pull"], actions.PullImages)
        assert isinstance(steps["load"], kube_actions.LoadImages)
        node, *rest = steps["pull"].images
        assert node.startswith("kindest/node:")
        assert tuple(rest) == steps["load"].images
        return steps["load"].images

    assert images() == ("apache/airflow:3.3.2", "postgres:16")
    assert images(executor=CELERY) == ("apache/airflow:3.3.2", "postgres:16", "redis:7.2-bookworm")
    assert images(**EXTERNAL) == ("apache/airflow:3.3.2",)


def test_a_database_outside_is_neither_made_nor_waited_for() -> None:
    asked = request(**EXTERNAL)
    steps = {step.id: step.action for step in target(Target.KIND).launch(asked)}
    init, apply = steps["init"], steps["apply"]
    assert isinstance(init, kube_actions.AwaitJob)
    assert isinstance(apply, kube_actions.ApplyFiles)
    assert init.needs == ""
    assert "postgres.yaml" not in apply.files
    assert POSTGRES not in target(Target.KIND).units(asked)


@pytest.mark.parametrize("where", sorted(KUBERNETES_TARGETS))
def test_secrets_are_applied_before_what_uses_them(where: Target) -> None:
    apply = next(step for step in target(where).launch(request(where=where)) if step.id == "apply")
    assert isinstance(apply.action, kube_actions.ApplyFiles)
    files = list(apply.action.files)
    assert files[0] == "namespace.yaml"
    assert files[-1] == "postgres.yaml"
    secrets = [files.index(file) for file in files if file.startswith("secrets/")]
    assert secrets == list(range(1, len(secrets) + 1))
    assert files.index("scripts.yaml") == len(secrets) + 1


def test_a_deploy_key_is_named_by_its_file_and_nothing_else() -> None:
    asked = request(where=Target.MICROK8S, **SSH)
    (step,) = [s for s in target(Target.MICROK8S).launch(asked) if s.id == "git-key"]
    assert isinstance(step.action, kube_actions.ApplyKey)
    assert (step.action.secret, step.action.file) == ("demo-git", "/home/ana/.ssh/key")


def test_units_by_executor() -> None:
    def units(**given: Any) -> tuple[str, ...]:  # noqa: ANN401 - any answer
        return target(Target.KIND).units(request(**given))

    assert units() == ("postgres", "api-server", "scheduler", "dag-processor", "triggerer")
    assert units(version="2.11.2")[1] == "webserver"
    assert units(executor=CELERY) == (
        "postgres", "redis", "api-server", "scheduler", "dag-processor", "triggerer", "worker",
    )  # fmt: skip
    assert units(executor=PODS) == units()


def test_people_come_by_a_name_and_this_machine_by_a_port() -> None:
    given: dict[str, Any] = {"ingress_host": "home.example.org", "ingress_path": "/airflow", "ingress_class": "traefik"}
    endpoint = target(Target.KUBEADM).endpoint(request(where=Target.KUBEADM, port=8085, **given))
    assert endpoint.url == "http://home.example.org/airflow"
    assert endpoint.asked == "http://127.0.0.1:8085/airflow"
    assert endpoint.secrets_file == "/stacks/demo/secrets/.env"
    plain = target(Target.KUBEADM).endpoint(request(where=Target.KUBEADM, port=8085))
    assert (plain.url, plain.asked) == ("http://127.0.0.1:8085", "")
    assert plain.components == ("metadatabase", "scheduler", "triggerer", "dag_processor")


@pytest.mark.parametrize(
    ("source", "chart", "repo", "version"),
    [
        ("https://airflow.apache.org", "airflow", "https://airflow.apache.org", "1.22.0"),
        ("oci://r.example.org/charts/airflow", "oci://r.example.org/charts/airflow", "", "1.22.0"),
        ("/srv/charts/my airflow.tgz", "/srv/charts/my airflow.tgz", "", ""),
        ("file:///srv/airflow", "/srv/airflow", "", ""),
    ],
)
def test_the_chart_comes_from_where_it_was_said(source: str, chart: str, repo: str, version: str) -> None:
    step = next(s for s in target(Target.KIND).launch(request(chart_source=source)) if s.id == "helm")
    assert isinstance(step.action, kube_actions.InstallRelease)
    assert (step.action.chart, step.action.repo, step.action.version) == (chart, repo, version)
    assert chart in (step.command or ())


@pytest.mark.parametrize("where", sorted(KUBERNETES_TARGETS))
def test_only_what_takes_data_away_is_destructive(where: Target) -> None:
    asked, module = request(where=where), target(where)
    for steps in (module.stop(asked), module.down(asked), module.start(asked)):
        assert not [step for step in steps if step.risk is Risk.DESTRUCTIVE]
    assert module.down(asked, volumes=True)[-1].risk is Risk.DESTRUCTIVE
    gone = module.destroy(asked)
    assert ids(gone)[-2:] == ["remove", "forget"]
    assert next(step.id for step in gone if step.risk is Risk.DESTRUCTIVE) in ("down", "cluster")
    removed = next(step.action for step in gone if step.id == "remove")
    assert isinstance(removed, actions.RemovePaths)
    assert removed.paths[-1] == ".airflow-wizard", "what makes a second try possible goes last"
    assert "dags" not in removed.paths
    assert not [step for step in module.destroy(asked, cluster=True) if step.risk is Risk.PRIVILEGED]


@pytest.mark.parametrize(
    ("seen", "cluster", "wanted"),
    [
        ({"made": True, "ours": False, "half": False}, True, ["down"]),
        ({"made": True, "ours": True, "half": False}, False, ["down"]),
        ({"made": True, "ours": True, "half": False}, True, ["alone", "down", "cluster"]),
        ({"made": True, "ours": False, "half": True}, False, ["cluster"]),
        ({"made": False, "ours": True, "half": False}, True, []),
        ({"made": False, "ours": False, "half": False}, False, []),
    ],
)
def test_a_cluster_of_kubeadm_s_goes_only_where_it_was_made_for_the_stack(
    seen: dict[str, bool], cluster: bool, wanted: list[str]
) -> None:
    asked = request(where=Target.KUBEADM, machine=facts(kubeadm_preflight=dict(seen)))
    steps = target(Target.KUBEADM).destroy(asked, cluster=cluster)
    assert [one for one in ids(steps) if one not in ("forward", "remove", "forget")] == wanted
    assert ids(steps)[-2:] == ["remove", "forget"]
    privileged = [step for step in steps if step.risk is Risk.PRIVILEGED]
    assert [step.command for step in privileged] == [("kubeadm", "reset", "--force")] * ("cluster" in wanted)
    stays = [step.action.stays for step in steps if isinstance(step.action, kube_actions.RemoveRelease)]
    assert any(stays) == (seen["ours"] and not cluster), "an adopted cluster is nobody's to speak of"


def test_data_goes_only_when_it_was_asked_for() -> None:
    asked, module = request(where=Target.CONTEXT), target(Target.CONTEXT)
    plain, whole = module.down(asked)[-1].action, module.down(asked, volumes=True)[-1].action
    assert isinstance(plain, kube_actions.RemoveRelease)
    assert isinstance(whole, kube_actions.RemoveRelease)
    assert (plain.data, plain.namespace, plain.files) == (False, False, ())
    assert (whole.data, whole.namespace) == (True, True)
    assert whole.files[0] == "postgres.yaml"
    assert "namespace.yaml" not in whole.files


def test_one_component_by_a_command_that_means_only_it() -> None:
    module, asked = target(Target.CONTEXT), request(where=Target.CONTEXT, executor=CELERY, workers=3)
    assert names.release(asked) == "demo"
    (stop,), (start,), (again,) = (module.act(asked, verb, "worker") for verb in ("stop", "start", "restart"))
    which = "statefulset,deployment -l release=demo,component=worker"
    place = "kubectl --context mine --namespace airflow"
    assert shlex.join(stop.command or ()) == f"{place} scale {which} --replicas=0"
    assert shlex.join(start.command or ()) == f"{place} scale {which} --replicas=3"
    assert shlex.join(again.command or ()) == f"{place} rollout restart {which}"
    assert stop.risk is Risk.DISRUPTIVE
    (database,) = module.act(asked, "stop", POSTGRES)
    ours = "app.kubernetes.io/instance=demo,app.kubernetes.io/component=postgres"
    assert ours in (database.command or ())


def test_a_cluster_of_ones_own_has_its_own_kubeconfig() -> None:
    files = {where: kube_launch.cluster(request(where=where)).kubeconfig for where in KUBERNETES_TARGETS}
    own = "/stacks/demo/secrets/kubeconfig"
    assert files == {
        Target.KIND: own, Target.MICROK8S: own, Target.CONTEXT: "", Target.KUBEADM: "/etc/kubernetes/admin.conf",
    }  # fmt: skip
    assert kube_launch.cluster(request()).context == "kind-demo"
