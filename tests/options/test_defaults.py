from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.options.advice import advise
from airflow_wizard.options.model import KUBERNETES_TARGETS, Situation, Target
from airflow_wizard.options.registry import option
from airflow_wizard.profile.resolve import judge
from tests.options import machines

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer
    from airflow_wizard.host.facts import Json

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a value, nothing listens


def default(name: str, facts: HostFacts, target: Target = Target.STANDALONE, **answers: Answer) -> Answer:
    return option(name).default(Situation(target, facts, answers))


def because(name: str, facts: HostFacts, target: Target = Target.STANDALONE, **answers: Answer) -> str:
    return option(name).because(Situation(target, facts, answers))


def problem(name: str, value: Answer, target: Target = Target.STANDALONE, **answers: Answer) -> str:
    return judge(option(name), value, Situation(target, machines.UNMEASURED, answers))


def test_port_is_the_next_free_one_and_says_who_holds_the_first() -> None:
    assert default("port", machines.UNMEASURED) == 8080
    assert default("port", machines.LAPTOP) == 8082
    assert because("port", machines.LAPTOP) == "8080 is taken by node (pid 4121); this is the next free one"
    assert default("port", machines.machine(taken=tuple(range(8080, 8091)))) == 8080


def test_python_is_the_newest_one_found_that_the_release_supports() -> None:
    assert default("python", machines.MANY_PYTHONS, airflow_version="3.3.2") == "3.14"
    assert default("python", machines.MANY_PYTHONS, airflow_version="2.11.2") == "3.12"
    assert default("python", machines.machine(pythons=("3.9",)), airflow_version="2.11.0") == "3.9"
    alone = machines.machine(pythons=("3.14",))
    assert default("python", alone, airflow_version="2.11.2") == "3.12"
    assert "uv would fetch" in because("python", alone, airflow_version="2.11.2")


def test_an_interpreter_that_cannot_run_airflow_is_passed_over() -> None:
    found: list[Json] = [
        {"version": "3.13", "implementation": "PyPy"},
        {"version": "3.12", "sqlite": False},
        {"version": "3.11", "implementation": "CPython", "sqlite": True, "ssl": True},
    ]
    facts = HostFacts({"pythons": Fact({"found": found}, "test")})
    assert default("python", facts, airflow_version="3.3.2") == "3.11"


def test_python_that_airflow_excludes_is_refused_with_the_reason() -> None:
    said = problem("python", "3.13", airflow_version="2.11.2")
    assert said == "is not supported by Airflow 2.11.2, which runs on Python 3.10, 3.11, 3.12"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [(machines.UNMEASURED, 4), (machines.SMALL, 2), (machines.machine(cpus=64, memory=256), 16),
     (machines.CONTAINER, 3), (machines.machine(cpus=8, memory=1), 1), (machines.machine(cpus=2, memory=23), 4)],
)  # fmt: skip
def test_tasks_at_once_fit_cpus_memory_and_cgroup_limits(facts: HostFacts, expected: int) -> None:
    assert default("parallelism", facts, airflow_version="3.3.2") == expected


def test_compose_is_sized_by_the_engine_not_by_the_laptop() -> None:
    assert default("parallelism", machines.DOCKER_DESKTOP, Target.COMPOSE) == 4
    assert default("parallelism", machines.DOCKER_DESKTOP, Target.STANDALONE) == 16


def test_executor_follows_version_and_database() -> None:
    assert default("executor", machines.LAPTOP, airflow_version="3.3.2") == "LocalExecutor"
    assert default("executor", machines.LAPTOP, airflow_version="2.11.2") == "SequentialExecutor"
    assert default("executor", machines.LAPTOP, airflow_version="2.11.2", database="external") == "LocalExecutor"
    assert default("parallelism", machines.LAPTOP, airflow_version="2.11.2") == 1
    assert default("executor", machines.LAPTOP, Target.MICROK8S) == "KubernetesExecutor"


def test_executors_that_cannot_work_are_refused_with_a_way_out() -> None:
    assert "database external" in problem("executor", "LocalExecutor", airflow_version="2.11.2")
    assert problem("executor", "LocalExecutor", airflow_version="2.11.2", database="external") == ""
    assert "does not exist in Airflow 3.3.2" in problem("executor", "SequentialExecutor", airflow_version="3.3.2")
    several = "CeleryExecutor,KubernetesExecutor"
    assert problem("executor", several, Target.KIND, airflow_version="2.10.5") == ""
    assert problem("executor", several, Target.KIND, airflow_version="2.9.3")
    assert problem("executor", "KubernetesExecutor", Target.COMPOSE)


