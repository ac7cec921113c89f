"""Files of a stack without containers: as they are rendered, as Airflow and a shell will read them."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_wizard.artifacts import standalone
from airflow_wizard.artifacts.airflow_cfg import base_url, render
from airflow_wizard.artifacts.smoke_dag import smoke_dag, smoke_marker
from airflow_wizard.artifacts.standalone_texts import AIRFLOW_WRAPPER, STACK_WRAPPER
from airflow_wizard.targets.standalone import TARGET
from tests.artifacts.requests import DATABASE, FIXED, request

GOLDEN = Path(__file__).parent.parent / "golden"
VERSIONS = ("3.3.2", "2.11.2")
# Code that is shipped as it is has tests of its own; here is what is computed.
RENDERED = ("README.md", "airflow.cfg", ".env", "supervisor.json", "login.json")


def text_of(path: str, version: str = "3.3.2", folder: str = "/home/ada/stack") -> str:
    """One rendered file."""
    return next(a.text for a in standalone.artifacts(request(version, folder)) if a.path == path)


def as_airflow_reads(text: str) -> configparser.ConfigParser:
    """AirflowConfigParser is a ConfigParser with its default, basic interpolation."""
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return parser


@pytest.mark.parametrize("version", VERSIONS)
def test_rendered_files_are_the_golden_ones(version: str) -> None:
    """To accept a change: GOLDEN=write pytest tests/artifacts, then read the diff."""
    folder = GOLDEN / f"standalone-{version}"
    rendered = {a.path: a.text for a in standalone.artifacts(request(version)) if a.path in RENDERED}
    if os.environ.get("GOLDEN") == "write":
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path, text in rendered.items():
            (folder / f"{path.removeprefix('.')}.golden").write_text(text, encoding="utf-8")
    known = {p.name.removesuffix(".golden"): p.read_text(encoding="utf-8") for p in folder.iterdir()}
    assert known == {path.removeprefix("."): text for path, text in rendered.items()}


@pytest.mark.parametrize("version", VERSIONS)
def test_secrets_stand_only_where_they_are_kept_private(version: str) -> None:
    given = request(version, database="external", database_url=DATABASE)
    for artifact in standalone.artifacts(given):
        holds = [key for key, value in given.secrets.items() if value in artifact.text and key != standalone.STACK_ID]
        assert bool(holds) == artifact.secret, artifact.path
        assert not artifact.secret or artifact.mode == 0o600
    assert len({a.path for a in standalone.artifacts(given)}) == len(standalone.artifacts(given))


ODD = ("/srv/100% mine", "/srv/a b  c", "/srv/größe ☃", "/srv/a;b#c", "/srv/$HOME`x`", '/srv/it\'s "it"', "/srv/[core]")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("folder", ODD)
def test_every_path_survives_the_configuration_file(version: str, folder: str) -> None:
    read = as_airflow_reads(render(request(version, folder)))
    assert read["core"]["dags_folder"] == f"{folder}/dags"
    assert read["core"]["plugins_folder"] == f"{folder}/plugins"
    assert read["logging"]["base_log_folder"] == f"{folder}/logs"
    assert read["database"]["sql_alchemy_conn"] == f"sqlite:///{folder}/airflow.db"


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(blacklist_categories=("C", "Z"), blacklist_characters="/"), min_size=1, max_size=12))
def test_any_name_of_a_dags_folder_survives_it(name: str) -> None:
    if name in (".", ".."):
        return
    read = as_airflow_reads(render(request(dags=f"/srv/{name}")))
    assert read["core"]["dags_folder"] == f"/srv/{name}"


@pytest.mark.parametrize("version", VERSIONS)
def test_each_setting_is_there_once_and_says_why(version: str) -> None:
    lines = render(request(version)).splitlines()
    keys = [i for i, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert all(lines[i - 1].startswith("# ") for i in keys)
    as_airflow_reads("\n".join(lines))  # strict: refuses a section or a key that comes twice


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104 - what somebody may answer
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("192.168.1.7", "http://192.168.1.7:8080"),
    ],
)
def test_where_it_answers_follows_from_where_it_listens(bind: str, url: str) -> None:
    given = request(bind=bind)
    assert base_url(given) == url
    read = as_airflow_reads(render(given))
    assert (read["api"]["host"], read["api"]["base_url"]) == (bind, url)
    assert read["core"]["execution_api_server_url"] == f"{url}/execution/"
    two = as_airflow_reads(render(request("2.11.2", bind=bind)))
    assert (two["webserver"]["web_server_host"], two["webserver"]["base_url"]) == (bind, url)


def test_a_database_of_ones_own_stands_in_the_private_file_alone() -> None:
    given = request(database="external", database_url=DATABASE)
    assert "sql_alchemy_conn" not in render(given)
    env = next(a.text for a in standalone.artifacts(given) if a.path == ".env")
    assert f"{standalone.DATABASE_URL}={FIXED[standalone.DATABASE_URL]}\n" in env


@pytest.mark.parametrize(
    ("version", "external", "names"),
    [
        ("3.3.2", False, ["api-server", "scheduler", "dag-processor", "triggerer"]),
        ("2.11.2", False, ["webserver", "scheduler", "triggerer"]),
        ("2.11.2", True, ["webserver", "scheduler", "dag-processor", "triggerer"]),
    ],
)
def test_what_is_kept_running_and_what_must_beat(version: str, external: bool, names: list[str]) -> None:
    given = request(version, database="external", database_url=DATABASE) if external else request(version)
    config = json.loads(next(a.text for a in standalone.artifacts(given) if a.path == "supervisor.json"))
    assert [c["name"] for c in config["components"]] == names == list(TARGET.units(given))
    assert ("dag_processor" in TARGET.endpoint(given).components) == ("dag-processor" in names)
    programs = {c["name"]: c["argv"][:3] for c in config["components"]}
    if external:
        # Airflow 2's own ends where there is no DAG file.
        assert programs.pop("dag-processor") == ["venv/bin/python", "-c", standalone.AIRFLOW_2_PARSES]
    assert set(map(tuple, programs.values())) == {("venv/bin/python", "-m", "airflow")}


def test_the_fingerprint_follows_what_running_processes_have_loaded() -> None:
    same = standalone.fingerprint(request())
    assert same == standalone.fingerprint(request(reachable=True))
    others = [
        request("3.3.1"),
        request(port=8081),
        request(executor="LocalExecutor", parallelism=3),
        request(packages=("pandas==2.3.3",)),
        request(folder="/elsewhere"),
    ]
    assert len({same, *map(standalone.fingerprint, others)}) == len(others) + 1


@pytest.mark.parametrize("script", [AIRFLOW_WRAPPER, STACK_WRAPPER])
@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_the_scripts_are_plain_shell(script: str, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here")
    checked = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


SHOW = '#!/bin/sh\nprintf "%s\\n" "$@"\nenv -0 > "$OUT"\n'
HOSTILE = """\
# comment = not a variable
  # indented = neither
