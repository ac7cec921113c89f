"""What a probe is: one declaration per thing that is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from airflow_wizard.cluster import Cluster
    from airflow_wizard.host.facts import Json

DEFAULT_PORT = 8080
NEXT_PORTS = 10


@dataclass(frozen=True, slots=True)
class Ask:
    """What the probes need to know about the wish.

    Attributes:
        folder: where the stack will be; it need not exist.
        ports: ports asked for; the following ones are measured too, so that a free one can be offered.
        bind: the address that will be listened on.
        airflow: the Airflow version asked for; empty for any.
        python: path of an interpreter named by the person; empty for none.
        target: where Airflow shall run; empty while that is open.
        cluster: the cluster that was named; None for none, and then none is contacted.
        namespace: in it.
        release: name of the Helm release, which names of objects begin with.
        images: that its nodes will run.
        chart_source: where the Helm chart comes from; empty for a target without one.
    """

    folder: Path
    ports: tuple[int, ...] = (DEFAULT_PORT,)
    bind: str = "127.0.0.1"
    airflow: str = ""
    python: str = ""
    target: str = ""
    cluster: Cluster | None = None
    namespace: str = ""
    release: str = ""
    images: tuple[str, ...] = ()
    chart_source: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A subject that a probe could not see, and why; becomes a fact without a value."""

    reason: str


Seen: TypeAlias = "Mapping[str, Json | Unseen]"


@dataclass(frozen=True, slots=True)
class Probe:
    """One measurement.

    Attributes:
        subjects: the facts it gives; more than one when they come from the same answer.
        source: the command, file or call they come from, for people.
        needed_by: what they are for, for people.
        deadline: seconds after which it is given up.
        run: gives every subject a value or an `Unseen`; may raise, may hang.
    """

    subjects: tuple[str, ...]
    source: str
    needed_by: str
    deadline: float
    run: Callable[[Ask], Seen]
