from __future__ import annotations

import contextlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.catalog.load import newest, parse_version, release, releases
from airflow_wizard.cluster import POSTGRES_MAJOR
from airflow_wizard.errors import InvalidError

MINORS = ["3.3", "3.2", "3.1", "3.0", "2.11", "2.10", "2.9", "2.8"]


def test_every_supported_minor_once_newest_first() -> None:
    assert [r.minor for r in releases()] == MINORS
    assert newest() == releases()[0]
    assert all(str(r.version).startswith(f"{r.minor}.") for r in releases())


@pytest.mark.parametrize("version", [str(r.version) for r in releases()])
def test_a_release_is_whole(version: str) -> None:
    found = release(version)
    assert found.pythons
    assert found.executors
    assert found.postgres == tuple(sorted(found.postgres))
    oldest, newest_tested = (tuple(map(int, k.split("."))) for k in found.kubernetes)
    assert (1, 25) <= oldest < newest_tested
    assert [tuple(map(int, p.split("."))) for p in found.pythons] == sorted(
        tuple(map(int, p.split("."))) for p in found.pythons
    )
    three = found.version.major == 3
    assert found.components[0] == ("api-server" if three else "webserver")
    assert ("dag-processor" in found.components) == three
    assert found.api == ("v2" if three else "v1")
    assert found.health_path == ("/api/v2/monitor/health" if three else "/health")
    assert ("SequentialExecutor" in found.executors) == (not three)
    assert ("end of life" in found.note) == (not three)


def test_only_what_was_proven_is_called_tested() -> None:
    assert release("3.3.2").tested
    assert not release("3.3.1").tested
    assert not release("3.3.99").tested


def test_patch_releases_differ_where_airflow_changed() -> None:
    assert "3.9" in release("2.11.0").pythons
    assert "3.9" not in release("2.11.1").pythons
    assert release("3.1.8").postgres[0] == 13
    assert release("3.2.0").postgres[0] == 14


def test_standalone_and_compose_ranges() -> None:
    assert [r.minor for r in releases() if r.standalone] == MINORS[:6]
    assert all(r.compose for r in releases())


def test_pins_are_only_where_a_newer_dependency_breaks_it() -> None:
    assert {r.minor for r in releases() if r.pins} == {"3.0", "3.2"}
    assert release("3.1.0").pins == ("fastapi<0.118", "structlog<25.5")
    assert release("3.1.1").pins == ("structlog<25.5",)
    assert not release("3.1.2").pins


@pytest.mark.parametrize(
    "text", ["", "3", "1.10.15", "2.7.3", "3.4.0", "03.3.2", "3.3.2rc1", "v3.3.2", "3.3.2\x1b[31m", "٣.٣.٢", "9" * 4000]
)
def test_what_is_not_known_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        release(text)
    assert "3.3" in caught.value.why
    assert caught.value.key == "airflow_version"
    assert "\x1b" not in caught.value.what
    assert len(caught.value.what) < 200


def test_a_near_miss_gets_a_suggestion() -> None:
    with pytest.raises(InvalidError) as minor_only:
        release("3.2")
    assert "did you mean 3.2.2?" in minor_only.value.next
    with pytest.raises(InvalidError) as typo:
        release("3..3.2")
    assert "did you mean 3.3.2?" in typo.value.next


@given(st.sampled_from(MINORS), st.integers(0, 9999))
def test_any_patch_of_a_supported_minor_is_accepted(minor: str, patch: int) -> None:
    text = f"{minor}.{patch}"
    assert str(release(text).version) == text == str(parse_version(text))


@given(st.text())
def test_parsing_never_fails_in_another_way(text: str) -> None:
    with contextlib.suppress(InvalidError):
        assert str(parse_version(text)) == text.strip()


def test_importing_reads_no_data() -> None:
    code = "import sys, airflow_wizard.options.registry; print('tomllib' in sys.modules, 'yaml' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]


def test_every_airflow_takes_the_database_that_clusters_get() -> None:
    assert all(POSTGRES_MAJOR in one.postgres for one in releases())
