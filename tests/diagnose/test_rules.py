from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_wizard.diagnose.evaluate import evaluate
from airflow_wizard.diagnose.evidence import (
    DatabaseFact,
    Evidence,
    FileFact,
    MachineFact,
    PortFact,
    SecretFact,
    StepFact,
)
from airflow_wizard.diagnose.rules.dags import package_of
from airflow_wizard.finding import Finding, Level
from airflow_wizard.risk import Risk
from airflow_wizard.status.assemble import Answer
from airflow_wizard.status.snapshot import Health, StackState, UnitState
from tests.diagnose.stacks import FOLDER, NOW, evidence, snapshot, unit

STOPPED = {"snapshot": snapshot(running=False), "answer": None, "port": PortFact(free=True)}
CRASHED = unit("scheduler", state=UnitState.RESTARTING, health=Health.UNHEALTHY, exit_code=1, restarts=4, since=NOW - 2)
KILLED = unit("scheduler", state=UnitState.RESTARTING, health=Health.UNHEALTHY, exit_code=-9, since=NOW - 2)
HTTPD = PortFact(free=False, holder="python3 -m http.server (pid 7)", pid=7)


def one(seen: Evidence) -> Finding:
    findings = evaluate(seen)
    assert len(findings) == 1, [f.id for f in findings]
    return findings[0]


def test_nothing_is_found_where_all_is_well_or_stopped_on_purpose() -> None:
    assert evaluate(evidence()) == []
    assert evaluate(evidence(**STOPPED)) == []


def with_files(**facts: FileFact) -> Evidence:
    names = {"env": ".env", "login": "login.json", "supervisor_config": "supervisor.json"}
    return evidence(files=dict(evidence().files) | {names.get(k, k): v for k, v in facts.items()})


CASES = {
    "port.foreign": evidence(answer=Answer.FOREIGN, answer_words="HTTP 404", port=HTTPD),
    "supervisor.gone": evidence(**STOPPED | {"snapshot": snapshot(running=False, error="ended without being told")}),
    "component.crash.scheduler": evidence(snapshot=snapshot(CRASHED)),
    "component.killed.scheduler": evidence(snapshot=snapshot(KILLED)),
    "scheduler.heartbeat": evidence(snapshot=snapshot(unit("scheduler", health=Health.UNHEALTHY))),
    "dag-processor.heartbeat": evidence(snapshot=snapshot(unit("dag-processor", health=Health.UNHEALTHY))),
    "triggerer.heartbeat": evidence(snapshot=snapshot(unit("triggerer", health=Health.UNHEALTHY))),
    "web.silent": evidence(answer=Answer.SILENT, snapshot=snapshot(unit("api-server", health=Health.UNHEALTHY))),
    "disk.low": evidence(machine=MachineFact(10 << 20, 100 << 30, 8 << 30, 16 << 30)),
    "memory.low": evidence(machine=MachineFact(50 << 30, 100 << 30, 90 << 20, 2 << 30)),
    "database.unmigrated": evidence(database=DatabaseFact("unmigrated", "0 tables")),
    "database.missing": evidence(database=DatabaseFact("missing", "x")),
    "database.malformed": evidence(database=DatabaseFact("malformed", "x")),
    "database.unreadable": evidence(database=DatabaseFact("unreadable", "x")),
    "database.locked": evidence(database=DatabaseFact("locked", "x")),
    "fernet.mismatch": evidence(database=DatabaseFact("other-key", "x")),
    "dags.folder": with_files(dags=FileFact("missing")),
    "files.missing": with_files(stack=FileFact("missing")),
    "files.unreadable": with_files(env=FileFact("file", 0o600, readable=False)),
    "secrets.mode.env": with_files(env=FileFact("file", 0o644)),
    "secrets.mode.login.json": with_files(login=FileFact("file", 0o640)),
    "secrets.missing": evidence(secrets=SecretFact(missing=("AIRFLOW__CORE__FERNET_KEY",))),
    "secrets.fernet": evidence(secrets=SecretFact(fernet_valid=False)),
    "secrets.login": evidence(secrets=SecretFact(login_matches=False)),
    "config.not_running": evidence(secrets=SecretFact(as_launched=False)),
    "config.edited": evidence(edited=("airflow.cfg",)),
    "venv.broken": evidence(venv="it has no Python"),
    "launch.unfinished": evidence(**STOPPED, unfinished=StepFact("install", "failed", "no network")),
    "files.conflict": evidence(conflicts=("airflow.cfg",)),
    "unseen.logs": evidence(unseen=(("logs", "no answer within 4 s"),)),
}


