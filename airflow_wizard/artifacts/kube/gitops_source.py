"""Where a GitOps tool finds the chart and the manifests; what Argo CD's and Flux's files have to agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

# Nobody's: example.org is reserved. The person puts theirs in its place.
REPOSITORY = "https://git.example.org/you/deploy.git"
YOURS = "your repository"
MANIFESTS = "manifests"
_OCI = "oci://"


class Chart(NamedTuple):
    """The chart at its source.

    Attributes:
        repository: address without the chart's name; of a registry it begins with ``oci://``.
        name: of the chart.
        version: of the chart.
    """

    repository: str
    name: str
    version: str

    @property
    def in_registry(self) -> bool:
        """Whether it is an OCI artifact."""
        return self.repository.startswith(_OCI)

    @property
    def registry(self) -> str:
        """Address in a registry without its scheme."""
        return self.repository.removeprefix(_OCI)


def is_local(request: StackRequest) -> bool:
    """Whether the chart is a folder or file of this machine, which no cluster can fetch."""
    return not request.answers.text("chart_source").startswith((_OCI, "https://"))


def chart(request: StackRequest) -> Chart:
    """The chart; its source is not a local one."""
    source, version = request.answers.text("chart_source").rstrip("/"), request.answers.text("chart_version")
    if not source.startswith(_OCI):
        return Chart(source, "airflow", version)
    # Helm takes the chart's name as a part of the address.
    repository, _, name = source.rpartition("/")
    return Chart(repository, name, version)
