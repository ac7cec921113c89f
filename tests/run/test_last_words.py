"""The lines a person needs are kept, the walk through somebody's source code is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.run.last_words import last_words

TRACEBACK = """\
Traceback (most recent call last):
  File "/venv/lib/python3.13/site-packages/sqlalchemy/pool/base.py", line 947, in __connect
    with util.safe_reraise():
         ~~~~~~~~~~~~~~~~~^^
psycopg2.OperationalError: connection to server at "127.0.0.1", port 15432 failed: Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/venv/bin/airflow", line 10, in <module>
    sys.exit(main())
sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection refused
(Background on this error at: https://sqlalche.me/e/20/e3q8)
"""


def test_a_traceback_is_reduced_to_its_errors() -> None:
    assert last_words(TRACEBACK.splitlines()) == (
        'psycopg2.OperationalError: connection to server at "127.0.0.1", port 15432 failed: Connection refused',
        "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection refused",
        "(Background on this error at: https://sqlalche.me/e/20/e3q8)",
    )


def test_warnings_do_not_bury_the_reason() -> None:
    lines = ["x.py:22 RemovedInAirflow3Warning: Timer metrics", "Standalone DagProcessor is not supported."]
    assert last_words(lines) == ("Standalone DagProcessor is not supported.",)


def test_when_everything_looks_like_noise_it_is_shown_all_the_same() -> None:
    assert last_words(["    only code", "   "]) == ("only code",)


@given(st.lists(st.text()), st.integers(1, 20))
def test_never_more_than_asked_and_never_a_control_character(lines: list[str], most: int) -> None:
    words = last_words(lines, most)
    assert len(words) <= most
    assert not any(control in word for word in words for control in "\x1b\n\r\x9b\x00")
