"""Runs once before the components: folders, database, login. Written by airflow-wizard.

One process that imports Airflow once; the image's entrypoint would import it for each of its commands, and ends
well even when one of them failed. Here a failure ends with another exit code than 0.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import database  # type: ignore[import-not-found]  # beside this file

HOME = Path("/opt/airflow")
PATIENCE = 60


def main() -> None:
    """Everything; safe to repeat."""
    uid = int(os.environ.get("AIRFLOW_UID") or 50000)
    if os.getuid() == 0:
        for name in sys.argv[1:]:
            hand_over(HOME / name, uid)
        become(uid)
    sys.argv = ["airflow"]  # Airflow logs the command line; ours has nothing to say
    prepare()
    database.wait(PATIENCE)
    airflow("db", "migrate")
    if os.environ.get("AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS", "").lower() == "true":
        airflow("connections", "create-default-connections")
    if os.environ.get("_AIRFLOW_WWW_USER_PASSWORD"):
        login(os.environ.get("_AIRFLOW_WWW_USER_USERNAME", "admin"), os.environ["_AIRFLOW_WWW_USER_PASSWORD"])
    database.mark()
    print("ready", flush=True)
    # What Airflow imported takes seconds to be taken down again, while the components wait for a processor.
    sys.stderr.flush()
    os._exit(0)


def hand_over(folder: Path, uid: int) -> None:
    """Give a folder to the user the components run as, when it is somebody else's (made by Docker, it is root's)."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid == uid:
        return
    print(f"{folder} is handed over to user {uid}", flush=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, 0, follow_symlinks=False)


def become(uid: int) -> None:
    """Run as the components do, so that the files they share belong to them."""
    os.setgid(0)
    os.setuid(uid)
    os.environ["USER"] = "airflow"  # Airflow asks for a name, and this number may have none
    if Path("/home/airflow").is_dir():
        os.environ["HOME"] = "/home/airflow"


def prepare() -> None:
    """Import what the commands need: it takes seconds, in which the database may still be starting."""
    from importlib import import_module

    names = ["airflow.cli.cli_parser", "airflow.utils.db", "airflow.cli.commands.db_command"]
    if os.environ.get("_AIRFLOW_WWW_USER_PASSWORD"):
        names.append("airflow.providers.fab.auth_manager.security_manager.override")
    for name in names:
        with contextlib.suppress(ImportError):  # not every release has each; the command imports what it needs
            import_module(name)


def airflow(*words: str) -> None:
    """An Airflow command in this process; a password among its words is on no command line."""
    from airflow.cli import cli_parser

    args = cli_parser.get_parser().parse_args(words)
    args.func(args)


def login(name: str, password: str) -> None:
    """Create the administrator, unless it is there; a password changed in the web page stays."""
    query = "SELECT 1 FROM ab_user WHERE username = %s"
    if database.found(query, name):
        return
    who = {"username": name, "role": "Admin", "email": f"{name}@localhost", "firstname": "Airflow", "lastname": "Admin"}
    flags = [word for key, value in who.items() for word in (f"--{key}", value)]
    airflow("users", "create", *flags, f"--password={password}")
    if not database.found(query, name):
        sys.exit(f"the login {name} was not created")


if __name__ == "__main__":
    main()
