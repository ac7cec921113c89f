"""Which Airflow, on what, and how it behaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.catalog.load import newest, release, releases
from airflow_wizard.errors import InvalidError
from airflow_wizard.options import rules
from airflow_wizard.options.machine import minor_key, pythons_found, release_of
from airflow_wizard.options.model import KUBERNETES_TARGETS, Choice, Kind, Option, Situation, Target

if TYPE_CHECKING:
    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.finding import Answer

GROUP = "Airflow"
# Supported by every release from 2.9 on, and what the official images carry when no other is asked for.
COMMON_PYTHON = "3.12"


def _offered(release: AirflowRelease, target: Target) -> bool:
    if target is Target.STANDALONE:
        return release.standalone
    return release.compose if target is Target.COMPOSE else True


def _versions(situation: Situation) -> tuple[Choice, ...]:
    known = [r for r in releases() if _offered(r, situation.target)]
    given = situation.text("airflow_version")
    try:
        asked = release(given)
    except InvalidError:
        asked = None
    if asked is not None and all(asked.version != r.version for r in known):
        known = sorted([*known, asked], key=lambda r: r.version, reverse=True)
    top = newest().version
    return tuple(
        Choice(str(r.version), f"{r.version} (newest)" if r.version == top else str(r.version), r.note) for r in known
    )


def _refuse_version(value: Answer, situation: Situation) -> str:
    try:
        asked = release(str(value))
    except InvalidError as error:
        return f"is not a release we know: {error.why}; {error.next}"
    if _offered(asked, situation.target):
        return ""
    offered = ", ".join(r.minor for r in reversed(releases()) if _offered(r, situation.target))
    return f"cannot be run by target {situation.target}, which takes {offered}"


def _default_python(situation: Situation) -> str:
    supported = release_of(situation).pythons
    found = [version for version, _ in pythons_found(situation) if version in supported]
    if found:
        return found[0]
    return COMMON_PYTHON if COMMON_PYTHON in supported else supported[-1]


def _because_python(situation: Situation) -> str:
    default, asked = _default_python(situation), release_of(situation)
    path = dict(pythons_found(situation)).get(default)
    if path is not None:
        where = f" ({path})" if path else ""
        return f"the newest one on this machine that Airflow {asked.version} supports{where}"
    if pythons_found(situation):
        return f"none here is one Airflow {asked.version} supports; uv would fetch this one"
    return "what the official images use"


def _pythons(situation: Situation) -> tuple[Choice, ...]:
    paths = dict(pythons_found(situation))
    newest_first = sorted(release_of(situation).pythons, key=minor_key, reverse=True)
    return tuple(
        Choice(version, f"Python {version}", paths.get(version, "") or "not on this machine: uv would fetch it")
        for version in newest_first
    )


def _refuse_python(value: Answer, situation: Situation) -> str:
    asked = release_of(situation)
    if value in asked.pythons:
        return ""
    return f"is not supported by Airflow {asked.version}, which runs on Python {', '.join(asked.pythons)}"


def _default_image(situation: Situation) -> str:
    return f"apache/airflow:{release_of(situation).version}"


OPTIONS = (
    Option(
        name="airflow_version",
        title="Version",
        group=GROUP,
        kind=Kind.CHOICE,
        help="Airflow release to run; any patch release of a listed minor version is accepted.",
        why="The newest, unless DAGs or a team are bound to another one.\nAirflow 2 gets no more security fixes.",
        default=lambda _: str(newest().version),
        because=lambda _: "the newest release known",
        choices=_versions,
        refuse=_refuse_version,
        example="3.3.2",
    ),
    Option(
        name="python",
        title="Python",
        group=GROUP,
        kind=Kind.CHOICE,
        help="Python the tasks run on, as a minor version.",
        why="Take the one your DAGs' libraries need.\nuv fetches one that is missing here.",
        default=_default_python,
        because=_because_python,
        choices=_pythons,
        targets=frozenset({Target.STANDALONE}),
        refuse=_refuse_python,
        example="3.12",
    ),
    Option(
        name="image",
        title="Image",
        group=GROUP,
        kind=Kind.TEXT,
        help="Container image of Airflow.",
        why="The official one, or your own built from it when DAGs need more libraries.",
        default=_default_image,
        because=lambda s: f"the official image of Airflow {release_of(s).version}",
        targets=KUBERNETES_TARGETS | {Target.COMPOSE},
        refuse=rules.needed(rules.optional(rules.image), "an image, for example apache/airflow:3.3.2"),
        example="apache/airflow:3.3.2",
    ),
    Option(
        name="examples",
        title="Example DAGs",
        group=GROUP,
        kind=Kind.BOOLEAN,
        help="Load the example DAGs that come with Airflow.",
        why="On to look around on a first day; off to see only your own DAGs, and to start faster.",
        default=lambda _: False,
        because=lambda _: "dozens of DAGs that are not yours slow the first start down",
    ),
    Option(
        name="dags_paused",
        title="New DAGs paused",
        group=GROUP,
        kind=Kind.BOOLEAN,
        help="A DAG seen for the first time waits until somebody switches it on.",
        why="On is Airflow's own habit and the safe one; off when every file in the folder is meant to run.",
        default=lambda _: True,
        because=lambda _: "nothing runs before you looked at it",
        expert=True,
    ),
    Option(
        name="timezone",
        title="Time zone",
        group=GROUP,
        kind=Kind.TEXT,
        help="Time zone of schedules that name none.",
        why="UTC has no hour that happens twice; another zone when schedules follow local business hours.",
        default=lambda _: "UTC",
        because=lambda _: "no hour is skipped or doubled in it",
        refuse=rules.needed(rules.optional(rules.time_zone), "a time zone, for example UTC"),
        expert=True,
        example="Europe/Berlin",
    ),
    Option(
        name="load_default_connections",
        title="Default connections",
        group=GROUP,
        kind=Kind.BOOLEAN,
        help="Create Airflow's sample connections in a new database.",
        why="On only for tutorials that use them; they point at services that are not there.",
        default=lambda _: False,
        because=lambda _: "they point at services that are not on this machine",
        expert=True,
    ),
)
