"""What the sub-commands of ``profiles`` do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.cli import narrate, output
from airflow_wizard.cli.inputs import profile_from
from airflow_wizard.errors import ConsentError, ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.cli.command import Args
    from airflow_wizard.finding import Answer
    from airflow_wizard.profile.model import Profile


def run_list(args: Args) -> int:
    """Lists what is known, shipped and saved."""
    from airflow_wizard.cli.style import Meaning, table
    from airflow_wizard.workflows import profiles

    known = profiles.known()
    if args.json:
        output.json_object(
            [
                {
                    "name": e.name,
                    "target": None if e.target is None else str(e.target),
                    "source": e.source,
                    "path": str(e.path),
                    "summary": e.summary,
                }
                for e in known
            ]
        )
    else:
        output.lines(table([[(e.name, Meaning.ACCENT), str(e.target or "?"), e.source, e.summary] for e in known]))
    return ExitCode.OK


def run_show(args: Args) -> int:
    """Prints a profile as a file, or as JSON with what it gives."""
    from airflow_wizard.workflows import profiles

    profile = profile_from(args.need("ref"), args.many("set"))
    if args.json:
        output.json_object(_to_json(profile))
    else:
        output.document(profiles.export(profile))
    return ExitCode.OK


def run_save(args: Args) -> int:
    """Saves a profile under a name."""
    source = args.text("profile")
    if source is None:
        raise UsageError(
            "profiles save needs --profile",
            why="it says what to begin with",
            next="airflow-wizard profiles save NAME --profile standalone-quickstart --set port=8081",
        )
    return _save(replace(profile_from(source, args.many("set")), name=args.need("name")), args)


def run_edit(args: Args) -> int:
    """Changes a saved profile by ``--set``, or option by option when a person can be asked."""
    name = args.need("name")
    sets = args.many("set")
    profile = profile_from(name, sets)
    if not sets:
        if not args.can_ask:
            raise UsageError(
                "profiles edit needs --set OPTION=VALUE",
                why="without a terminal the options cannot be asked one by one",
                next=f"airflow-wizard profiles edit {name} --set port=8081",
            )
        profile = replace(profile, given=_ask(profile))
    return _save(replace(profile, name=name), args, overwrite=True)


def _ask(profile: Profile) -> Mapping[str, Answer]:
    from airflow_wizard.cli.asking import prompter
    from airflow_wizard.cli.plain_options import ask_options
    from airflow_wizard.host.facts import HostFacts

    # Nothing is measured: a profile is for any machine, and what is not answered stays a default of that machine.
    return ask_options(prompter(), profile.target, HostFacts(), dict(profile.given), kept=lambda _: None)


def run_export(args: Args) -> int:
    """Prints a profile to share, or writes it to a file."""
    from airflow_wizard.cli.saving import save_text
    from airflow_wizard.workflows import profiles

    profile = profile_from(args.need("ref"), args.many("set"))
    text = profiles.export(profile)
    out = args.text("out")
    if out:
        save_text(out, text)
    if args.json:
        output.json_object({"name": profile.name, "text": text, "path": out})
    elif not out:
        output.document(text)
    return ExitCode.OK


def run_import(args: Args) -> int:
    """Saves a profile from a file or standard input."""
    profile = profile_from(args.need("file"))
    return _save(replace(profile, name=args.text("name") or profile.name), args)


def run_delete(args: Args) -> int:
    """Deletes a saved profile, after asking."""
    from airflow_wizard.workflows import profiles

    name = args.need("name")
    if not args.flag("yes"):
        if not args.can_ask:
            raise ConsentError(
                f"profiles delete {name} needs --yes", next=f"airflow-wizard profiles delete {name} --yes"
            )
        from airflow_wizard.cli.asking import prompter

        if not prompter().confirm(f"Delete the saved profile {name}?", default=False):
            raise ConsentError("nothing was deleted", next="airflow-wizard profiles")
    profiles.delete(name)
    if args.json:
        output.json_object({"deleted": name})
    else:
        narrate.say(f"deleted {name}")
    return ExitCode.OK


def run_diff(args: Args) -> int:
    """Prints what differs between two profiles; no difference prints nothing."""
    from airflow_wizard.cli.style import Meaning, Part, table
    from airflow_wizard.workflows import profiles

    one, two = profile_from(args.need("ref")), profile_from(args.need("other"))
    rows = profiles.diff(one, two)
    if args.json:
        output.json_object([{"option": option, "a": a, "b": b} for option, a, b in rows])
        return ExitCode.OK
    if rows:
        head: list[Part] = [("option", Meaning.DIM), (one.name, Meaning.DIM), (two.name, Meaning.DIM)]
        cells: list[list[Part]] = [[(option, Meaning.ACCENT), a, b] for option, a, b in rows]
        output.lines(table([head, *cells]))
    else:
        narrate.say("no difference")
    return ExitCode.OK


def _save(profile: Profile, args: Args, *, overwrite: bool = False) -> int:
    from airflow_wizard.workflows import profiles

    path = profiles.save(profile, overwrite=overwrite or args.flag("overwrite"))
    if args.json:
        output.json_object({"name": profile.name, "path": str(path)})
    else:
        output.line(f"saved {profile.name} in {path}")
    return ExitCode.OK


def _to_json(profile: Profile) -> dict[str, object]:
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in profile.given.items()}
    return {
        "name": profile.name,
        "target": str(profile.target),
        "given": given,
        "overrides": sorted(profile.overrides),
        "source": profile.source,
    }
