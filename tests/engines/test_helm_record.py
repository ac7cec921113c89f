"""What Helm keeps of a release: whatever stands in a Secret, it is read or it cannot be read, and nothing else."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines import helm_record
from tests.engines.helm import packed

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("info", "description", "x")), inner),
    max_leaves=8,
)


def record(content: bytes) -> dict[str, Any]:
    """A Secret with this as the release, in Helm's base64 and a Secret's own."""
    return {"data": {"release": base64.b64encode(base64.b64encode(content)).decode()}}


@given(st.text(max_size=40))
def test_a_description_comes_back_as_it_was_given(told: str) -> None:
    secret = {"data": packed(told)}
    assert helm_record.description(secret) == told
    assert helm_record.is_ours(secret) is told.startswith("airflow-wizard")


@given(st.binary(max_size=60), st.integers(0, 60), st.integers(0, 255))
def test_a_damaged_record_cannot_be_read(noise: bytes, at: int, byte: int) -> None:
    assert helm_record.description(record(noise)) == ""
    whole = bytearray(gzip.compress(json.dumps({"info": {"description": "airflow-wizard 1"}}).encode(), mtime=0))
    whole[at % len(whole)] = byte
    helm_record.description(record(bytes(whole)))
    assert helm_record.description(record(bytes(whole[: at % 20]))) == ""


@given(_JSON)
def test_json_of_another_shape_cannot_be_read(content: object) -> None:
    assert isinstance(helm_record.description(record(gzip.compress(json.dumps(content).encode()))), str)


@given(_JSON)
def test_a_record_of_another_shape_is_none_of_ours(shape: object) -> None:
    inside: tuple[Any, ...] = (shape, {"data": shape}, {"data": {"release": shape}}, {"metadata": {"labels": shape}})
    for one in inside:
        assert helm_record.is_ours(one) is False
        assert helm_record.status(one) == ""
        assert helm_record.revision(one) == 0


@pytest.mark.parametrize("content", [b"[" * 200_000, b" " * (80 << 20)], ids=["nested", "large"])
def test_no_record_takes_more_than_it_may(content: bytes) -> None:
    assert helm_record.description(record(gzip.compress(content))) == ""
