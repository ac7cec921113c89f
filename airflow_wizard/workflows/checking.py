"""Measure the host and judge it; findings come out as soon as their facts are in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.host import record
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Target

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from airflow_wizard.checks.model import Check
    from airflow_wizard.finding import Answer, Finding
    from airflow_wizard.host.facts import Fact
    from airflow_wizard.host.probe import Ask

# What defaults of options are computed from; measured whatever the target is.
_ALWAYS = frozenset({"system", "cpu", "memory", "disk", "ports", "folder", "pythons"})
# What is not looked at before a target and a cluster are chosen: files of this machine, and what takes its time.
_FILES = frozenset({"chart"})
_CHOSEN = _FILES | {
    "cluster", "cluster_storage", "cluster_rights", "cluster_leftovers", "kubeadm_preflight", "microk8s_status",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was measured and what it means.

    Attributes:
        facts: of the host.
        findings: one per check, in the order they are shown.
    """

    facts: HostFacts
    findings: tuple[Finding, ...]


def check_host(
    target: Target | None,
    *,
    answers: Mapping[str, Answer] | None = None,
    folder: Path | None = None,
    stack: str = "",
    facts: HostFacts | None = None,
    on_finding: Callable[[Finding], None] | None = None,
    cancel: threading.Event | None = None,
) -> CheckReport:
    """Check this host, or the one that ``facts`` were recorded on.

    Args:
        target: where Airflow shall run; None gives an overview for all targets.
        answers: options given so far; port, bind, airflow_version and python matter.
        folder: where the stack will be; the wizard's own stacks folder when None.
        stack: its name; that of the folder when empty.
        facts: judge these and measure nothing.
        on_finding: called in this thread with each finding as soon as its facts are in.
        cancel: set to stop measuring; what is missing then is unknown.

    Returns:
        All findings; the wait is that of the slowest probe, not of all together.
    """
    given = answers or {}
    done: dict[str, Finding] = {}

    def offer(check: Check, known: HostFacts) -> None:
        from airflow_wizard.checks.model import decide

        done[check.id] = decide(check, known, given, target)
        if on_finding is not None:
            on_finding(done[check.id])

    if facts is None:
        facts = _measure(target, _ask(target, given, folder, stack), offer, cancel)
    checks = _checks(target)
    for check in checks:
        if check.id not in done:
            offer(check, facts)
    return CheckReport(facts, tuple(done[c.id] for c in checks))


def _measure(
    target: Target | None,
    ask: Ask,
    offer: Callable[[Check, HostFacts], None],
    cancel: threading.Event | None,
) -> HostFacts:
    from airflow_wizard.host.collect import collect

    # With the target open everything is measured, so the checks can be loaded while the probes run.
    subjects = None if target is None else _ALWAYS.union(*(c.looks_at for c in _checks(target)))
    seen: dict[str, Fact] = {}
    open_checks: list[Check] = []

    def on_fact(subject: str, fact: Fact) -> None:
        if not seen:
            open_checks.extend(_checks(target))
        seen[subject] = fact
        for check in [c for c in open_checks if c.looks_at <= seen.keys()]:
            open_checks.remove(check)
            offer(check, HostFacts(dict(seen)))

    return collect(subjects, ask, on_fact, cancel=cancel)


def _checks(target: Target | None) -> tuple[Check, ...]:
    from airflow_wizard.checks.registry import checks_for

    return checks_for(target)


def with_cluster(
    facts: HostFacts, target: Target, *, answers: Mapping[str, Answer], folder: Path | None = None, stack: str = ""
) -> HostFacts:
    """``facts`` of this machine with what is to be known of the cluster that was chosen since they were measured.

    Nothing is asked again of a cluster that has answered for this very context, namespace and stack; nor is one that
    kind makes first.
    """
    from airflow_wizard.host.collect import collect

    subjects = _CHOSEN & frozenset().union(*(check.looks_at for check in _checks(target)))
    ask = _ask(target, answers, folder, stack)
    named = ask.cluster.context if ask.cluster else ""
    left = (facts.text("cluster_leftovers", "name"), facts.text("cluster_leftovers", "release_name"))
    known = facts.value("cluster", "reachable") is True and facts.text("cluster", "context") == named
    if target is Target.KIND or (known and left == (ask.namespace, ask.release)):
        subjects &= _FILES
    return HostFacts({**facts.facts, **collect(subjects, ask).facts}) if subjects else facts


def _ask(target: Target | None, answers: Mapping[str, Answer], folder: Path | None, stack: str) -> Ask:
    from airflow_wizard.host.probe import DEFAULT_PORT, Ask
    from airflow_wizard.paths import stacks_dir
    from airflow_wizard.workflows.clusters import Place, place_of

    port, bind, version = answers.get("port"), answers.get("bind"), answers.get("airflow_version")
    place = place_of(target, answers, stack or (folder.name if folder else "")) if target else Place()
    return Ask(
        folder=folder or stacks_dir(),
        # 8080 as well, because the default of the option is looked for from there on.
        ports=tuple(sorted({port, DEFAULT_PORT})) if isinstance(port, int) else (DEFAULT_PORT,),
        bind=bind if isinstance(bind, str) and bind else "127.0.0.1",
        airflow=version if isinstance(version, str) else "",
        target=str(target or ""),
        cluster=place.cluster,
        namespace=place.namespace,
        release=place.release,
        images=place.images,
        chart_source=place.chart_source,
    )


def load_facts(path: Path) -> HostFacts:
    """Facts recorded on this or another machine.

    Raises:
        InvalidError: the file cannot be read or holds no facts.
    """
    return record.read(path)


def record_facts(path: Path, facts: HostFacts) -> None:
    """Record facts in a file.

    Raises:
        InvalidError: the file cannot be written.
    """
    record.write(path, facts)
