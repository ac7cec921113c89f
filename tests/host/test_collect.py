"""Probes side by side: one that raises or hangs takes nobody with it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.host.collect import collect
from airflow_wizard.host.probe import Ask, Probe, Unseen

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from airflow_wizard.host.facts import Fact
    from airflow_wizard.host.probe import Seen

ASK = Ask(Path("/nowhere"))


def probe(subject: str, run: Callable[[Ask], Seen], deadline: float = 5.0) -> Probe:
    return Probe((subject,), f"source of {subject}", "a test", deadline, run)


def hanging(release: threading.Event) -> Callable[[Ask], Seen]:
    def run(_: Ask) -> Seen:
        release.wait(30)
        return {"slow": 1}

    return run


def test_a_value_comes_with_its_source_and_how_long_it_took() -> None:
    facts = collect(["a"], ASK, probes=[probe("a", lambda _: {"a": {"n": 1}})])
    fact = facts.get("a")
    assert fact is not None
    assert (fact.value, fact.source, fact.known) == ({"n": 1}, "source of a", True)
    assert 0 <= fact.seconds < 5


def test_a_probe_that_raises_is_one_fact_without_a_value() -> None:
    def broken(_: Ask) -> Seen:
        raise RuntimeError("\x1b[31mno such thing")

    facts = collect(["a", "b"], ASK, probes=[probe("a", broken), probe("b", lambda _: {"b": 2})])
    fact = facts.get("a")
    assert fact is not None
    assert (fact.value, fact.error) == (None, "RuntimeError: no such thing")
    assert facts.value("b") == 2


def test_a_probe_that_hangs_is_given_up_and_the_others_arrive_first() -> None:
    release, order = threading.Event(), list[str]()
    probes = [probe("slow", hanging(release), deadline=0.3), probe("b", lambda _: {"b": 2})]
    started = time.monotonic()
    facts = collect(["slow", "b"], ASK, lambda subject, _: order.append(subject), probes=probes)
    elapsed = time.monotonic() - started
    release.set()
    assert order == ["b", "slow"]
    fact = facts.get("slow")
    assert fact is not None
    assert not fact.known
    assert "no answer within 0.3 s" in fact.error
    assert elapsed < 2


def test_the_wait_is_that_of_the_slowest_and_not_of_all_together() -> None:
    meet = threading.Barrier(8, timeout=10)  # passes only when all eight run at the same time

    def together(subject: str) -> Callable[[Ask], Seen]:
        def run(_: Ask) -> Seen:
            meet.wait()
            return {subject: True}

        return run

    names = [f"p{n}" for n in range(8)]
    facts = collect(names, ASK, probes=[probe(name, together(name)) for name in names])
    assert all(facts.value(name) is True for name in names)


def test_one_answer_can_give_several_facts_and_say_which_it_did_not_see() -> None:
    def run(_: Ask) -> Seen:
        return {"a": 1, "b": Unseen("nothing to compare with")}

    both = Probe(("a", "b", "c"), "one call", "a test", 5.0, run)
    facts = collect(["a", "b", "c"], ASK, probes=[both])
    assert facts.value("a") == 1
    assert {name: fact.error for name, fact in facts.facts.items()} == {
        "a": "",
        "b": "nothing to compare with",
        "c": "the probe did not say",
    }
    assert set(collect(["b"], ASK, probes=[both]).facts) == {"b"}


def test_only_what_is_wanted_is_measured() -> None:
    def never(_: Ask) -> Seen:
        raise AssertionError("was measured")

    assert set(collect(["a"], ASK, probes=[probe("a", lambda _: {"a": 1}), probe("b", never)]).facts) == {"a"}


def test_stopping_leaves_unknown_what_was_not_seen() -> None:
    release, cancel = threading.Event(), threading.Event()
    seen: list[str] = []

    def on_fact(subject: str, _: Fact) -> None:
        seen.append(subject)
        cancel.set()

    probes = [probe("slow", hanging(release), deadline=60), probe("b", lambda _: {"b": 2})]
    facts = collect(["slow", "b"], ASK, on_fact, probes=probes, cancel=cancel)
    release.set()
    fact = facts.get("slow")
    assert fact is not None
    assert (seen, fact.error) == (["b", "slow"], "stopped")


def test_every_probe_of_ours_gives_its_subjects_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dead_port: int
) -> None:
    from airflow_wizard.host.probes import all_probes, all_subjects

    # Nothing may leave this machine: what asks the network is sent to a port where nobody listens.
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{dead_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    started = time.monotonic()
    facts = collect(all_subjects(), Ask(tmp_path / "new" / "stack"))
    elapsed = time.monotonic() - started
    assert set(facts.facts) == all_subjects()
    assert elapsed < max(p.deadline for p in all_probes()) + 1
    for subject in (
        "system",
        "cpu",
        "memory",
        "disk",
        "folder",
        "ports",
        "pythons",
        "uv",
        "proxy",
        "locale",
        "selinux",
    ):
        fact = facts.get(subject)
        assert fact is not None
        assert fact.known, fact
    assert facts.value("pypi", "reachable") is False
    clock = facts.get("clock")
    assert clock is not None
    assert not clock.known
