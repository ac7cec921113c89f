"""What is said about the chart before anything is made."""

from __future__ import annotations

import pytest

from airflow_wizard.checks.registry import judge
from airflow_wizard.finding import Finding, Level
from airflow_wizard.host.facts import Fact
from airflow_wizard.options.model import Target
from tests.checks.facts import machine


def of(wanted: str = "1.22.0", **value: str) -> Finding:
    facts = machine("cluster-dev").with_fact("chart", Fact({"path": "/charts/airflow", **value}, "Chart.yaml"))
    answers = {"context": "dev", "airflow_version": "3.3.2", "chart_version": wanted}
    return next(f for f in judge(facts, Target.CONTEXT, answers) if f.id == "helm.chart")


def test_a_chart_that_fits() -> None:
    finding = of(name="airflow", version="1.22.0")
    assert finding.level is Level.OK
    assert finding.found == "airflow 1.22.0 in /charts/airflow"
    assert of(name="airflow", version="1.22.3").level is Level.OK, "a patch release has the same keys"
    assert of(name="our-airflow", version="9.1").level is Level.OK, "a release of somebody else's says nothing"


def test_another_release_than_the_values_are_for() -> None:
    finding = of(name="airflow", version="1.21.0")
    assert finding.level is Level.WARN
    assert finding.found == "airflow 1.21.0, values.yaml is for 1.22.0"
    assert finding.fixes[0].answers == (("chart_version", "1.21.0"),)
    unknown = of(name="airflow", version="2.7.0")
    assert unknown.level is Level.WARN
    assert all("chart_version" not in dict(fix.answers) for fix in unknown.fixes)


@pytest.mark.parametrize("value", [{"problem": "it is not there"}, {"name": "postgresql", "version": "1.22.0"}])
def test_none_and_another_ones(value: dict[str, str]) -> None:
    finding = of(**value)
    assert finding.level is Level.FAIL
    assert (value.get("problem") or "postgresql") in finding.found
    assert dict(finding.fixes[-1].answers) == {"chart_source": "https://airflow.apache.org"}


def test_what_was_perhaps_meant_is_offered_first() -> None:
    finding = of(problem="it is not there", nearby="/home/ana/airflow")
    assert finding.fixes[0].answers == (("chart_source", "/home/ana/airflow"),)


def test_an_address_is_fetched_later() -> None:
    finding = of(address="https://airflow.apache.org")
    assert finding.level is Level.INFO
    assert finding.found == "1.22.0 from https://airflow.apache.org"
