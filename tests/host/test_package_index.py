"""Which index an installation asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.host.package_index import offline, package_index, without_credentials

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def quiet(tmp_path: Path) -> dict[str, str]:
    """An environment in which no file of this machine is found."""
    return {"XDG_CONFIG_DIRS": str(tmp_path / "none"), "XDG_CONFIG_HOME": str(tmp_path / "config")}


def test_variables_of_uv_win_over_those_of_pip(quiet: dict[str, str], tmp_path: Path) -> None:
    quiet["PIP_INDEX_URL"] = "https://pip.example/index"
    assert package_index(quiet, tmp_path).source == "PIP_INDEX_URL"
    quiet["UV_INDEX_URL"] = "https://old.example/index"
    assert package_index(quiet, tmp_path).url == "https://old.example/index"
    quiet["UV_DEFAULT_INDEX"] = "https://new.example/index"
    assert package_index(quiet, tmp_path).url == "https://new.example/index"


@pytest.mark.parametrize(
    "text",
    [
        'index-url = "https://uv.example/index"',
        '[pip]\nindex-url = "https://uv.example/index"',
        '[[index]]\nname = "a"\nurl = "https://a"\n[[index]]\nurl = "https://uv.example/index"\ndefault = true',
    ],
)
def test_files_of_uv_count(quiet: dict[str, str], tmp_path: Path, text: str) -> None:
    file = tmp_path / "config" / "uv" / "uv.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    index = package_index(quiet, tmp_path)
    assert (index.url, index.source) == ("https://uv.example/index", str(file))


def test_files_of_pip_count_and_install_wins_over_global(quiet: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True)
    file.write_text(
        "[global]\nindex-url = https://one.example/index\ncert = /ca.pem\n[install]\nindex-url=https://two.example"
    )
    index = package_index(quiet, tmp_path)
    assert (index.url, index.source, index.bundle) == ("https://two.example", str(file), "/ca.pem")


@pytest.mark.parametrize("text", ["index-url = ", "[[index", "[global", "\x00", "[index]\nx = 1", "index = [1, 2]"])
def test_a_file_that_cannot_be_understood_is_passed_over(quiet: dict[str, str], tmp_path: Path, text: str) -> None:
    for name in ("uv/uv.toml", "pip/pip.conf"):
        file = tmp_path / "config" / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
    quiet["PIP_CONFIG_FILE"] = "/nowhere/pip.conf"
    assert package_index(quiet, tmp_path).url.startswith("https://")


@given(st.text("ab%:@/é", min_size=1).filter(lambda s: "/" not in s and "@" not in s))
def test_credentials_never_show(secret: str) -> None:
    shown = without_credentials(f"https://me:S3CRET{secret}@index.example/index")
    assert "S3CRET" not in shown
    assert shown == "https://***@index.example/index"


def test_an_address_without_credentials_stays_as_it_is() -> None:
    assert without_credentials("https://index.example/index") == "https://index.example/index"
    assert without_credentials("http://[broken") == "***"


@pytest.mark.parametrize(("said", "by"), [("1", "UV_OFFLINE"), ("True", "UV_OFFLINE"), ("0", ""), ("no", ""), ("", "")])
def test_a_variable_tells_uv_to_stay_offline(quiet: dict[str, str], tmp_path: Path, said: str, by: str) -> None:
    quiet["UV_OFFLINE"] = said
    assert offline(quiet, tmp_path) == by


def test_a_file_tells_uv_to_stay_offline_and_a_variable_wins(quiet: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "config" / "uv" / "uv.toml"
    file.parent.mkdir(parents=True)
    file.write_text("offline = true")
    assert offline(quiet, tmp_path) == str(file)
    quiet["UV_OFFLINE"] = "0"
    assert offline(quiet, tmp_path) == ""
    file.write_text("offline = [")
    del quiet["UV_OFFLINE"]
    assert offline(quiet, tmp_path) == ""
