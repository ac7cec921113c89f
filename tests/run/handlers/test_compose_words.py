"""Refusals of Compose and the engine, as they print them, are told apart."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.run.handlers.compose_words import reason, telling, yaml_error
from airflow_wizard.run.handlers.images import repository

SAID = {
    "Error response from daemon: driver failed programming external connectivity on endpoint x: "
    "Bind for 127.0.0.1:8080 failed: port is already allocated": "has that port",
    "write /var/lib/docker/tmp/GetImageBlob1: no space left on device": "disk is full",
    'Conflict. The container name "/a-postgres-1" is already in use by container "3f"': "once",
    "required variable POSTGRES_PASSWORD is missing a value: is missing in .env": "key",
    "failed to read /s/.env: line 11: key cannot contain a space": "NAME=VALUE",
    "no configuration file provided: not found": "is gone",
    "could not find an available, non-overlapping IPv4 address pool among the defaults": "address range",
    "Error response from daemon: all predefined address pools have been fully subnetted": "address range",
    "Error response from daemon: network 5b95e0256ae4 not found": "removed by hand",
    "manifest for apache/airflow:9.9.9 not found: manifest unknown": "no such image or tag",
    "pull access denied for airflow-x, repository does not exist or may require 'docker login'": "wants a login",
    "toomanyrequests: You have reached your pull rate limit": "limits",
    'Get "https://registry.example/v2/": dial tcp: lookup registry.example on 10.0.0.1:53: no such host': "reach",
    "tls: failed to verify certificate: x509: certificate signed by unknown authority": "certificate",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?": "does not run",
    "permission denied while trying to connect to the Docker daemon socket": "may not talk",
    "docker: 'compose' is not a docker command.": "not installed",
    "validating /s/docker-compose.yaml: services.airflow-x Additional property comand is not allowed": "not valid",
    'service "airflow-x" depends on undefined service redis: invalid compose project': "not valid",
    'FATAL: password authentication failed for user "airflow"': "another password",
    "alembic.util.exc.CommandError: Can't locate revision identified by '29ce7909c52b'": "newer Airflow",
}


@pytest.mark.parametrize("said", SAID)
def test_a_refusal_has_its_reason_and_a_way_out(said: str) -> None:
    found = reason(f"first line\n{said}\nlast line", "demo")
    assert found is not None
    assert SAID[said] in found[0]
    assert found[1]
    assert "STACK" not in found[1]


def test_what_is_not_known_is_not_guessed() -> None:
    assert reason("Container demo-postgres-1  Started") is None


def test_the_walk_through_containers_is_not_what_went_wrong() -> None:
    walk = [" Container a-postgres-1  Created", " Network a_default  Creating", " airflow-init Pulling "]
    assert telling([*walk, "Error response from daemon: no"]) == ("Error response from daemon: no",)
    assert telling(walk)


def test_a_broken_file_is_told_by_its_line() -> None:
    assert yaml_error("services:\n  a:\n    image: x\n") is None
    assert yaml_error("a: !reset null\nb: !override [1]\n") is None
    found = yaml_error("services:\n  a: [oops\n  b: 1\n")
    assert found is not None
    assert found[0] == 3
    assert "begins in line 2" in found[1]
    tab = yaml_error("services:\n\ta: 1\n")
    assert tab is not None
    assert tab[0] == 2


@given(st.text(max_size=80))
def test_any_text_is_yaml_or_has_a_line_that_is_not(text: str) -> None:
    found = yaml_error(text)
    try:
        list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        assert found is not None
        assert found[0] >= 1
        assert found[1]
    else:
        assert found is None


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("apache/airflow:3.3.2", "apache/airflow"),
        ("apache/airflow", "apache/airflow"),
        ("host:5000/a/b", "host:5000/a/b"),
        ("host:5000/a/b:1@sha256:00", "host:5000/a/b"),
    ],
)
def test_the_repository_of_an_image(image: str, name: str) -> None:
    assert repository(image) == name
