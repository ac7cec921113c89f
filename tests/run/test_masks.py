"""No secret that is known, and nothing that looks like one, gets through; what helps to find a cause does."""

from __future__ import annotations

import base64
import json
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_wizard.run.masks import MASK, Masker

_PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_characters="•")
_SECRET = st.text(_PRINTABLE, min_size=8, max_size=40).filter(lambda s: len(set(s)) > 2)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(st.lists(_SECRET, min_size=1, max_size=4), _TEXT, _TEXT)
@example(["aaaaaab", "aaaaaabbbb"], "", "")
def test_a_known_secret_never_gets_through(secrets: list[str], before: str, after: str) -> None:
    masker = Masker(secrets)
    for secret in secrets:
        forms = [
            secret,
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            json.dumps({"x": secret}, ensure_ascii=False),
            f"redis://:{quote(secret)}@host",
            shlex.quote(secret.replace("'", "x")).replace("x", "'"),
        ]
        for form in forms:
            masked = masker.mask(before + form + after)
            assert all(one not in masked for one in secrets if one not in before + after)


@given(_SECRET, st.text(_PRINTABLE, max_size=7))
def test_base64_hides_it_nowhere(secret: str, user: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(f"{user}{secret}".encode()).decode()
        masked = Masker([secret]).mask(f"<{encoded}>")
        # What is left of it are the neighbours, and at most the few bits the secret shares a character with.
        assert len(masked.replace(MASK, "").strip("<>=")) <= len(user.encode()) * 4 / 3 + 5


@given(_SECRET, _TEXT)
def test_masking_twice_changes_nothing_more(secret: str, text: str) -> None:
    masker = Masker([secret])
    once = masker.mask(f"{text} password={secret} {text}")
    assert masker.mask(once) == once


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("postgresql://airflow:pa@ss:w@db:5432/airflow", f"postgresql://airflow:{MASK}@db:5432/airflow"),
        ("redis://:hunter2@redis:6379/0", f"redis://:{MASK}@redis:6379/0"),
        ("Authorization: Basic YWRtaW46cHc=", f"Authorization: Basic {MASK}"),
        ("'authorization': 'Bearer abc.def'", f"'authorization': 'Bearer {MASK}'"),
        ("got Bearer abcdefgh12345678", f"got Bearer {MASK}"),
        ("AIRFLOW__CORE__FERNET_KEY=short", f"AIRFLOW__CORE__FERNET_KEY={MASK}"),
        ("fernet_key = abc", f"fernet_key = {MASK}"),
        ('{"password": "a \\" b", "user": "x"}', f'{{"password": {MASK}, "user": "x"}}'),
        ("POSTGRES_PASSWORD: airflow", f"POSTGRES_PASSWORD: {MASK}"),
        ("AIRFLOW_CONN_DB='x y'", f"AIRFLOW_CONN_DB={MASK}"),
        ("airflow users create --password hunter2 -u a", f"airflow users create --password {MASK} -u a"),
        ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-x y", f"x {MASK} y"),
        ("key cFRRSXJhbmRvbWZlcm5ldGtleWZvcnRlc3RpbmcxMjM= x", f"key {MASK} x"),
        ("gAAAAABlkMvhXH0Wq1o0Zpd2ZB0b2VqF", MASK),
        (f"a ghp_{'x' * 36} b AKIA{'A' * 16} c", f"a {MASK} b {MASK} c"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----\nnext",
            f"-----BEGIN RSA PRIVATE KEY-----{MASK}-----END RSA PRIVATE KEY-----\nnext",
        ),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, left: str) -> None:
    assert Masker().mask(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:////home/me/airflow.db",
        "http://localhost:8080/api/v2/monitor/health",
        "POSTGRES_PASSWORD_FILE=/run/secrets/pw",
        "password = None",
        '"token": null, "x": 1',
        "FATAL: password authentication failed for user airflow",
        "apache-airflow==3.3.2 sha256:" + "ab" * 32,
        "[2026-11-21T09:40:57.123+0000] {scheduler_job_runner.py:1007} INFO - Starting the scheduler",
        "https://github.com/apache/airflow@main",
    ],
)
def test_what_helps_to_find_a_cause_stays(text: str) -> None:
    assert Masker().mask(text) == text


def test_short_values_are_not_looked_for() -> None:
    assert Masker(["admin", ""]).mask("the admin logs in") == "the admin logs in"


def test_a_longer_secret_goes_before_one_inside_it() -> None:
    assert Masker(["secret", "secret-and-more"]).mask("<secret-and-more>") == f"<{MASK}>"


def test_the_lines_of_a_long_secret_are_hidden_one_by_one() -> None:
    assert Masker(["line-one-x\nline-two-x"]).mask("got line-two-x") == f"got {MASK}"


def test_more_secrets_can_be_learned_and_none_is_shown() -> None:
    masker = Masker(["first-one"]).also(["second-one"])
    assert masker.mask("first-one second-one") == f"{MASK} {MASK}"
    assert "first" not in repr(masker)


LINES = [
    "password=hunter2-hunter2", "Authorization: Bearer abcdefgh", "postgresql://a:b@host", "https://host/path",
    "fernet_key = abc", "TaskInstanceKey(dag_id='x')", "eyJhbGciOiJI.eyJzdWIi.x", "xoxb-1234567890ab",
    "AKIAABCDEFGHIJKLMNOP", "gAAAAABabcdefghijklmnopqrst", "-----BEGIN RSA PRIVATE KEY-----", "\u0130 token=abcdef",
    "ghp_abcdefghijklmnopqrstuv", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=", "airflow_conn_db=x", "--token abc",
    "a line", "AIRFLOW_VAR_X='v'", "-----END RSA PRIVATE KEY-----", "glpat-abcdefghijklmnopqrstu", "private key",
]  # fmt: skip


@given(st.lists(st.text() | st.sampled_from(LINES), max_size=12), st.integers(0, 11), st.sampled_from(["%s", "x=%s y"]))
def test_many_lines_are_masked_as_each_of_them_would_be(texts: list[str], at: int, form: str) -> None:
    masker = Masker(["correct-horse-battery"])
    texts[at:at] = [form % "correct-horse-battery"]
    masked = masker.mask_all(texts)
    assert masked == [masker.mask(text) for text in texts]
    assert all(new is old for new, old in zip(masked, texts, strict=True) if new == old)
