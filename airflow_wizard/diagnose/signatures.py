"""Known lines and what they mean: matching of signatures over text. Pure; the signatures are data beside this file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FILES = ("signatures.toml", "signatures_kube.toml")
# Lines quoted as evidence for one signature, and what is shown of each.
_QUOTED = 3
_WIDTH = 400
# A line is looked at up to here; the rest of a longer one is data, not a message.
_LONGEST = 4000
# A signature may span lines; so many are looked at together when it does.
_TOGETHER = 12


@dataclass(frozen=True, slots=True)
class Signature:
    """One known failure. ``patterns`` find it in a line, ``against`` are lines that look alike and are harmless."""

    id: str
    family: str
    level: Level
    title: str
    why: str
    fixes: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    against: tuple[re.Pattern[str], ...]

    def matches(self, text: str) -> bool:
        """True when the text shows this failure."""
        return any(p.search(text) for p in self.patterns) and not any(p.search(text) for p in self.against)


@dataclass(frozen=True, slots=True)
class Hit:
    """A signature and the lines that showed it: (unit, line), in the order they were read."""

    signature: Signature
    lines: tuple[tuple[str, str], ...]


@cache
def load() -> tuple[Signature, ...]:
    """All signatures, in the order they are declared."""
    folder = resources.files("airflow_wizard.diagnose")
    texts = [folder.joinpath(name).read_text(encoding="utf-8") for name in _FILES]
    return tuple(_signature(entry) for text in texts for entry in tomllib.loads(text)["signature"])


def _signature(entry: Mapping[str, object]) -> Signature:
    def texts(key: str) -> tuple[str, ...]:
        value = entry.get(key, ())
        return tuple(map(str, value)) if isinstance(value, list) else ()

    return Signature(
        id=str(entry["id"]),
        family=str(entry["family"]),
        level=Level(str(entry["level"])),
        title=str(entry["title"]),
        why=str(entry["why"]),
        fixes=texts("fixes"),
        patterns=tuple(re.compile(p) for p in texts("any")),
        against=tuple(re.compile(p) for p in texts("not")),
    )


@cache
def _prefilter() -> re.Pattern[str]:
    """One pattern that matches whatever any signature matches: most lines are harmless, and are asked once."""
    return re.compile("|".join(f"(?:{_local(p.pattern)})" for s in load() for p in s.patterns))


def _local(pattern: str) -> str:
    """A pattern whose flags for the whole are made flags of a group, so that it can stand beside others."""
    match = re.match(r"\(\?([ims]+)\)", pattern)
    return f"(?{match[1]}:{pattern[match.end() :]})" if match else pattern


def match_lines(lines: Mapping[str, Iterable[str]]) -> list[Hit]:
    """Signatures seen in the lines of several units, most lines first within a level."""
    found: dict[str, list[tuple[str, str]]] = {}
    prefilter = _prefilter()
    for unit, texts in lines.items():
        for line in texts:
            cut = line[:_LONGEST]
            if prefilter.search(cut) is None:
                continue
            for signature in load():
                if signature.matches(cut):
                    found.setdefault(signature.id, []).append((unit, cut))
    hits = [Hit(s, tuple(found[s.id])) for s in load() if s.id in found]
    return sorted(hits, key=lambda hit: (hit.signature.level.rank, -len(hit.lines)))


def match_text(text: str) -> list[Hit]:
    """Signatures seen in a text of any origin; those that span lines are found as well."""
    lines = text.splitlines()
    hits = match_lines({"": lines})
    known = {hit.signature.id for hit in hits}
    spanning = [s for s in load() if s.id not in known and any(p.flags & re.DOTALL for p in s.patterns)]
    for signature in spanning:
        for start in range(0, len(lines), _TOGETHER // 2):
            block = "\n".join(line[:_LONGEST] for line in lines[start : start + _TOGETHER])
            if signature.matches(block):
                hits.append(Hit(signature, tuple(("", line) for line in block.splitlines()[:_QUOTED])))
                break
    return hits


def finding_of(hit: Hit) -> Finding:
    """What a hit is for a person."""
    signature = hit.signature
    times = "once" if len(hit.lines) == 1 else f"{len(hit.lines)} times"
    units = sorted({unit for unit, _ in hit.lines if unit})
    where = f" in the log of {', '.join(units)}" if units else ""
    return Finding(
        id=signature.id,
        level=signature.level,
        title=signature.title,
        found=f"seen {times}{where}",
        why=signature.why,
        evidence=tuple(_quote(unit, line) for unit, line in hit.lines[-_QUOTED:]),
        fixes=tuple(Fix(text) for text in signature.fixes),
    )


def _quote(unit: str, line: str) -> str:
    text = one_line(line, limit=_WIDTH)
    return f"{unit}: {text}" if unit else text


def family_of(finding_id: str) -> str:
    """The family a finding is labelled with; its own id when it has none."""
    known = {s.id: s.family for s in load()} | _FAMILIES
    # ``component.killed.scheduler`` and ``dag.import_error:/path`` are named by what they begin with.
    name = finding_id.partition(":")[0]
    while name not in known and "." in name:
        name = name.rpartition(".")[0]
    return known.get(name, finding_id)


# Findings of rules that look at more than lines.
_FAMILIES = {
    "port.foreign": "port-already-in-use",
    "dag.import_error": "dag-import-error",
    "dags.folder": "dags-folder-missing",
    "component.killed": "memory-too-low",
    "database.unmigrated": "db-not-initialized",
    "database.unreadable": "ownership-permission",
    "disk.low": "disk-full",
    "secrets.fernet": "fernet-key-invalid",
    "scheduler.heartbeat": "scheduler-not-running",
    "dag-processor.heartbeat": "dag-processor-missing",
    "image.gone": "image-not-found",
    "image.invalid": "image-not-found",
    "image.no_dns": "image-pull-network",
    "image.no_network": "image-pull-network",
    "pending.cpu": "unschedulable-insufficient-resources",
    "pending.memory": "unschedulable-insufficient-resources",
    "pending.pods": "unschedulable-insufficient-resources",
    "claim.no_class": "pvc-unbound",
    "claim.class_missing": "pvc-unbound",
    "config.secret_missing": "secret-or-configmap-missing",
    "config.configmap_missing": "secret-or-configmap-missing",
    "config.key_missing": "secret-or-configmap-missing",
    "helm.pending": "helm-operation-in-progress",
    "init.failed": "job-backoff-limit-exceeded",
    "waiting.migrations": "migrations-wait-timeout",
    "dns.down": "cluster-dns-failure",
}
