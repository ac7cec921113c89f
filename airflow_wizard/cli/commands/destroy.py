"""``destroy``, ``reset`` and ``down --volumes``: what takes data away lists it in bytes and wants the stack's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import DRY_RUN, FACTS_ARGUMENTS, JSON_EVENTS, PRIVILEGED, STACK, YES
from airflow_wizard.cli.command import Args, Argument, Command, Takes, Words
from airflow_wizard.errors import ConsentError, ExitCode, UsageError

if TYPE_CHECKING:
    from pathlib import PurePath

    from airflow_wizard.workflows.lifecycle import Extent, Verb
    from airflow_wizard.workflows.stacks import StackRecord

CONFIRM = Argument(
    "--confirm", "the stack's name, as consent where nobody can be asked", metavar="NAME", words=Words.STACKS
)
IMAGES = Argument("--images", "remove the container images as well; other stacks may use them", Takes.FLAG)
CLUSTER = Argument("--cluster", "remove the cluster as well that was made with kubeadm for it", Takes.FLAG)
_ASKED = "On a terminal it asks for the stack's name; elsewhere --confirm NAME is needed. --yes is not enough."


def destroy(args: Args) -> int:
    """Lists what goes, asks for the stack's name, then removes it."""
    from airflow_wizard.cli.inputs import stack as find
    from airflow_wizard.workflows.lifecycle import Extent

    return remove("destroy", find(args), args, Extent(images=args.flag("images"), cluster=args.flag("cluster")))


def reset(args: Args) -> int:
    """Removes what ran and its data, then launches the stack anew from its own files."""
    from airflow_wizard.cli.commands.up import relaunch
    from airflow_wizard.cli.inputs import stack as find

    stack = find(args)
    code = remove("reset", stack, args)
    return relaunch(stack, args) if code == ExitCode.OK and not args.flag("dry_run") else code


def remove(verb: Verb, stack: StackRecord, args: Args, extent: Extent | None = None) -> int:
    """Lists what a verb takes away, takes the stack's name as consent, then runs it.

    Raises:
        ConsentError: the name was not given, or it was another; or a step wants consent of its own.
        UsageError: its cluster is asked for, and none was made for it.
    """
    from airflow_wizard.cli.commands.lifecycle import run_verb
    from airflow_wizard.cli.inputs import allow_privileged
    from airflow_wizard.workflows.lifecycle import ALL, plan_for

    extent = extent or ALL
    plan = plan_for(verb, stack, extent)
    if extent.cluster and not plan.privileged:
        raise UsageError(
            f"no cluster was made with kubeadm for {stack.name}",
            why="kind's goes with its stack in any case, and any other is not the wizard's to remove",
            next=f"airflow-wizard destroy {stack.name}",
        )
    if not args.json:
        say_what_goes(verb, stack, extent)
    if not args.flag("dry_run"):
        _confirm(verb, stack, args)
        allow_privileged(plan, args, f"{verb} {stack.name}")
    return run_verb(verb, args, stack, extent)


def say_what_goes(verb: Verb, stack: StackRecord, extent: Extent) -> None:
    """Lists, with bytes, what a verb takes away; says nothing when that is nothing."""
    from pathlib import PurePath

    from airflow_wizard.cli import narrate
    from airflow_wizard.cli.style import Meaning, table
    from airflow_wizard.text import human_bytes
    from airflow_wizard.workflows.lifecycle import removal_report

    folder = PurePath(stack.folder)
    rows = [(_below(folder, path), size, what) for path, size, what in removal_report(verb, stack, extent)]
    if not rows:
        return
    total = human_bytes(sum(size for _, size, _ in rows))
    narrate.say((f"{verb} {stack.name} removes {total}", Meaning.STRONG), f"  in {folder}")
    for line in table(
        [[path, human_bytes(size) if size else "–", what] for path, size, what in rows], right=frozenset({1})
    ):
        narrate.say("  ", *line)


def _below(folder: PurePath, path: str) -> str:
    from pathlib import PurePath

    return str(PurePath(path).relative_to(folder)) if PurePath(path).is_relative_to(folder) else path


def _confirm(verb: Verb, stack: StackRecord, args: Args) -> None:
    import shlex

    words = [verb, *(["--volumes"] if verb == "down" else []), stack.name, "--confirm", stack.name]
    command = f"airflow-wizard {shlex.join(words)}"
    given = args.text("confirm")
    if given is None and args.can_ask:
        from airflow_wizard.cli.asking import prompter

        given = prompter().text(f"Type {stack.name} to remove it for good", default="")
    if given is None:
        raise ConsentError(
            f"{verb} {stack.name} needs --confirm", why="what it removes does not come back", next=command
        )
    if given != stack.name:
        raise ConsentError(f"{given[:60]!r} is not the stack's name; nothing was removed", next=command)


COMMANDS = (
    Command(
        name="destroy",
        help="remove a stack for good, after listing what goes",
        example="airflow-wizard destroy demo --confirm demo",
        run=destroy,
        arguments=(STACK, CONFIRM, IMAGES, CLUSTER, PRIVILEGED, YES, DRY_RUN, JSON_EVENTS),
        about=_ASKED,
    ),
    Command(
        name="reset",
        help="start over: remove what ran and the database, then launch anew",
        example="airflow-wizard reset demo --confirm demo",
        run=reset,
        arguments=(STACK, CONFIRM, YES, DRY_RUN, *FACTS_ARGUMENTS, JSON_EVENTS),
        about=f"DAGs, settings, keys and the login stay; runs, connections and users go. {_ASKED}",
    ),
)
