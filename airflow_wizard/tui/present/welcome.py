"""The first screen's rows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.options.model import Target
from airflow_wizard.status.snapshot import Snapshot, StackState
from airflow_wizard.tui.spans import Tone, dim, line, span
from airflow_wizard.tui.widgets.rows import Column, Row, blank, heading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_wizard.workflows.flow import FlowState
    from airflow_wizard.workflows.profiles import ProfileEntry
    from airflow_wizard.workflows.stacks import StackRecord

COLUMNS = (Column(1), Column(24), Column(20, flex=1))
STATES = {
    StackState.RUNNING: ("●", Tone.OK),
    StackState.DEGRADED: ("▲", Tone.WARN),
    StackState.STARTING: ("◐", Tone.WORK),
    StackState.STOPPED: ("○", Tone.DIM),
    StackState.UNKNOWN: ("○", Tone.UNKNOWN),
}


def rows(
    flow: FlowState | None,
    stacks: Sequence[StackRecord] | None,
    seen: Mapping[str, Snapshot | str],
    profiles: Sequence[ProfileEntry] | None,
) -> list[Row]:
    """Everything one can begin with. None means it was not read yet."""
    listed: list[Row] = []
    if flow is not None:
        listed += [_action("resume", "Continue", _where(flow))]
    listed += [_action("new", "New Airflow", "check this machine, choose a place, answer, launch"), blank("_1")]
    listed += [heading("_stacks", "Stacks")]
    if stacks is None:
        listed.append(Row("_reading", (dim("  ◐ reading…"),), selectable=False))
    elif not stacks:
        listed.append(Row("_none", (dim("none yet"),), selectable=False))
    else:
        listed += [_stack(stack, seen.get(stack.name)) for stack in stacks]
    listed += [blank("_2"), heading("_profiles", "Begin with a profile")]
    if profiles is None:
        listed.append(Row("_reading2", (dim("  ◐ reading…"),), selectable=False))
    # One's own first, then what needs nothing but Python.
    for entry in sorted(profiles or (), key=lambda e: (e.source != "saved", e.target is not Target.STANDALONE)):
        listed.append(_profile(entry))
    listed += [
        blank("_3"),
        _action("troubleshoot", "Troubleshoot", "why does Airflow, or this machine, not do what it should?"),
    ]
    return listed


def _action(key: str, title: str, about: str) -> Row:
    return Row(key, ((("→", Tone.ACCENT),), ((title, Tone.STRONG),), dim(about)))


def _where(flow: FlowState) -> str:
    words = [f"{flow.screen.capitalize()} of {flow.profile_name}" if flow.profile_name else flow.screen.capitalize()]
    words += [flow.target] if flow.target else []
    words += [f"{len(flow.given)} answer{'s' if len(flow.given) > 1 else ''} given"] if flow.given else []
    return "at " + ", ".join(words)


def _stack(stack: StackRecord, seen: Snapshot | str | None) -> Row:
    if seen is None:
        sign, words = ("◐", Tone.WORK), dim("looking…")
    elif isinstance(seen, str):
        sign, words = ("○", Tone.UNKNOWN), dim(seen)
    else:
        sign = STATES[seen.state]
        words = line(
            (f"{seen.state:<9}", sign[1]), (" ", Tone.PLAIN), span(f"Airflow {stack.airflow_version}", Tone.DIM),
            ("  ", Tone.PLAIN), span(stack.url, Tone.DIM),
        )  # fmt: skip
    return Row(f"stack:{stack.name}", ((sign,), (span(stack.name),), words))


def _profile(entry: ProfileEntry) -> Row:
    mine = entry.source == "saved"
    return Row(
        f"profile:{entry.name}",
        ((("+" if not mine else "★", Tone.DIM),), (span(entry.name),), (span(entry.summary, Tone.DIM),)),
    )
