from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.container_lines import Lines
from airflow_wizard.log_line import GAP


def stamp(number: int) -> bytes:
    return f"2026-11-21T10:{number // 60:02d}:{number % 60:02d}.000000000Z".encode()


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 60), max_size=5), st.none() | st.integers(1, 80))
def test_of_too_many_lines_the_newest_are_made_and_the_others_counted(sizes: dict[str, int], most: int | None) -> None:
    raw = [(unit, [(stamp(n), str(n).encode()) for n in range(size)]) for unit, size in sizes.items()]
    lines = Lines()
    made = lines.make(raw, most)
    kept = [line for line in made if not line.kind]
    total = sum(sizes.values())
    assert len(kept) + lines.skipped == total
    assert len(kept) <= (total if most is None else max(most, 0))
    if most is None or total <= most:
        assert not lines.skipped
    for unit, size in sizes.items():
        numbers = [int(line.text) for line in kept if line.unit == unit]
        assert numbers == list(range(size - len(numbers), size))
        told = [line.text for line in made if line.unit == unit and line.kind == GAP]
        assert told == ([f"{size - len(numbers)} lines came too fast to be kept"] if len(numbers) < size else [])
