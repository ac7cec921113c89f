"""Ports and servers of the tests' own."""

from __future__ import annotations

import socket

import pytest


@pytest.fixture
def dead_port() -> int:
    """A port that was free a moment ago, so nobody answers there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
