"""The wizard by prompts: the same steps, the same workflows, append-only text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli import narrate
from airflow_wizard.cli.asking import Item, Prompter, prompter
from airflow_wizard.cli.style import Meaning
from airflow_wizard.errors import ExitCode
from airflow_wizard.paths import expanded
from airflow_wizard.workflows.flow import FlowState, clear_flow, read_flow

if TYPE_CHECKING:
    from airflow_wizard.cli.plain_steps import Flow
    from airflow_wizard.cli.root import OpenWizard

_STEPS = ("checks", "target", "options", "review")


def run_plain(wanted: OpenWizard) -> int:
    """Goes from the first question to a proven Airflow.

    Returns:
        the exit code. What was answered is kept when it is left early.
    """
    narrate.say(("airflow-wizard", Meaning.STRONG), "  from nothing to an Airflow that has run a task")
    ask = prompter()
    state = _begin(ask, wanted)
    if state is None:
        return ExitCode.OK
    from airflow_wizard.cli.plain_steps import Flow

    flow = Flow(ask, state, facts_file=wanted.facts)
    try:
        return _walk(flow)
    except (KeyboardInterrupt, EOFError):
        narrate.say()
        narrate.say("your answers are kept; airflow-wizard --plain goes on from here")
        raise


def _walk(flow: Flow) -> int:
    step = flow.state.screen if flow.state.screen in _STEPS else _STEPS[0]
    # Facts come from the checks, whatever the step it goes on from; they are never kept.
    if step != "checks" and not flow.checks():
        return ExitCode.OK
    while True:
        flow.keep(step)
        if step == "checks":
            if not flow.checks():
                return ExitCode.OK
            step = "target"
        elif step == "target":
            flow.target()
            step = "options"
        elif step == "options":
            flow.options()
            step = "review"
        else:
            result = flow.review()
            if isinstance(result, int):
                return result
            step = result


def _begin(ask: Prompter, wanted: OpenWizard) -> FlowState | None:
    kept, note = read_flow()
    if note:
        narrate.warn(note)
    if wanted.profile is not None:
        return _from_profile(wanted)
    items = [Item("new", "New Airflow", "checks, target, options, review, launch")]
    if kept is not None:
        about = ", ".join(w for w in (kept.target, kept.profile_name, f"at {kept.screen}") if w)
        items.insert(0, Item("resume", "Go on where you left", about))
    items += _about_stacks()
    items.append(Item("quit", "Leave"))
    narrate.say()
    while True:
        chosen = ask.select("What would you like to do?", items)
        if chosen == "quit":
            return None
        if chosen == "resume" and kept is not None:
            return kept
        if chosen == "new":
            clear_flow()
            return FlowState("checks", folder=str(expanded(wanted.folder)) if wanted.folder else "")
        _look(chosen)
        narrate.say()


def _from_profile(wanted: OpenWizard) -> FlowState:
    from airflow_wizard.cli.inputs import profile_from

    profile = profile_from(wanted.profile or "", wanted.sets)
    folder = str(expanded(wanted.folder)) if wanted.folder else ""
    return FlowState("checks", str(profile.target), profile.name, dict(profile.given), folder)


def _about_stacks() -> list[Item]:
    from airflow_wizard.workflows.stacks import list_stacks

    items = []
    for stack in list_stacks():
        items.append(Item(f"status {stack.name}", f"Look at {stack.name}", stack.url))
        items.append(Item(f"doctor {stack.name}", f"Troubleshoot {stack.name}"))
    return items


def _look(chosen: str) -> None:
    from airflow_wizard.cli.main import run

    # A stack that cannot be looked at is said and does not end the wizard.
    run(chosen.split(" ", 1))
