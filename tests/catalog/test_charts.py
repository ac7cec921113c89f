from __future__ import annotations

import re

import pytest

from airflow_wizard.catalog.charts import chart, charts, charts_for
from airflow_wizard.catalog.kind import node_image, node_images
from airflow_wizard.catalog.load import parse_version, release, releases

NEWEST = [str(r.version) for r in releases()]


def test_every_chart_once_newest_first_and_whole() -> None:
    versions = [known.version for known in charts()]
    assert versions == sorted(set(versions), reverse=True)
    for known in charts():
        assert known.airflow[0] <= known.airflow[1]
        assert known.helm.major == 3
        assert chart(known.version) is known
    assert chart(parse_version("1.12.0")) is None


@pytest.mark.parametrize(
    ("airflow", "newest", "oldest"),
    [("3.3.2", "1.22.0", "1.18.0"), ("3.0.6", "1.22.0", "1.18.0"), ("2.11.2", "1.22.0", "1.13.0"),
     ("2.10.5", "1.19.0", "1.13.0"), ("2.8.4", "1.19.0", "1.13.0")],
)  # fmt: skip
def test_an_airflow_has_its_charts(airflow: str, newest: str, oldest: str) -> None:
    found = [str(known.version) for known in charts_for(release(airflow))]
    assert (found[0], found[-1]) == (newest, oldest)


@pytest.mark.parametrize("airflow", NEWEST)
@pytest.mark.parametrize("kind", ["0.33.0", "v0.32.0", "0.31.0", "0.99.1", "", "odd"])
def test_a_node_image_fits_kind_and_airflow(kind: str, airflow: str) -> None:
    found = node_image(kind, release(airflow))
    known = node_images().get(kind.removeprefix("v").rpartition(".")[0], node_images()["0.33"])
    assert found in known
    assert re.fullmatch(rf"kindest/node:v{found.kubernetes}@sha256:[0-9a-f]{{64}}", found.image)
    tested = tuple(map(int, release(airflow).kubernetes[1].split(".")))
    # Newer than tested only where this kind has nothing older.
    fits = (found.kubernetes.major, found.kubernetes.minor) <= tested
    assert fits or found.kubernetes == min(image.kubernetes for image in known)


def test_the_newest_kubernetes_that_airflow_was_tested_on_is_taken() -> None:
    assert str(node_image("0.33.0", release("3.3.2")).kubernetes) == "1.35.8"
    assert str(node_image("0.33.0", release("2.11.2")).kubernetes) == "1.34.11"
