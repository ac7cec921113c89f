"""All rules over one evidence: findings without doubles, consequences under their causes, worst first. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.diagnose import kube_folding, signatures
from airflow_wizard.diagnose.rules import (
    containers,
    dags,
    database,
    files,
    kube_claims,
    kube_config,
    kube_containers,
    kube_images,
    kube_network,
    kube_nodes,
    kube_pending,
    kube_policy,
    kube_refused,
    kube_release,
    machine,
    processes,
)
from airflow_wizard.finding import Finding, Level, worst_first
from airflow_wizard.status.assemble import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact
    from airflow_wizard.diagnose.rules.model import Rule

RULES: tuple[Rule, ...] = (
    *machine.RULES,
    *files.RULES,
    *database.RULES,
    *containers.RULES,
    *dags.RULES,
    *processes.RULES,
    *kube_nodes.RULES,
    *kube_policy.RULES,
    *kube_claims.RULES,
    *kube_pending.RULES,
    *kube_config.RULES,
    *kube_refused.RULES,
    *kube_images.RULES,
    *kube_containers.RULES,
    *kube_release.RULES,
    *kube_network.RULES,
)

# What does not work while the database does not.
_ON_DATABASE = ("component.", "web.", "scheduler.", "dag-processor.", "triggerer.", "launch.")

# What follows from what: (prefix of the cause's id, prefixes of ids that are only its consequence).
_FOLLOWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "disk.",
        ("database.", "component.", "web.", "launch.", "supervisor.", "scheduler.", "dag-processor.", "triggerer."),
    ),
    ("memory.low", ("component.", "worker.killed")),
    ("venv.broken", ("component.", "supervisor.", "web.", "launch.")),
    ("files.", ("component.", "supervisor.", "web.", "launch.")),
    ("engine.unreachable", ("unseen.", "launch.", "port.")),
    ("database.", ("broker.", "init.", "postgres.unreachable", *_ON_DATABASE)),
    ("secrets.", ("component.", "web.", "launch.", "fernet.", "jwt.")),
    ("port.", ("component.crash.api-server", "component.crash.webserver", "web.", "port.in_use", "launch.")),
    ("permission.", ("component.", "web.", "launch.")),
    ("pid.stale", ("component.", "web.")),
    ("sqlite.", ("component.", "web.", "launch.")),
    ("postgres.", ("init.", "database.refused", "database.crash", *_ON_DATABASE)),
    ("broker.", ("component.", "worker.", "redis.", "launch.")),
    ("init.", _ON_DATABASE),
    ("supervisor.gone", ("scheduler.", "dag-processor.", "triggerer.", "web.")),
    ("worker.killed", ("component.killed",)),
    ("component.crash.", ("launch.",)),
    ("dag.import_error:", ("dag.module_missing",)),
)
# What is merely worth knowing brings nothing down; of the warnings these can.
_STRONG_WARNINGS = frozenset({"memory.low", "database.locked", "port.foreign"})
# A rule that looked at the thing itself says more than a line about it.
_BETTER = {
    "port.foreign": ("port.in_use",),
    "disk.low": ("disk.full",),
    "database.unmigrated": ("database.not_initialized",),
    "database.missing": ("database.not_initialized",),
    "secrets.fernet": ("fernet.invalid",),
    "database.unreadable": ("database.readonly",),
    "gitsync.key_format": ("gitsync.key",),
    "gitsync.key_mode": ("gitsync.key",),
    "postgres.volume": ("postgres.unreachable",),
    "dns.down": ("dns.broken",),
}


# A database that answers Airflow now was only not there yet, or not made yet, when a line complained.
_ABOUT_REACHING = frozenset({"postgres.auth", "postgres.missing", "postgres.unreachable"})


_FALL = re.compile(r"component\.(?:crash|killed|refused|paused|unhealthy)\.(.+)")


def evaluate(evidence: Evidence) -> list[Finding]:
    """What is wrong with the stack, causes before what follows from them; empty when nothing is."""
    found = [finding for rule in RULES for finding in rule(evidence)]
    settled = _settled(evidence)
    hits = signatures.match_lines(_lines(evidence))
    found += [signatures.finding_of(hit) for hit in hits if hit.signature.id not in settled]
    found += [_unseen(name, reason) for name, reason in evidence.unseen]
    return order(fold(without_doubles(found), evidence.cluster))


def _lines(evidence: Evidence) -> Mapping[str, tuple[str, ...]]:
    """What may hold a known line: logs, and what a launch in a cluster ended with, which no log of it has."""
    step = evidence.unfinished
    if evidence.cluster is None or step is None or not step.detail:
        return evidence.lines
    return {**evidence.lines, f"step {step.id}": (step.detail,)}


def _settled(evidence: Evidence) -> set[str]:
    """Signatures whose lines are about the past: the thing itself was looked at just now, and is well."""
    settled: set[str] = set()
    if evidence.database is not None and evidence.database.problem == "ok":
        settled |= {"database.malformed", "database.not_initialized"}
    health = evidence.snapshot.airflow if evidence.snapshot is not None else None
    project = evidence.project
    inits = [c.exit_code for c in project.containers if c.role == "init"] if project is not None else []
    refused = any(inits)
    cluster = evidence.cluster
    if cluster is not None and cluster.pods and all(p.ready or p.phase == "Succeeded" for p in cluster.pods):
        # Nothing is ready without them; a line that complains is of the start.
        settled |= {"database.not_initialized", *_ABOUT_REACHING, "redis.unreachable", "gitsync.unreachable"}
    if 0 in inits:
        # Its last step looks into the tables that its first one made.
        settled.add("database.not_initialized")
    if (
        not refused
        and health is not None
        and health.metadatabase is not None
        and health.metadatabase.status == "healthy"
    ):
        settled |= {"database.not_initialized", *_ABOUT_REACHING}
    if evidence.answer is Answer.OURS:
        settled |= {"port.in_use", "pid.stale"}
        if not evidence.import_errors:
            settled |= {"dag.module_missing", "dag.import_timeout"}
    return settled


def without_doubles(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each id, with the evidence of all; none that another one says better."""
    kept: dict[str, Finding] = {}
    for finding in findings:
        first = kept.get(finding.id)
        if first is None:
            kept[finding.id] = finding
        else:
            more = tuple(line for line in finding.evidence if line not in first.evidence)
            kept[finding.id] = replace(first, evidence=(*first.evidence, *more))
    covered = {worse for better, worses in _BETTER.items() if better in kept for worse in worses}
    # A process that goes down again and again has no heartbeat either.
    falls = [match[1] for match in map(_FALL.match, kept) if match]
    covered |= {f"{unit.removeprefix('airflow-')}.heartbeat" for unit in falls}
    if any(f.id.startswith("dag.import_error:") for f in kept.values()):
        covered.add("dag.module_missing")
    return [finding for finding in kept.values() if finding.id not in covered]


