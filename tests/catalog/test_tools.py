"""Where programs are published."""

from __future__ import annotations

import pytest

from airflow_wizard.catalog.tools import names, newest, published
from airflow_wizard.errors import InvalidError


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("system", ["linux", "macos"])
@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
def test_every_program_has_a_file_and_a_digest_beside_it(name: str, system: str, processor: str) -> None:
    file = published(name, system, processor)
    assert file.version == newest(name)
    assert file.url.startswith("https://")
    assert file.digest_url.startswith(file.url)
    assert file.version in file.url
    assert "{" not in file.url + file.digest_url + file.member


def test_a_version_may_be_named_with_or_without_its_v() -> None:
    old = published("kubectl", "linux", "x86_64", "v1.35.8")
    assert old == published("kubectl", "linux", "x86_64", "1.35.8")
    assert old.url == "https://dl.k8s.io/release/v1.35.8/bin/linux/amd64/kubectl"
    assert published("helm", "macos", "aarch64").member == "darwin-arm64/helm"


@pytest.mark.parametrize(
    ("name", "system", "processor", "version"),
    [
        ("rm", "linux", "x86_64", ""),
        ("kubectl", "windows", "x86_64", ""),
        ("kubectl", "linux", "s390x", ""),
        ("kubectl", "linux", "x86_64", "latest"),
        ("kubectl", "linux", "x86_64", "1.36/../../x"),
    ],
)
def test_what_is_not_published_is_refused(name: str, system: str, processor: str, version: str) -> None:
    with pytest.raises(InvalidError) as caught:
        published(name, system, processor, version)
    assert caught.value.next
