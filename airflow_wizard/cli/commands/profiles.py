"""``profiles``: named sets of answers."""

from __future__ import annotations

from airflow_wizard.cli.arguments import JSON, SET, YES
from airflow_wizard.cli.command import Argument, Command, Takes, Words
from airflow_wizard.cli.profile_actions import (
    run_delete,
    run_diff,
    run_edit,
    run_export,
    run_import,
    run_list,
    run_save,
    run_show,
)

REF = Argument(
    "ref", "profile by name, by path, or - for standard input", metavar="P", required=True, words=Words.PROFILES
)
NEW = Argument("name", "name to save it under", metavar="NAME", required=True)
SAVED = Argument("name", "name of a profile", metavar="NAME", required=True, words=Words.PROFILES)
FROM = Argument("--profile", "profile to begin with", metavar="P", words=Words.PROFILES)
OVERWRITE = Argument("--overwrite", "replace a saved profile of that name", Takes.FLAG)
OUT = Argument("--out", "file to write instead of standard output", metavar="FILE", words=Words.FILE)
AS = Argument("--name", "name to save it under, when not the one inside", metavar="NAME")


COMMANDS = (
    Command(
        name="profiles",
        help="list, show, save, edit, share and compare profiles",
        example="airflow-wizard profiles show standalone-quickstart",
        about="A profile is flat YAML and holds no secret: it is safe to commit.",
        children=(
            Command(
                "profiles list", "list shipped and saved profiles", "airflow-wizard profiles list", run_list, (JSON,)
            ),
            Command(
                "profiles show",
                "print one profile",
                "airflow-wizard profiles show laptop-lite --set port=8081",
                run_show,
                (REF, SET, JSON),
            ),
            Command(
                "profiles save",
                "save a profile under a name",
                "airflow-wizard profiles save mine --profile standalone-quickstart --set port=8081",
                run_save,
                (NEW, FROM, SET, OVERWRITE, JSON),
            ),
            Command(
                "profiles edit",
                "change answers of a profile, by --set or one by one",
                "airflow-wizard profiles edit mine --set port=8082",
                run_edit,
                (SAVED, SET, JSON),
                about="Without --set every option is asked, the present answer being the default. A shipped profile"
                " stays: the changed one is saved under the same name and used instead.",
            ),
            Command(
                "profiles export",
                "print a profile as a file to share",
                "airflow-wizard profiles export mine --out mine.yaml",
                run_export,
                (REF, SET, OUT, JSON),
            ),
            Command(
                "profiles import",
                "save a profile from a file or standard input",
                "airflow-wizard profiles import mine.yaml",
                run_import,
                (
                    Argument("file", "file, or - for standard input", required=True, words=Words.FILE),
                    AS,
                    OVERWRITE,
                    JSON,
                ),
            ),
            Command(
                "profiles delete",
                "delete a saved profile",
                "airflow-wizard profiles delete mine --yes",
                run_delete,
                (SAVED, YES, JSON),
            ),
            Command(
                "profiles diff",
                "compare two profiles, answer by answer",
                "airflow-wizard profiles diff laptop-lite laptop-celery",
                run_diff,
                (
                    REF,
                    Argument("other", "the profile to compare with", metavar="P2", required=True, words=Words.PROFILES),
                    JSON,
                ),
            ),
        ),
    ),
)