@pytest.mark.parametrize("finding_id", CASES)
def test_each_trouble_alone_is_the_one_finding(finding_id: str) -> None:
    finding = one(CASES[finding_id])
    assert finding.id == finding_id
    assert finding.level is not Level.OK
    assert finding.found
    assert finding.why
    if finding.level in (Level.FAIL, Level.WARN):
        assert finding.fixes
        assert all(all(word for word in command) for fix in finding.fixes for command in fix.commands)


def test_a_stopped_stack_on_a_taken_port_is_only_warned() -> None:
    assert one(evidence(**STOPPED | {"port": HTTPD})).level is Level.WARN
    assert one(evidence(answer=Answer.FOREIGN, port=HTTPD)).level is Level.FAIL


def test_leftovers_are_counted() -> None:
    assert "3 processes" in one(evidence(**STOPPED, leftovers=3)).found


def test_a_first_crash_shows_its_last_words() -> None:
    lines = {"scheduler": ("fine", "ValueError: Unable to configure handler 'task'", "bye")}
    found = one(evidence(snapshot=snapshot(CRASHED), lines=lines))
    assert found.evidence == ("ValueError: Unable to configure handler 'task'",)
    assert "4 restarts" in found.found


def test_a_component_that_ended_and_runs_again() -> None:
    def ids(code: int, *, age: float, **more: object) -> list[str]:
        again = unit("scheduler", since=NOW - age, **({"restarts": 9} | more))
        return [f.id for f in evaluate(evidence(snapshot=snapshot(again), last_exits={"scheduler": code}))]

    assert ids(1, age=4000) == []
    assert ids(1, age=100) == ["component.restarted.scheduler"]
    assert ids(-9, age=100) == ["component.killed.scheduler"]
    assert ids(1, age=5, health=Health.STARTING) == ["component.crash.scheduler"]
    # A restart that was asked for ends with TERM, or well.
    assert ids(-15, age=5) == []
    assert ids(0, age=5) == []


def test_a_starting_stack_is_not_called_silent() -> None:
    starting = replace(snapshot(unit("api-server", health=Health.STARTING)), state=StackState.STARTING)
    assert evaluate(evidence(answer=Answer.SILENT, snapshot=starting)) == []


def test_an_interrupted_launch_explains_what_is_not_there_yet() -> None:
    seen = evidence(
        **STOPPED,
        unfinished=StepFact("venv", "started", ""),
        venv="there is none",
        database=DatabaseFact("missing", "x"),
    )
    found = one(seen)
    assert found.id == "launch.unfinished"
    assert "interrupted at the step venv" in found.found
    assert found.fixes[0].commands == (("airflow-wizard", "up", "--name", "demo", "--dir", FOLDER),)


TRACE = """Traceback (most recent call last):
  File "/home/ana/airflow/dags/sales.py", line 4, in <module>
    import helpers
  File "/home/ana/airflow/dags/helpers.py", line 2, in <module>
    from airflow.providers.apache.spark.hooks.spark_sql import X
ModuleNotFoundError: No module named 'airflow.providers.apache.spark'
"""


