"""Why a cluster cannot be asked, told from the words of kubectl, of Go's network library and of the API server."""

from __future__ import annotations

import re

# In this order: a plug-in that is missing is also one that failed.
_WORDS: tuple[tuple[str, str], ...] = (
    ("kubectl_missing", r"kubectl: (?:command )?not found|No such file or directory.*kubectl"),
    (
        "no_context",
        r"(?:context|cluster|auth info) .* does not exist|no context exists|cannot locate context",
    ),
    (
        "bad_kubeconfig",
        (
            r"error loading config file|invalid configuration|couldn't get version/kind|unable to (?:read|load|parse) "
            r"|(?:tls|x509): (?:failed to find|malformed)|cannot locate |error converting YAML|stat .*: no such file"
        ),
    ),
    ("plugin_missing", r"executable \S+ not found"),
    ("plugin_failed", r"getting credentials:|exec plugin"),
    ("certificate_expired", r"certificate has expired or is not yet valid|certificate is not valid"),
    ("unknown_authority", r"certificate signed by unknown authority|certificate is not trusted"),
    ("wrong_name", r"certificate is valid for|doesn't contain any (?:IP )?SANs|is not valid for any names"),
    ("proxy", r"proxyconnect|Proxy Authentication Required"),
    ("dns", r"no such host|server misbehaving|name resolution|lookup .* (?:i/o timeout|on )"),
    ("refused", r"connection refused|connection reset|actively refused"),
    ("no_route", r"no route to host|network is unreachable|host is down"),
    ("timeout", r"i/o timeout|no answer within|deadline exceeded|handshake timeout|timed out"),
    (
        "not_kubernetes",
        r"does not speak Kubernetes|malformed HTTP|server gave HTTP response|first record does not look",
    ),
)
_PLUGIN = re.compile(r"executable (\S+) (?:not found|failed)")
_STATUSES = {401: "unauthorized", 403: "forbidden"}


def kind_of(words: str, status: int | None = None) -> str:
    """The kind of a fault: ``refused``, ``dns``, ``timeout``, ``certificate_expired``, …; ``other`` for the rest.

    Args:
        words: what was said.
        status: HTTP status of the API server's refusal; None when it was not reached.
    """
    if status is not None:
        return _STATUSES.get(status, "other")
    return next((kind for kind, pattern in _WORDS if re.search(pattern, words, re.IGNORECASE)), "other")


def plugin_in(words: str) -> str:
    """Name of the sign-in program that kubectl complains about; empty for none."""
    found = _PLUGIN.search(words)
    return found[1] if found else ""
