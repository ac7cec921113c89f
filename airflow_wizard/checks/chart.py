"""Is a chart of this machine there, is it Airflow's, and is it the release that values.yaml is written for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.catalog.charts import chart
from airflow_wizard.catalog.load import parse_version
from airflow_wizard.checks.kube_case import said
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.errors import InvalidError
from airflow_wizard.finding import Fix
from airflow_wizard.options.kubernetes import OFFICIAL_CHART
from airflow_wizard.options.model import KUBERNETES_TARGETS
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.catalog.model import Version
    from airflow_wizard.finding import Finding

_WHY = "Without it the launch would stop half-way, after the database was made."


def _chart(case: Case) -> Finding:
    facts = case.facts
    if address := facts.text("chart", "address"):
        return case.info(
            f"{said(case, 'chart_version')} from {one_line(address)}",
            "It is fetched when Airflow is installed; where there is no way out, name a copy on this machine.",
        )
    path, name, has = (facts.text("chart", key) for key in ("path", "name", "version"))
    official = Fix("Take the official one", answers=(("chart_source", OFFICIAL_CHART),))
    if problem := facts.text("chart", "problem"):
        nearby = facts.text("chart", "nearby")
        there = (Fix(f"Use {one_line(nearby)}", answers=(("chart_source", nearby),)),) if nearby else ()
        return case.fail(
            f"{one_line(path)}: {problem}", "a folder or .tgz with Airflow's chart", _WHY, *there, official
        )
    if "airflow" not in name.lower():
        return case.fail(f"{one_line(path)}: the chart is called {name}", "Airflow's own chart", _WHY, official)
    wanted = said(case, "chart_version")
    ours, theirs = _version(wanted), _version(has)
    if ours and theirs and (ours.major, ours.minor) != (theirs.major, theirs.minor):
        fits = (Fix(f"Write them for {has}", answers=(("chart_version", has),)),) if chart(theirs) else ()
        why = "Each release has keys of its own; what Helm does not know is ignored, or refused when it is installed."
        return case.warn(f"{name} {has}, values.yaml is for {wanted}", f"a chart {wanted}", why, *fits, official)
    return case.ok(f"{name} {has} in {one_line(path)}")


def _version(text: str) -> Version | None:
    try:
        return parse_version(text)
    except InvalidError:
        return None


CHECKS = (
    Check(
        "helm.chart",
        "Chart",
        "Airflow is installed from it.",
        ("chart",),
        _chart,
        KUBERNETES_TARGETS,
    ),
)
