"""Facts written down and read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.errors import InvalidError
from airflow_wizard.host import record
from airflow_wizard.host.facts import Fact, HostFacts

if TYPE_CHECKING:
    from pathlib import Path

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
facts = st.dictionaries(
    st.text(min_size=1),
    st.builds(Fact, values, st.text(), st.integers(0, 10_000).map(lambda n: n / 10), st.text()),
    max_size=5,
).map(HostFacts)


@given(facts)
def test_what_is_written_is_what_is_read(known: HostFacts) -> None:
    assert record.load(record.dump(known), file="x") == known


def test_a_file_comes_back(tmp_path: Path) -> None:
    known = HostFacts({"cpu": Fact({"count": 2}, "somewhere", 0.1)})
    record.write(tmp_path / "facts.json", known)
    assert record.read(tmp_path / "facts.json") == known
    assert [p.name for p in tmp_path.iterdir()] == ["facts.json"]


def test_the_output_of_check_json_is_a_record_too() -> None:
    known = HostFacts({"cpu": Fact({"count": 2}, "somewhere", 0.1)})
    assert record.load(json.dumps({"findings": [], "facts": known.to_json()}), file="x") == known


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("{", None, "is not JSON"),
        ("[]", "facts", "holds no facts"),
        ('{"facts": 1}', "facts", "holds no facts"),
        ('{"schema": 2, "facts": {}}', "schema", "has schema 2"),
        ('{"facts": {"cpu": 2}}', "cpu", "'cpu'"),
        ('{"facts": {"cpu": {"value": 1, "source": 7}}}', "cpu.source", "source of fact 'cpu'"),
        ('{"facts": {"cpu": {"value": 1, "seconds": "x"}}}', "cpu.seconds", "seconds"),
        ('{"facts": {"cpu": {"value": 1, "error": null}}}', "cpu.error", "error"),
    ],
)
def test_a_bad_record_names_file_and_key(text: str, key: str | None, words: str) -> None:
    with pytest.raises(InvalidError) as caught:
        record.load(text, file="facts.json")
    assert (caught.value.file, caught.value.key) == ("facts.json", key)
    assert words in caught.value.what
    assert caught.value.next


def test_a_file_that_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing.json", tmp_path, tmp_path / "bytes"):
        with pytest.raises(InvalidError, match="cannot be read"):
            record.read(path)
    with pytest.raises(InvalidError, match="cannot be written"):
        record.write(tmp_path / "no" / "folder.json", HostFacts())
