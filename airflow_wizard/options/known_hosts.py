"""Keys that Git hosts are recognised by, as lines of ``known_hosts``."""

from __future__ import annotations

import base64
import binascii
import re
from types import MappingProxyType

# Published by the hosts themselves; the fingerprints were computed again from these lines:
#   github.com     SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU
#   gitlab.com     SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8
#   bitbucket.org  SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM
KNOWN = MappingProxyType(
    {
        host: f"{host} ssh-ed25519 {key}"
        for host, key in (
            ("github.com", "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"),
            ("gitlab.com", "AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf"),
            ("bitbucket.org", "AAAAC3NzaC1lZDI1NTE5AAAAIIazEu89wgQZ4bqs3d63QSMzYVa0MuJ2e2gKTKqu+UUO"),
        )
    }
)
# Withdrawn by GitHub on 2023-03-24 after its private half had been published; many tutorials still show it.
_REVOKED = "AAAAB3NzaC1yc2EAAAABIwAAAQEAq2A7hRGm"
_LINE = re.compile(r"[A-Za-z0-9.,:\[\]*?_-]+ (ssh-[a-z0-9-]+|ecdsa-sha2-[a-z0-9-]+) ([A-Za-z0-9+/]+={0,2})( \S.*)?")


def host_of(repo: str) -> str:
    """The host of a repository's address; empty when it has none."""
    found = re.match(r"(?:[a-z]+://)?(?:[^/@:]+@)?([A-Za-z0-9.-]+)", repo)
    return found[1].lower() if found else ""


def refuse(line: str) -> str:
    """What is wrong with a line of known_hosts; empty for one that can be used."""
    found = _LINE.fullmatch(line)
    if found is None:
        return "is not a line of known_hosts: HOST TYPE KEY, for example as ssh-keyscan prints it"
    if found[2].startswith(_REVOKED):
        return "is the key GitHub withdrew in 2023: whoever has its private half can pretend to be GitHub"
    try:
        blob = base64.b64decode(found[2], validate=True)
    except (binascii.Error, ValueError):
        return "has a key that is cut off"
    # The blob begins with its own type, after four bytes of length.
    return "" if blob[4:].startswith(found[1].encode()) else f"has a key that is none of type {found[1]}"
