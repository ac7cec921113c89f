from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.status.order import ROLES, Order, arranged
from airflow_wizard.status.snapshot import Health, Unit, UnitState

UNITS = st.lists(
    st.builds(
        Unit,
        id=st.text(max_size=12),
        role=st.sampled_from([*ROLES, "something new"]),
        state=st.sampled_from(UnitState),
        health=st.sampled_from(Health),
        restarts=st.integers(0, 9),
        cpu=st.none() | st.floats(0, 8),
        memory=st.none() | st.integers(0, 1 << 40),
    ),
    max_size=30,
)


@given(UNITS, st.sampled_from(Order))
def test_every_order_keeps_every_unit_and_is_stable(units: list[Unit], order: Order) -> None:
    once = arranged(units, order)
    assert sorted(map(id, once)) == sorted(map(id, units))
    assert [id(u) for u in arranged(once, order)] == [id(u) for u in once]


@given(UNITS, st.text(max_size=6))
def test_a_filter_leaves_only_what_matches(units: list[Unit], words: str) -> None:
    for unit in arranged(units, Order.ROLE, words):
        text = f"{unit.id} {unit.role} {unit.state} {unit.health} {unit.reason} {unit.image}".lower()
        assert all(word in text for word in words.lower().split())
    assert len(arranged(units, Order.ROLE, " ")) == len(units)


def test_orders() -> None:
    up = UnitState.RUNNING
    units = [
        Unit("worker-10", "worker", up, Health.HEALTHY, 0, cpu=0.5, memory=10),
        Unit("worker-2", "worker", up, Health.HEALTHY, 3, cpu=None, memory=30),
        Unit("postgres", "database", UnitState.EXITED, Health.UNHEALTHY, 1, cpu=0.9, memory=20),
        Unit("flower", "who knows", up, Health.STARTING),
    ]

    def by(order: Order) -> list[str]:
        return [unit.id for unit in arranged(units, order)]

    assert by(Order.ROLE) == ["postgres", "worker-10", "worker-2", "flower"]
    assert by(Order.STATE) == ["postgres", "flower", "worker-10", "worker-2"]
    assert by(Order.CPU) == ["postgres", "worker-10", "worker-2", "flower"]
    assert by(Order.MEMORY) == ["worker-2", "postgres", "worker-10", "flower"]
    assert by(Order.RESTARTS) == ["worker-2", "postgres", "worker-10", "flower"]
    assert by(Order.NAME) == ["flower", "postgres", "worker-2", "worker-10"]


def test_orders_go_round() -> None:
    seen = [Order.ROLE]
    while (following := seen[-1].next) is not Order.ROLE:
        seen.append(following)
    assert seen == list(Order)
