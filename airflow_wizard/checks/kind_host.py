"""Checks of a machine that kind makes a cluster on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.kube_case import said
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding

_KIND = frozenset({Target.KIND})
# kind's own advice for clusters of several nodes; and what one node takes, which Ubuntu's 128 instances just hold.
_COMFORT = {"watches": 524288, "instances": 512}
_PER_NODE = {"watches": 8192, "instances": 64}


_SETTINGS = "fs.inotify.max_user_watches=524288\\nfs.inotify.max_user_instances=512\\n"


def _inotify(case: Case) -> Finding:
    provider = case.facts.text("docker", "provider")
    if provider not in ("linux", ""):
        return case.unknown("the engine runs inside a virtual machine")
    seen = {key: case.facts.number("inotify", key) for key in _COMFORT}
    if None in seen.values():
        return case.unknown("the kernel does not say")
    found = f"{seen['watches']:.0f} watches, {seen['instances']:.0f} instances"
    needed = f"{_COMFORT['watches']} and {_COMFORT['instances']}"
    nodes = int(said(case, "nodes") or 1)
    if all((seen[key] or 0) >= _COMFORT[key] for key in _COMFORT):
        return case.ok(found, needed)
    more = Fix(
        "Allow more, now and after a restart",
        Risk.PRIVILEGED,
        (
            ("sudo", "sh", "-c", f"printf '{_SETTINGS}' > /etc/sysctl.d/99-kind.conf"),
            ("sudo", "sysctl", "--system"),
        ),
    )
    if all((seen[key] or 0) >= _PER_NODE[key] * (nodes + 1) for key in _COMFORT):
        return case.info(found, f"Enough for {nodes} node{'' if nodes == 1 else 's'}; kind advises {needed}.", more)
    why = "Each node watches files; when none is left its kubelet and logs -f end with 'too many open files'."
    return case.warn(found, needed, why, more)


def _image_store(case: Case) -> Finding:
    if case.facts.value("docker", "reachable") is not True:
        return case.unknown("the engine could not be asked", causes=("docker.engine",))
    if case.facts.value("docker", "containerd_store") is not True:
        return case.ok(one_line(case.facts.text("docker", "storage_driver")) or "the engine's own")
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(case.facts.text("docker", "arch"), "amd64")
    image = said(case, "image") or f"apache/airflow:{said(case, 'airflow_version')}"
    return case.info(
        "containerd",
        "It keeps the index of all platforms of an image: kind then looks for parts that were never fetched "
        "('content digest … not found').",
        Fix(
            "Should loading fail: fetch one platform alone",
            commands=(("docker", "pull", "--platform", f"linux/{arch}", image),),
        ),
    )


CHECKS = (
    Check("kind.inotify", "inotify", "Nodes share the machine's.", ("inotify",), _inotify, _KIND, also=("docker",)),
    Check("kind.image-store", "Image store", "Images are loaded from it into nodes.", ("docker",), _image_store, _KIND),
)
