"""What differs between two profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.options.values import format_value
from airflow_wizard.profile.resolve import order

if TYPE_CHECKING:
    from airflow_wizard.profile.model import Profile

UNSTATED = "(default)"


def diff(a: Profile, b: Profile) -> list[tuple[str, str, str]]:
    """(option, in ``a``, in ``b``) for everything that differs, in the order of declaration; names do not count."""
    rows = [] if a.target is b.target else [("target", str(a.target), str(b.target))]
    for name in order(list(dict.fromkeys([*a.given, *b.given]))):
        left, right = _shown(a, name), _shown(b, name)
        if left != right:
            rows.append((name, left, right))
    return rows


def _shown(profile: Profile, name: str) -> str:
    return format_value(profile.given[name]) if name in profile.given else UNSTATED