def test_versions_a_target_cannot_run_are_refused() -> None:
    assert problem("airflow_version", "2.9.3").startswith("cannot be run by target standalone")
    assert problem("airflow_version", "2.9.3", Target.COMPOSE) == ""
    assert problem("airflow_version", "3.1.4") == ""
    assert "did you mean" in problem("airflow_version", "3.3")


def test_charts_match_airflow() -> None:
    assert default("chart_version", machines.LAPTOP, Target.KIND, airflow_version="2.10.5") == "1.19.0"
    assert default("chart_version", machines.LAPTOP, Target.KIND, airflow_version="3.3.2") == "1.22.0"
    assert "1.19.0 or older" in problem("chart_version", "1.21.0", Target.KIND, airflow_version="2.9.3")
    assert "1.18.0 or newer" in problem("chart_version", "1.16.0", Target.KIND, airflow_version="3.0.6")
    assert "1.13.0 to 1.22.0" in problem("chart_version", "2.0.0", Target.KIND, airflow_version="3.3.2")
    assert "1.13.0 to 1.22.0" in problem("chart_version", "1.12.0", Target.KIND, airflow_version="2.9.3")
    assert problem("chart_version", "1.18.0", Target.KIND, airflow_version="3.3.2") == ""
    several = {"airflow_version": "2.10.5", "executor": "CeleryExecutor,KubernetesExecutor"}
    assert "take 1.16.0 or newer" in problem("chart_version", "1.15.0", Target.KIND, **several)
    assert problem("chart_version", "1.16.0", Target.KIND, **several) == ""


def test_two_executors_in_one_are_for_airflow_that_cannot_take_several() -> None:
    assert problem("executor", "LocalKubernetesExecutor", Target.KIND, airflow_version="2.9.3") == ""
    said = problem("executor", "LocalKubernetesExecutor", Target.KIND, airflow_version="2.10.5")
    assert "take LocalExecutor or" in said
    assert "does not exist in" in problem("executor", "CeleryKubernetesExecutor", Target.KIND, airflow_version="3.3.2")


def test_logs_are_kept_where_the_cluster_can_keep_them() -> None:
    kept = {target: default("log_storage", machines.UNMEASURED, target) for target in KUBERNETES_TARGETS}
    expected = {"kind": "node", "kubeadm": "node", "microk8s": "claim", "context": "pods"}
    assert kept == expected


GITHUB = "git@github.com:team/dags.git"
OTHER = "ssh://git@git.example.org:2222/team/dags.git"


def test_a_git_host_is_recognised_by_its_key() -> None:
    line = str(default("git_host_key", machines.UNMEASURED, Target.KIND, git_repo=GITHUB))
    assert line.startswith("github.com ssh-ed25519 AAAA")
    assert problem("git_host_key", line, Target.KIND, git_repo=GITHUB) == ""
    assert default("git_host_key", machines.UNMEASURED, Target.KIND, git_repo=OTHER) is None
    said = problem("git_host_key", None, Target.KIND, git_repo=OTHER)
    assert "ssh-keyscan -t ed25519 git.example.org" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("github.com ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEAq2A7hRGmdnm9tUDbO9IDSwBK6TbQa+PX", "withdrew in 2023"),
        ("github.com ssh-ed25519", "is not a line"), ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "is not a line"),
        ("h ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAA", "cut off"),
        ("h ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl", "none of type ssh-rsa"),
    ],
)  # fmt: skip
def test_a_key_that_cannot_be_trusted_is_refused(line: str, said: str) -> None:
    assert said in problem("git_host_key", line, Target.KIND, git_repo=OTHER)