def fold(findings: list[Finding], cluster: ClusterFact | None = None) -> list[Finding]:
    """The same findings, each naming those of which it is only a consequence."""
    if cluster is not None:
        return [replace(f, causes=kube_folding.causes(f, findings, cluster)) for f in findings]
    folded = []
    for finding in findings:
        causes = tuple(
            other.id
            for other in findings
            if other.id != finding.id
            and (other.level is Level.FAIL or other.id in _STRONG_WARNINGS)
            and _follows(finding.id, other.id)
        )
        folded.append(replace(finding, causes=causes) if causes else finding)
    return folded


def _follows(consequence: str, cause: str) -> bool:
    for prefix, effects in _FOLLOWS:
        if cause.startswith(prefix) and consequence.startswith(effects) and not consequence.startswith(prefix):
            return True
    return False


def order(findings: list[Finding]) -> list[Finding]:
    """Causes worst first, each followed by its consequences."""
    ids = {f.id for f in findings}
    roots = worst_first(f for f in findings if not any(cause in ids for cause in f.causes))
    placed: dict[str, Finding] = {}
    for root in roots:
        placed[root.id] = root
        for finding in worst_first(f for f in findings if root.id in f.causes):
            placed.setdefault(finding.id, finding)
    for finding in worst_first(findings):
        placed.setdefault(finding.id, finding)
    return list(placed.values())


def _unseen(name: str, reason: str) -> Finding:
    return Finding(
        f"unseen.{name.replace(' ', '_')}",
        Level.UNKNOWN,
        name.capitalize(),
        f"could not be looked at: {reason}",
        why="Whether something is wrong there is not known.",
    )
