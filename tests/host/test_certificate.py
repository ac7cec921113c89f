"""Until when a certificate is valid."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.host.cluster.certificate import valid_until

if TYPE_CHECKING:
    from pathlib import Path

# openssl req -x509 -newkey ed25519 -days 3650 -subj /CN=test, made on 2026-11-25.
PEM = """-----BEGIN CERTIFICATE-----
MIIBMjCB5aADAgECAhRmY7KGYGgIGJveXWkQjIfSCAg/mjAFBgMrZXAwDzENMAsG
A1UEAwwEdGVzdDAeFw0yNjExMjUxNzA5MjNaFw0zNjExMjIxNzA5MjNaMA8xDTAL
BgNVBAMMBHRlc3QwKjAFBgMrZXADIQAtIm4oMLLpm17WYO2+Rr1Y8J8Y8vh/l5Xx
9X4Dm0GukaNTMFEwHQYDVR0OBBYEFGcyNaI8cKCrtNFzmgJrRXb8fRgiMB8GA1Ud
IwQYMBaAFGcyNaI8cKCrtNFzmgJrRXb8fRgiMA8GA1UdEwEB/wQFMAMBAf8wBQYD
K2VwA0EAMZU0DxuBrdM88BsUy7tTl4RiBN4ofGllOl1d6t5/EH8bThpjKv8vQqKo
9oOk+lWlRoFzxkw+HAfAN4gCmP+aCA==
-----END CERTIFICATE-----
"""


def test_the_end_of_a_certificate_is_read() -> None:
    assert valid_until(PEM) == datetime(2036, 11, 22, 17, 9, 23, tzinfo=UTC)


def test_one_that_openssl_makes_now(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    made = tmp_path / "made.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "30000", "-subj", "/CN=x"]
    subprocess.run([*command, "-keyout", tmp_path / "key", "-out", made], check=True, capture_output=True)
    end = valid_until(made.read_text())
    assert end is not None
    # After 2049 the year has four digits, which is another kind of time.
    assert abs(end - (datetime.now(UTC) + timedelta(days=30000))) < timedelta(days=2)


@given(st.binary(max_size=80))
def test_bytes_that_are_no_certificate_have_no_end(data: bytes) -> None:
    import base64

    text = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(data).decode()}\n-----END CERTIFICATE-----"
    assert valid_until(text) is None
    assert valid_until(data.decode("latin-1")) is None
