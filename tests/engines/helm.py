"""What Helm keeps of a release, as it packs it."""

from __future__ import annotations

import base64
import gzip
import json


def packed(told: str) -> dict[str, str]:
    """Data of a revision's Secret with that description: JSON, gzip, base64; and a Secret's own base64 around it."""
    inner = base64.b64encode(gzip.compress(json.dumps({"info": {"description": told}}).encode()))
    return {"release": base64.b64encode(inner).decode()}
