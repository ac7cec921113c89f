"""Rules that several options share. Each returns what is wrong with a value, or an empty string."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.finding import Answer
    from airflow_wizard.options.model import Situation

    Rule: TypeAlias = Callable[[Answer, Situation], str]

TEXT_LIMIT = 1024
# RFC 1123 label: what Kubernetes accepts as a name.
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
# RFC 1123 subdomain: what Kubernetes accepts as an Ingress host (a leading wildcard label is allowed there).
_HOST = re.compile(r"(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
# Reference grammar of the OCI distribution specification: [host[:port]/]path[:tag][@digest].
_IMAGE = re.compile(
    r"(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\d{1,5})?/)?"
    r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
    re.ASCII,
)


def invisible(text: str) -> str:
    """What is wrong when a text has characters nobody sees (control, bidirectional, lone surrogates)."""
    bad = next((c for c in text if not c.isprintable()), "")
    return f"contains the invisible character U+{ord(bad):04X}" if bad else ""


def needed(rule: Rule, what: str) -> Rule:
    """``rule``, and a value must be there; ``what`` completes "needs …"."""

    def check(value: Answer, situation: Situation) -> str:
        return f"needs {what}" if value is None else rule(value, situation)

    return check


def optional(rule: Callable[[str], str]) -> Rule:
    """A rule for text, when there is one."""

    def check(value: Answer, _: Situation) -> str:
        return rule(value) if isinstance(value, str) else ""

    return check


def between(low: int, high: int, why: str = "") -> Rule:
    """A whole number from ``low`` to ``high``."""

    def check(value: Answer, _: Situation) -> str:
        if isinstance(value, int) and low <= value <= high:
            return ""
        return f"must be from {low} to {high}" + (f": {why}" if why else "")

    return check


def address(text: str) -> str:
    """An IP address to listen on."""
    import ipaddress

    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        hint = "127.0.0.1 for this machine only" if text == "localhost" else "for example 127.0.0.1 or 0.0.0.0"
        return f"is not an IP address; {hint}"
    if parsed.is_multicast or getattr(parsed, "scope_id", None):
        return "is not an address a program can listen on"
    return ""


def label(text: str) -> str:
    """A Kubernetes name."""
    return "" if _LABEL.fullmatch(text) else "must be lower-case letters, digits and dashes, at most 63 characters"


def host_name(text: str) -> str:
    """A host name for an Ingress."""
    if "://" in text or "/" in text or ":" in text:
        return "must be a host name alone, without scheme, port or path"
    return "" if len(text) <= 253 and _HOST.fullmatch(text) else "is not a host name"


def image(text: str) -> str:
    """A container image reference."""
    if "://" in text:
        return "must not have a scheme; for example apache/airflow:3.3.2"
    return "" if _IMAGE.fullmatch(text) else "is not an image reference; for example apache/airflow:3.3.2"


def url_path(text: str) -> str:
    """A path a web page lives under."""
    if not text.startswith("/"):
        return "must begin with a slash"
    return "" if re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", text, re.ASCII) else "must be letters, digits, . _ ~ - and /"


def time_zone(text: str) -> str:
    """A name of the IANA time zone database; only the form is judged where that database is not installed."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", text, re.ASCII):
        return "is not a time zone name; for example UTC or Europe/Berlin"
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return "is not a known time zone; for example UTC or Europe/Berlin" if available_timezones() else ""
    return ""


def path(text: str) -> str:
    """A path in a file system; whether it exists is a question for a host check."""
    if len(text.encode("utf-8", "surrogateescape")) > 4095:
        return "is longer than a path can be"
    return "must be a path on this machine, not an address" if "://" in text else ""
