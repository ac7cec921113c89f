"""How far a pull is, from what engines print while they pull."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.pull import Layers

STATUS = ("Pulling fs layer", "Downloading", "Download complete", "Extracting", "Pull complete", "Already exists")
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["a", "b", "c"]),
            "status": st.sampled_from(
                [
                    "Pulling fs layer",
                    "Downloading",
                    "Download complete",
                    "Extracting",
                    "Pull complete",
                    "Already exists",
                ]
            ),
        },
        optional={
            "progressDetail": st.fixed_dictionaries(
                {}, optional={"current": st.integers(0, 100), "total": st.integers(100, 200)}
            )
        },
    )
)


def test_layers_add_up_and_end_complete() -> None:
    layers = Layers()
    layers.take({"status": "Pulling from apache/airflow", "id": "3.3.2"})
    layers.take({"id": "a", "status": "Already exists", "progressDetail": {}})
    layers.take({"id": "b", "status": "Downloading", "progressDetail": {"current": 10, "total": 100}})
    layers.take({"id": "c", "status": "Downloading", "progressDetail": {"current": 50, "total": 300}})
    assert (layers.current, layers.total, layers.doing) == (60, 400, "downloading")
    layers.take({"id": "b", "status": "Download complete", "progressDetail": {}})
    layers.take({"id": "c", "status": "Download complete", "progressDetail": {}})
    layers.take({"id": "b", "status": "Extracting", "progressDetail": {"current": 1, "total": 100}})
    assert (layers.current, layers.total, layers.doing) == (400, 400, "unpacking")


def test_a_refusal_in_the_stream_is_told() -> None:
    refused = {"errorDetail": {"message": "no such\x1b[2J host"}, "error": "no such\x1b[2J host"}
    told = Layers().take(refused)
    assert "no such" in told
    assert "\x1b" not in told


@given(LINES)
def test_it_never_claims_more_than_there_is(lines: list[dict[str, object]]) -> None:
    layers = Layers()
    for line in lines:
        assert layers.take(line) == ""
        assert 0 <= layers.current <= layers.total