PLAIN=value
SPACES=  a  b\t
DOLLAR=$HOME `id` $(id)
QUOTES="a" 'b' \\n \\
PERCENT=100%(x)s %s
EQUALS=a=b==
export EXPORTED=yes
UNICODE=größe ☃
no assignment here
odd-name=x
1DIGIT=x
=empty
EMPTY=
LAST=without newline"""


@pytest.mark.parametrize("shell", ["sh", "dash"])
def test_values_reach_airflow_as_they_stand_in_the_file(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here")
    folder = tmp_path / "a b ☃"
    (folder / "venv" / "bin").mkdir(parents=True)
    (folder / "venv" / "bin" / "python").write_text(SHOW)
    (folder / "venv" / "bin" / "python").chmod(0o755)
    (folder / "airflow").write_text(AIRFLOW_WRAPPER)
    (folder / ".env").write_text(HOSTILE, encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "OUT": str(tmp_path / "env"), "PYTHONPATH": "/x", "AIRFLOW_CONFIG": "/other"}
    ran = subprocess.run(
        [shell, str(folder / "airflow"), "dags", "list it"],
        capture_output=True,
        text=True,
        env=env,
        cwd="/",
        check=False,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == ["-m", "airflow", "dags", "list it"]
    seen = dict(pair.partition("=")[::2] for pair in (tmp_path / "env").read_text().split("\0") if pair)
    expected = {
        "PLAIN": "value",
        "SPACES": "  a  b\t",
        "DOLLAR": "$HOME `id` $(id)",
        "QUOTES": "\"a\" 'b' \\n \\",
        "PERCENT": "100%(x)s %s",
        "EQUALS": "a=b==",
        "EXPORTED": "yes",
        "UNICODE": "größe ☃",
        "EMPTY": "",
        "LAST": "without newline",
        "AIRFLOW_HOME": str(folder),
    }
    assert {key: seen.get(key) for key in expected} == expected
    assert not seen.keys() & {"PYTHONPATH", "AIRFLOW_CONFIG", "odd-name", "1DIGIT", ""}
    assert seen["PATH"].startswith(f"{folder}/venv/bin:")


def test_the_stack_script_finds_its_own_code_whatever_the_shell_has_set(tmp_path: Path) -> None:
    """PYTHONSAFEPATH hides the folder that `python -m supervisor` is found in."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(shutil.which("python3") or "python3")
    (tmp_path / "supervisor").mkdir()
    (tmp_path / "supervisor" / "__main__.py").write_text(
        "import os, sys; print(os.environ.get('AIRFLOW_CONFIG'), sys.argv[1:])"
    )
    (tmp_path / "stack").write_text(STACK_WRAPPER)
    env = {"PATH": os.environ["PATH"], "PYTHONSAFEPATH": "1", "PYTHONHOME": "/nowhere", "AIRFLOW_CONFIG": "/other"}
    ran = subprocess.run(
        ["sh", str(tmp_path / "stack"), "status"], capture_output=True, text=True, env=env, cwd="/", check=False
    )
    assert (ran.stdout, ran.stderr) == ("None ['status']\n", "")


@pytest.mark.parametrize("airflow3", [True, False])
def test_the_smoke_dag_is_python_and_writes_its_own_line(airflow3: bool) -> None:
    text = smoke_dag("airflow_wizard_smoke_1", airflow3=airflow3)
    compile(text, "smoke.py", "exec")
    assert smoke_marker("airflow_wizard_smoke_1") in text
    assert ("from airflow.sdk import" in text) == airflow3
