"""Until when a certificate is valid, read from its bytes: all that is asked of it needs no library."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_SEQUENCE, _VERSION, _UTC_TIME, _TIME = 0x30, 0xA0, 0x17, 0x18


def valid_until(pem: str) -> datetime | None:
    """When the first certificate of a PEM text ends, in UTC; None for a text that holds none.

    Source: RFC 5280, 4.1: ``tbsCertificate`` is version, serial number, signature, issuer, validity, ….
    """
    found = _PEM.search(pem)
    if found is None:
        return None
    try:
        body = binascii.a2b_base64(found[1])
        _, certificate, _ = _element(body)
        _, rest, _ = _element(certificate)
        tag, _, after = _element(rest)
        if tag == _VERSION:
            rest = after
        for _ in ("serial number", "signature", "issuer"):
            _, _, rest = _element(rest)
        tag, validity, _ = _element(rest)
        _, _, rest = _element(validity)
        kind, value, _ = _element(rest)
        return _moment(kind, value.decode("ascii")) if tag == _SEQUENCE else None
    except (ValueError, IndexError):
        return None


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """The first element: its tag, its content, and what follows it."""
    tag, length, start = data[0], data[1], 2
    if length & 0x80:
        size = length & 0x7F
        start += size
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        raise ValueError("cut off")
    return tag, data[start : start + length], data[start + length :]


def _moment(kind: int, text: str) -> datetime | None:
    if kind == _UTC_TIME:
        # Two digits of a year: from 50 on they are of the last century.
        text = f"{'19' if int(text[:2]) >= 50 else '20'}{text}"
    elif kind != _TIME:
        return None
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