@pytest.mark.parametrize(
    ("name", "value", "target"),
    [
        ("port", 0, Target.STANDALONE), ("port", 65536, Target.STANDALONE), ("port", "8080", Target.STANDALONE),
        ("port", True, Target.STANDALONE), ("examples", 1, Target.STANDALONE), ("bind", "localhost", Target.STANDALONE),
        ("bind", "127.0.0.1/8", Target.STANDALONE), ("bind", "fe80::1%eth0", Target.STANDALONE),
        ("bind", "224.0.0.1", Target.STANDALONE), ("bind", None, Target.STANDALONE),
        ("dags", None, Target.STANDALONE), ("dags", "https://x/y", Target.STANDALONE),
        ("packages", ("--index-url=x",), Target.STANDALONE), ("packages", ("a b",), Target.STANDALONE),
        ("packages", ("pkg @ https://x/y.whl",), Target.STANDALONE),
        ("packages", ("Apache_Airflow==2",), Target.STANDALONE),
        ("packages", ("pkg; $(id)",), Target.STANDALONE), ("timezone", "Mars/Base", Target.STANDALONE),
        ("timezone", "../../etc/passwd", Target.STANDALONE), ("image", "http://x/y", Target.COMPOSE),
        ("image", "a b", Target.COMPOSE), ("image", "-x", Target.COMPOSE), ("namespace", "Air_flow", Target.KIND),
        ("namespace", "kube-system", Target.CONTEXT),
        ("namespace", "a" * 64, Target.KIND), ("context", None, Target.CONTEXT), ("context", "--all", Target.CONTEXT),
        ("git_repo", "http://h/r.git", Target.KIND), ("git_repo", "--upload-pack=x", Target.KIND),
        ("git_ref", "-x", Target.KIND), ("git_ref", "a..b", Target.KIND), ("git_subpath", "../up", Target.KIND),
        ("git_subpath", "/abs", Target.KIND), ("ingress_host", "https://h", Target.KUBEADM),
        ("ingress_path", "airflow", Target.KUBEADM), ("chart_source", "http://h", Target.KIND),
        ("chart_version", "latest", Target.KIND), ("workers", 0, Target.COMPOSE),
        ("node_port", 8080, Target.KIND), ("nodes", 0, Target.KIND), ("node_image", None, Target.KIND),
        ("git_user", "a:b", Target.KIND), ("storage_node", "http://h", Target.KUBEADM),
        ("database", "bundled", Target.STANDALONE), ("database_url", None, Target.STANDALONE),
    ],
)  # fmt: skip
def test_unusable_values_are_refused(name: str, value: Answer, target: Target) -> None:
    assert problem(name, value, target)


@pytest.mark.parametrize(
    ("name", "value", "target"),
    [
        ("bind", "::1", Target.STANDALONE), ("bind", EVERYWHERE, Target.STANDALONE),
        ("dags", "my dags/ö", Target.STANDALONE), ("packages", ("pandas[parquet]>=2,<3", "x"), Target.STANDALONE),
        ("packages", ('tomli; python_version < "3.11"',), Target.STANDALONE),
        ("image", "localhost:5000/team/airflow:3.3.2-a", Target.COMPOSE),
        ("git_repo", "ssh://git@h:22/r.git", Target.KIND), ("git_repo", "https://github.com/a/b", Target.KIND),
        ("git_ref", "feature/x-1", Target.KIND), ("timezone", "Europe/Berlin", Target.STANDALONE),
        ("context", "arn:aws:eks:eu-west-1:1:cluster/x", Target.CONTEXT),
        ("chart_source", "./charts/airflow", Target.KIND),
        ("database_url", "postgresql://airflow@db:5432/airflow", Target.STANDALONE),
        ("database_url", "postgresql+psycopg2://u@[::1]/a?sslmode=require", Target.STANDALONE),
    ],
)  # fmt: skip
def test_usable_values_are_accepted(name: str, value: Answer, target: Target) -> None:
    assert problem(name, value, target) == ""


@pytest.mark.parametrize(
    "url", ["postgresql://u:geheim@h/d", "postgresql://u@h/d?password=geheim", "postgresql://u:@h/d"]
)
def test_a_database_address_with_a_password_is_refused_without_repeating_it(url: str) -> None:
    said = problem("database_url", url)
    assert "AIRFLOW_WIZARD_DATABASE_PASSWORD" in said
    assert "geheim" not in said


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u@h/d", "mysql://u@h/d", "postgresql://h/d", "postgresql://u@h", "x", "postgresql://u@h:x/d",
        "postgresql://u@[/d",
    ],
)  # fmt: skip
def test_a_database_address_airflow_cannot_use_is_refused(url: str) -> None:
    assert problem("database_url", url)


def test_advice_is_given_only_where_something_is_worth_knowing() -> None:
    good: dict[str, Answer] = {"airflow_version": "3.3.2", "port": 8080, "bind": "127.0.0.1"}
    assert advise(Target.STANDALONE, good) == ()
    wide = advise(Target.COMPOSE, {**good, "airflow_version": "2.10.5", "port": 80, "bind": EVERYWHERE})
    assert [f.id for f in wide] == ["airflow.end_of_life", "airflow.untested", "port.privileged", "bind.wide"]
    assert "Docker" in wide[-1].why
    assert "Docker" not in advise(Target.STANDALONE, {**good, "bind": "10.0.0.5"})[0].why
