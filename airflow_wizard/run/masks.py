"""Taking secrets out of text before it is stored or shown: the ones we know, then what looks like one."""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK = "••••••"

# Shorter ones would hide ordinary words; the wizard itself never makes a secret this short.
SHORTEST = 6

_NAMES = (
    r"password|passwd|passphrase|secret|token|credentials?|api[_-]?key|fernet[_-]?key|secret[_-]?key"
    r"|private[_-]?key|access[_-]?key|client[_-]?key(?:[_-]data)?|airflow_(?:conn|var)_\w+"
)
_VALUE = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\S+"""

# Each: words of which one must be in the lower-cased text for the pattern to be worth trying, then the pattern,
# which names what stays around the mask as groups 1 and 2. Prefixes of names are not matched (that would make the
# search slow), so AIRFLOW__CORE__FERNET_KEY is found by its end.
_SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    # postgresql://airflow:PASSWORD@host; greedy, because an unquoted password may hold an @ of its own.
    (("://",), re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@'\"]*:)[^\s/'\"]+(@)", re.IGNORECASE)),
    (
        ("authorization",),
        re.compile(
            r"(authorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|token|digest)\s+)?)[^\s\"']+()", re.IGNORECASE
        ),
    ),
    (("bearer", "basic"), re.compile(r"(\b(?:bearer|basic)\s+)[a-z0-9._~+/-]{8,}={0,2}()", re.IGNORECASE)),
    (
        ("passw", "passphrase", "secret", "token", "credential", "key", "airflow_conn", "airflow_var"),
        re.compile(
            rf"((?:{_NAMES})[\"']?\s*[=:]\s*)"
            rf"(?!(?:none|null|true|false)(?:[\s,;}}\])\"']|$))(?:{_VALUE})()",
            re.IGNORECASE,
        ),
    ),
    (
        ("password", "passwd", "secret", "token"),
        re.compile(rf"(\s--?[a-z-]{{0,30}}(?:password|passwd|secret|token)\s+)(?!-)(?:{_VALUE})()", re.IGNORECASE),
    ),
    (
        ("private key",),
        re.compile(
            r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----).*?(-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", re.DOTALL
        ),
    ),
    (("eyj",), re.compile(r"(\b)eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?()")),  # a JWT
    # A Fernet key: 32 bytes, URL-safe base64; and what it encrypted.
    (("=",), re.compile(r"((?<![\w=-]))[\w-]{43}=((?![\w=-]))", re.ASCII)),
    (("gaaaaa",), re.compile(r"(\b)gAAAAA[\w-]{20,}={0,2}()", re.ASCII)),
    # Tokens of GitHub, GitLab and Slack, keys of AWS and Google.
    (("gh", "glpat-"), re.compile(r"(\b)(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,})()", re.ASCII)),
    (("xox",), re.compile(r"(\b)xox[abprs]-[\w-]{10,}()", re.ASCII)),
    (("akia", "asia", "aiza"), re.compile(r"(\b)(?:A(?:KI|SI)A[0-9A-Z]{16}|AIza[\w-]{35})()", re.ASCII)),
)
# A line in which, in lower case, none of these is found has nothing that is worth looking at closer. The first
# letters are few, and stand once: that is what makes it fast.
_SIGN = re.compile(
    r"p(?:assw|assphrase|rivate key)|secret|token|credential|b(?:earer|asic)|eyj"
    r"|a(?:irflow_(?:conn|var)|uthorization|kia|sia|iza)|g(?:aaaaa|h[pousr]_|ithub_pat_|lpat-)|xox[abprs]"
)
_SIGN_SHAPES = (
    ("key", re.compile(r"(?:api|fernet|secret|private|access|client)[_-]?key")),
    ("://", re.compile(r"://[^\s/:@'\"]*:[^\s/'\"]+@")),
    ("=", re.compile(r"=(?<=[\w-]{43}=)", re.ASCII)),
)
_KEPT = rf"\g<1>{MASK}\g<2>"


class Masker:
    """Hides secrets. Cheap to call for every line; safe to share between threads.

    Args:
        secrets: values that must never be seen. Those shorter than `SHORTEST` are not looked for.
    """

    __slots__ = ("_forms", "_known", "_secrets")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset(s for s in secrets if len(s) >= SHORTEST)
        forms = {form for secret in self._secrets for form in _forms(secret)}
        # Longest first, so that a secret that is part of another does not leave the rest of the other.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        self._forms = tuple(ordered)

    def also(self, secrets: Iterable[str]) -> Masker:
        """A masker that hides these as well."""
        return Masker(self._secrets.union(secrets))

    def mask(self, text: str) -> str:
        """``text`` with every secret replaced by `MASK`; masking twice changes nothing more."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        lower = text.lower()
        for hints, shape in _SHAPES:
            if any(hint in lower for hint in hints):
                text = shape.sub(_KEPT, text)
        return text

    def mask_all(self, texts: list[str]) -> list[str]:
        """Each of many lines as `mask` would have it; one that holds nothing secret stays the same object.

        Most lines hold nothing: all of them are looked through at once, and only those with a sign one by one.
        """
        whole = "\n".join(texts)
        lower = whole.lower()
        if len(lower) != len(whole):  # some letters change their length with their case; then places do not match
            return [self.mask(text) for text in texts]
        places = [at for form in self._forms if form in whole for at in _finds(whole, form)]
        places += [m.start() for m in _SIGN.finditer(lower)]
        places += [m.start() for sign, shape in _SIGN_SHAPES if sign in lower for m in shape.finditer(lower)]
        if not places:
            return texts
        ends = list(accumulate(len(text) + 1 for text in texts))
        found = list(texts)
        for number in {bisect_right(ends, at) for at in places}:
            masked = self.mask(texts[number])
            if masked != texts[number]:
                found[number] = masked
        return found

    def __repr__(self) -> str:
        return f"Masker({len(self._secrets)} secrets)"


def _finds(text: str, sign: str) -> Iterator[int]:
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + len(sign))


def _forms(secret: str) -> Iterator[str]:
    """The ways a secret is written down: as it is, in a URL, in JSON, in Python, in base64."""
    yield secret
    if "\n" in secret:  # logs are masked line by line
        yield from (line for line in secret.splitlines() if len(line) >= SHORTEST)
    for quoted in (quote(secret, safe="", errors="replace"), quote(secret, errors="replace")):
        yield quoted
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)
    yield quote_plus(secret, errors="replace")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    data = secret.encode("utf-8", "replace")
    for before in range(3):
        # The characters at either end also depend on the neighbours (``user:`` in front of it); they are left out.
        standard = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        inner = standard[(0, 2, 3)[before] : len(standard) - (1 if (before + len(data)) % 3 else 0)]
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
