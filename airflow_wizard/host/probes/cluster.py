"""The cluster that was named. None is contacted unless a target needs one and a context is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines.kubeadm import half_made
from airflow_wizard.host.probe import Ask, Probe, Seen, Unseen

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json

# One look takes four seconds for each answer at most; finding out why there was none takes two more questions.
_DEADLINE = 14.0
_SUBJECTS = ("cluster", "cluster_storage", "cluster_rights", "cluster_leftovers")


def probe(ask: Ask) -> Seen:
    """See `airflow_wizard.host.probes.cluster_look`."""
    if ask.cluster is None:
        facts: dict[str, Json] = {
            "context": "",
            "reachable": False,
            "error_kind": "not_named",
            "error": "no context is named",
        }
        return {**dict.fromkeys(_SUBJECTS, Unseen("no cluster is named")), "cluster": facts}
    if ask.target == "kubeadm" and half_made(ask.folder):
        words = "an earlier launch left it half made; the next one clears that away"
        bare: dict[str, Json] = {"context": "", "reachable": False, "error_kind": "no_context", "error": words}
        return {**dict.fromkeys(_SUBJECTS, Unseen("there is no cluster yet")), "cluster": bare}
    # What it takes is loaded where there is a cluster: all other probes are waited for by everybody.
    from airflow_wizard.host.probes.cluster_look import look

    return {**dict.fromkeys(_SUBJECTS, Unseen("the cluster could not be asked")), **look(ask, ask.cluster)}


PROBES = (Probe(_SUBJECTS, "kubectl proxy: the API of the named context", "the cluster targets", _DEADLINE, probe),)
