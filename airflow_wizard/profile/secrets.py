"""Profiles are safe to commit: what looks like a secret is refused, and never repeated in the message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError

if TYPE_CHECKING:
    from airflow_wizard.options.model import Option

_KEY = re.compile(r"passw(or)?d|secret|token|fernet|credential|private_?key|api_?key|access_?key", re.IGNORECASE)
# A scheme with user:password@, PEM blocks, and the published prefixes of tokens (GitHub, GitLab, Slack, AWS, JWT).
_VALUE = re.compile(
    r"://[^/\s@]*:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[pousr]_[A-Za-z0-9]{20}|\bgithub_pat_[A-Za-z0-9_]{20}"
    r"|\bglpat-[A-Za-z0-9_-]{16}|\bxox[abprs]-[A-Za-z0-9-]{10}|\bAKIA[0-9A-Z]{16}\b|\beyJ[A-Za-z0-9_-]{10,}\.eyJ"
    r"|[?&](password|passwd|token|secret)=",
)


def variable(option: Option) -> str:
    """The environment variable a secret option is read from."""
    return f"AIRFLOW_WIZARD_{option.name.upper()}"


def refuse_secret_option(option: Option, *, where: str) -> None:
    """Refuses a secret option wherever it would be kept or seen.

    Raises:
        InvalidError: the option is a secret one.
    """
    if option.secret:
        raise InvalidError(
            f"{option.name} is a secret and cannot be given {where}",
            why="profiles are committed, and command lines are seen by every user of the machine",
            next=f"export {variable(option)} before the command",
            key=option.name,
        )


def looks_secret(key: str) -> bool:
    """Whether a key is named like a secret."""
    return _KEY.search(key) is not None


def refuse_secret_value(key: str, texts: tuple[str, ...]) -> None:
    """Refuses values that look like a password or a token.

    Raises:
        InvalidError: one does; it is not repeated.
    """
    if any(_VALUE.search(text) for text in texts):
        raise InvalidError(
            f"{key} holds what looks like a password or a token",
            why="profiles are committed, and command lines are seen by every user of the machine",
            next=f"take it out of {key}; secrets are given in the environment or generated",
            key=key,
        )


def unknown_secret(key: str) -> InvalidError:
    """The error for an unknown key that is named like a secret."""
    return InvalidError(
        f"{key} is not an option, and a profile holds no secret",
        why="passwords and keys are generated per stack and kept in files only you can read",
        next="remove the line; all options: airflow-wizard options",
        key=key,
    )
