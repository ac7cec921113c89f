"""``export``: the same without the wizard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import DIR, FACTS, JSON, NAME, PROFILE_ARGUMENTS
from airflow_wizard.cli.command import Args, Argument, Command, Words
from airflow_wizard.errors import ExitCode, NotYetError

if TYPE_CHECKING:
    from typing import NoReturn

OUT = Argument("--out", "file to write instead of standard output", metavar="FILE", words=Words.FILE)


def _script(args: Args) -> int:
    from airflow_wizard.cli import output
    from airflow_wizard.cli.inputs import examine, folder, load_profile, refuse_unusable
    from airflow_wizard.cli.saving import save_text
    from airflow_wizard.workflows.exporting import export_script
    from airflow_wizard.workflows.planning import make_request

    profile = load_profile(args, "export script")
    refuse_unusable(args, profile)
    facts = examine(args, profile).facts
    script = export_script(make_request(profile, facts, name=args.text("name"), folder=folder(args), for_display=True))
    out = args.text("out")
    if out:
        save_text(out, script, mode=0o755)
    if args.json:
        output.json_object({"script": script, "path": out})
    elif not out:
        output.document(script)
    return ExitCode.OK


def _gitops(_: Args) -> NoReturn:
    raise NotYetError(
        "export gitops is not part of this version",
        why="it wraps the files of a Kubernetes target for Argo CD or Flux, and this version writes them bare only",
        next="airflow-wizard write --profile any-cluster --out DIR",
    )


COMMANDS = (
    Command(
        name="export",
        help="write what repeats a launch without the wizard",
        example="airflow-wizard export script --profile standalone-quickstart --out launch.sh",
        children=(
            Command(
                name="export script",
                help="a shell script that repeats the launch",
                example="airflow-wizard export script --profile standalone-quickstart --out launch.sh",
                run=_script,
                arguments=(*PROFILE_ARGUMENTS, NAME, DIR, OUT, FACTS, JSON),
                about="Secrets are no part of it: the script makes its own.",
            ),
            Command(
                name="export gitops",
                help="files for a GitOps repository (a later version)",
                example="airflow-wizard export gitops --profile any-cluster",
                run=_gitops,
                arguments=(*PROFILE_ARGUMENTS, OUT, JSON),
            ),
        ),
    ),
)
