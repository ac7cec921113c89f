"""Node images of kind: which Kubernetes a cluster of kind can be."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_wizard.catalog.load import parse_version
from airflow_wizard.catalog.model import NodeImage

if TYPE_CHECKING:
    from airflow_wizard.catalog.model import AirflowRelease

_DATA = Path(__file__).parent / "data" / "kind.toml"


@lru_cache(maxsize=1)
def node_images() -> dict[str, tuple[NodeImage, ...]]:
    """Images by minor version of kind (``0.33``), newest kind and newest Kubernetes first."""
    import tomllib

    entries: list[dict[str, Any]] = tomllib.loads(_DATA.read_text(encoding="utf-8"))["kind"]
    return {
        entry["minor"]: tuple(
            NodeImage(parse_version(version), f"kindest/node:v{version}@{digest}")
            for version, digest in entry["images"].items()
        )
        for entry in entries
    }


def node_image(kind: str, airflow: AirflowRelease) -> NodeImage:
    """The image for a release of kind: the newest Kubernetes that this Airflow was tested on, else the nearest one.

    Args:
        kind: version of kind as the program gives it; the newest kind is meant when it is empty or not known.
        airflow: the release that is to run on it.
    """
    found = re.match(r"v?(\d+\.\d+)\.", kind)
    known = node_images()
    images = known.get(found[1] if found else "", next(iter(known.values())))
    newest_first = sorted(images, key=lambda image: image.kubernetes, reverse=True)
    tested = tuple(int(part) for part in airflow.kubernetes[-1].split("."))
    fitting = (i for i in newest_first if (i.kubernetes.major, i.kubernetes.minor) <= tested)
    return next(fitting, newest_first[-1])