def test_an_import_error_names_the_line_and_the_package() -> None:
    finding = one(evidence(import_errors=((f"{FOLDER}/dags/sales.py", TRACE),)))
    assert finding.id == f"dag.import_error:{FOLDER}/dags/sales.py"
    assert f"{FOLDER}/dags/sales.py:4: ModuleNotFoundError" in finding.found
    install = finding.fixes[0]
    assert install.risk is Risk.SAFE
    assert install.commands == (
        ("uv", "pip", "install", "--python", f"{FOLDER}/venv/bin/python", "apache-airflow-providers-apache-spark"),
    )


def test_a_syntax_error_has_its_line_and_no_package() -> None:
    trace = "  File \"/x/dags/a.py\", line 7\n    dag = (\n          ^\nSyntaxError: '(' was never closed"
    finding = one(evidence(import_errors=(("/x/dags/a.py", trace),)))
    assert finding.found.startswith("/x/dags/a.py:7: SyntaxError")
    assert not finding.fixes[0].commands


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("boto3", "boto3"),
        ("yaml", "PyYAML"),
        ("sklearn.linear_model", "scikit-learn"),
        ("google.cloud.storage.blob", "google-cloud-storage"),
        ("airflow.providers.amazon.aws.hooks.s3", "apache-airflow-providers-amazon"),
        ("airflow.providers.common.sql", "apache-airflow-providers-common-sql"),
        ("airflow.providers.cncf.kubernetes", "apache-airflow-providers-cncf-kubernetes"),
        ("my_module", "my-module"),
    ],
)
def test_the_package_of_a_module(module: str, package: str) -> None:
    assert package_of(module) == package


def test_consequences_stand_under_their_cause() -> None:
    findings = evaluate(
        evidence(
            machine=MachineFact(0, 100 << 30, 8 << 30, 16 << 30),
            snapshot=snapshot(CRASHED),
            conflicts=("airflow.cfg",),
            lines={"scheduler": ("OSError: [Errno 28] No space left on device",)},
        )
    )
    assert [f.id for f in findings] == ["disk.low", "component.crash.scheduler", "files.conflict"]
    assert findings[1].causes == ("disk.low",)
    assert findings[0].causes == ()


def test_one_component_is_not_the_cause_of_another() -> None:
    ended = unit("triggerer", since=NOW - 60, restarts=1)
    hangs = unit("scheduler", health=Health.UNHEALTHY)
    findings = evaluate(evidence(snapshot=snapshot(hangs, ended), last_exits={"triggerer": -9}))
    assert [f.id for f in findings] == ["scheduler.heartbeat", "component.killed.triggerer"]
    assert not any(f.causes for f in findings)


def test_what_is_worth_knowing_is_no_cause() -> None:
    wide = dict(evidence().files) | {".env": FileFact("file", 0o644)}
    findings = evaluate(evidence(conflicts=("airflow.cfg",), snapshot=snapshot(CRASHED), files=wide))
    assert [f.id for f in findings] == ["component.crash.scheduler", "secrets.mode.env", "files.conflict"]
    assert not findings[0].causes


def test_one_import_error_is_not_told_twice() -> None:
    lines = {"dag-processor": ("ModuleNotFoundError: No module named 'boto3'",)}
    errors = (("/x/dags/a.py", "ModuleNotFoundError: No module named 'boto3'"),)
    assert [f.id for f in evaluate(evidence(lines=lines, import_errors=errors))] == ["dag.import_error:/x/dags/a.py"]


def test_lines_about_what_is_well_by_now_do_not_count() -> None:
    lines = {
        "scheduler": ("sqlite3.DatabaseError: database disk image is malformed", "no such table: job"),
        "webserver": ("[ERROR] Connection in use: ('127.0.0.1', 8080)", "ModuleNotFoundError: No module named 'x'"),
    }
    assert evaluate(evidence(lines=lines)) == []
    gone = evaluate(evidence(lines=lines, database=None, answer=None))
    assert {f.id for f in gone} >= {"database.malformed", "port.in_use", "dag.module_missing"}
