"""What Helm keeps of a release in the cluster: a Secret for each revision, ``sh.helm.release.v1.NAME.vREVISION``."""

from __future__ import annotations

import base64
import contextlib
import json
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the descriptions of revisions begin with that the wizard made.
OURS = "airflow-wizard"
_DIGITS = 10
# A Secret holds 1 MiB; a release with all that its chart says unpacks to some ten times as much.
_UNPACKED_MOST = 64 << 20
_GZIP = zlib.MAX_WBITS | 16


def status(record: Mapping[str, Any]) -> str:
    """``deployed``, ``failed``, ``pending-upgrade``, …; empty when it does not say."""
    return str(_labels(record).get("status", ""))


def revision(record: Mapping[str, Any]) -> int:
    """Its number, from 1 on; 0 when it does not say."""
    version = str(_labels(record).get("version", "0"))
    return int(version) if version.isascii() and version.isdigit() and len(version) < _DIGITS else 0


def description(record: Mapping[str, Any]) -> str:
    """What it was made from or by; empty when it cannot be read.

    Base64 of gzip of JSON, as a Secret's base64 (Helm's pkg/storage/driver/util.go). A record that is damaged, or
    unpacks to more than `_UNPACKED_MOST` bytes, cannot be read.
    """
    with contextlib.suppress(ValueError, KeyError, TypeError, zlib.error, RecursionError):
        packed = base64.b64decode(base64.b64decode(record["data"]["release"]))
        unpacked = zlib.decompressobj(_GZIP).decompress(packed, _UNPACKED_MOST)
        return str(json.loads(unpacked)["info"]["description"])
    return ""


def is_ours(record: Mapping[str, Any]) -> bool:
    """Whether a launch of the wizard made this revision."""
    return description(record).startswith(OURS)


def _labels(record: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = record.get("metadata") if isinstance(record, dict) else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return labels if isinstance(labels, dict) else {}
