"""The secrets of a stack: generated once, read back from its own 0600 file ever after."""

from __future__ import annotations

import base64
import os
import secrets
import shlex
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.artifacts.kube.secrets import ENV as KUBE_ENV
from airflow_wizard.artifacts.kube.settings import GIT_TOKEN, POSTGRES_PASSWORD, REDIS_PASSWORD
from airflow_wizard.artifacts.standalone import DATABASE_URL, PASSWORD, STACK_ID, secret_keys
from airflow_wizard.errors import InvalidError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from airflow_wizard.profile.model import Answers

DATABASE_PASSWORD_VARIABLE = "AIRFLOW_WIZARD_DATABASE_PASSWORD"  # noqa: S105 - the variable's name
GIT_TOKEN_VARIABLE = "AIRFLOW_WIZARD_GIT_TOKEN"  # noqa: S105
_SHOWN = "generated-when-written"
# Where targets keep them: with the stack's files, or in the one folder of a cluster's Secrets.
_FILES = (".env", KUBE_ENV)


def read_secrets(folder: Path) -> dict[str, str]:
    """What the stack's own file of secrets says; empty when there is none.

    Raises:
        InvalidError: it cannot be read.
    """
    found = (_read(folder / name) for name in _FILES)
    return next((values for values in found if values), {})


def _read(path: Path) -> dict[str, str]:
    try:
        return values_of(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8 text'}",
            why="it holds the keys and the password of the stack, and new ones would not fit its database",
            next=f"give yourself access to it, or put a good copy back: ls -l {shlex.quote(str(path))}",
            file=str(path),
        ) from error


def values_to_hide(folder: Path) -> tuple[str, ...]:
    """Values of the stack's secrets that no screen and no log may show; none when they cannot be read."""
    known = _values_or_none(folder)
    made = {key for three in (True, False) for key in secret_keys(airflow3=three, external_database=True)}
    made |= {POSTGRES_PASSWORD, REDIS_PASSWORD, GIT_TOKEN}
    return tuple(value for key, value in known.items() if key in made and key != STACK_ID)


def stack_secrets(keys: Iterable[str], folder: Path, answers: Answers, *, for_display: bool) -> dict[str, str]:
    """A value for every key: the one on disk, else a new random one (or a placeholder ``for_display``).

    Raises:
        UsageError: a password that only the person knows is needed and not in the environment.
        InvalidError: the file on disk cannot be read, and it is not only ``for_display``.
    """
    try:
        known = read_secrets(folder)
    except InvalidError:
        if not for_display:
            raise
        known = {}  # to look at a stack, to stop it and to remove it, no key is needed
    result = {}
    for key in keys:
        if key == DATABASE_URL:
            result[key] = known.get(key) or _database_url(answers, for_display=for_display)
        elif key == GIT_TOKEN:
            result[key] = known.get(key) or (_SHOWN if for_display else _git_token())
        else:
            result[key] = known.get(key) or (_SHOWN if for_display else _new(key))
    return result


def refuse_other_database(folder: Path, answers: Answers) -> None:
    """A stack's database is the one its .env names; an answer that names another one would be without effect.

    Raises:
        InvalidError: it names another one.
    """
    known, wanted = _values_or_none(folder).get(DATABASE_URL, ""), answers.text("database_url")
    if not known or not wanted or _place(known) == _place(wanted):
        return
    path = folder / ".env"
    raise InvalidError(
        f"database_url: names {_place(wanted)}, and the stack's own .env says {_place(known)}",
        why="what the stack knows so far (runs, connections, users) is in the database of its .env, which is never "
        "changed behind your back",
        next=f"to go on with that one: --set database_url={_place(known)}; to move the stack, change {DATABASE_URL} in "
        f"{shlex.quote(str(path))} first, then the same command",
        file=str(path),
        key="database_url",
    )


def _values_or_none(folder: Path) -> dict[str, str]:
    """What the stack's .env says; empty when there is none or it cannot be read."""
    try:
        return read_secrets(folder)
    except InvalidError:
        return {}


def _place(url: str) -> str:
    """A database's address without the password, and without the name of the driver that reaches it."""
    try:
        parts = urlsplit(url)
        user, at, host = parts.netloc.rpartition("@")
        port = parts.port or 5432
    except ValueError:
        return "an address that cannot be read"
    name = parts.hostname or host
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return f"postgresql://{user.partition(':')[0]}{at}{name}:{port}{path}"


def _new(key: str) -> str:
    if key == STACK_ID:
        return uuid.uuid4().hex
    if key == PASSWORD:
        return secrets.token_urlsafe(15)
    if key.endswith("FERNET_KEY"):
        # 32 random bytes, URL-safe base64: the format of cryptography.fernet.Fernet.generate_key.
        return base64.urlsafe_b64encode(os.urandom(32)).decode()
    return secrets.token_urlsafe(48)


def _git_token() -> str:
    token = os.environ.get(GIT_TOKEN_VARIABLE, "").strip()
    if not token:
        raise UsageError(
            "the token of the Git user is missing",
            why="it never stands in a profile or on a command line",
            next=f"give it in the environment: {GIT_TOKEN_VARIABLE}=… airflow-wizard write …",
        )
    return token


def _database_url(answers: Answers, *, for_display: bool) -> str:
    url = answers.text("database_url")
    password = os.environ.get(DATABASE_PASSWORD_VARIABLE, "")
    if for_display:
        return url
    if not password:
        raise UsageError(
            "the database's password is missing",
            why="it never stands in a profile or on a command line",
            next=f"give it in the environment: {DATABASE_PASSWORD_VARIABLE}=… airflow-wizard up …",
        )
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))
