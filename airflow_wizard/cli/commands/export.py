"""``export``: the same without the wizard."""

from __future__ import annotations

from airflow_wizard.cli.arguments import DIR, FACTS, JSON, NAME, PROFILE_ARGUMENTS
from airflow_wizard.cli.command import Args, Argument, Command, Words
from airflow_wizard.errors import ExitCode

OUT = Argument("--out", "file to write instead of standard output", metavar="FILE", words=Words.FILE)
REPOSITORY = Argument("--out", "folder to write to; made when missing", metavar="DIR", words=Words.FOLDER)
_GITOPS_EXAMPLE = "airflow-wizard export gitops --profile any-cluster --out ./deploy"


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


def _gitops(args: Args) -> int:
    from airflow_wizard.cli.inputs import given_facts, profile_from
    from airflow_wizard.cli.written import tell_written
    from airflow_wizard.errors import UsageError
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.paths import expanded
    from airflow_wizard.workflows.gitops import export_gitops, refuse_target
    from airflow_wizard.workflows.planning import make_request

    ref, out = args.text("profile"), args.text("out")
    if ref is None or not out:
        missing = "--profile" if ref is None else "--out"
        raise UsageError(f"export gitops needs {missing}", why="it never asks", next=_GITOPS_EXAMPLE)
    profile = profile_from(ref, args.many("set"))
    refuse_target(profile.target)
    # Nothing is measured and no secret is made: the same profile gives the same files on every machine.
    facts = given_facts(args) or HostFacts()
    request = make_request(profile, facts, name=args.text("name"), for_display=True)
    folder = expanded(out)
    tell_written(export_gitops(request, folder), folder, as_json=args.json)
    return ExitCode.OK


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
                help="files for a Git repository that Argo CD or Flux follows",
                example=_GITOPS_EXAMPLE,
                run=_gitops,
                arguments=(*PROFILE_ARGUMENTS, REPOSITORY, NAME, FACTS, JSON),
                about="No secret is in them; their README.md says how those get into the cluster. Edits are kept.",
            ),
        ),
    ),
)
