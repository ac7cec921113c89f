"""What docker-py raises, as it is told to people."""

from __future__ import annotations

import pytest
from docker.errors import APIError, DockerException
from requests.exceptions import ChunkedEncodingError, ReadTimeout
from requests.exceptions import ConnectionError as NoConnectionError
from urllib3.exceptions import ProtocolError

from airflow_wizard.engines.containers import said
from airflow_wizard.errors import EngineUnreachableError


def aborted(reason: Exception) -> NoConnectionError:
    """As requests has it, of a socket that is gone in the middle of a conversation."""
    return NoConnectionError(ProtocolError("Connection aborted.", reason))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (aborted(FileNotFoundError(2, "No such file or directory")), "is away: nothing answers there"),
        (aborted(ConnectionRefusedError(111, "Connection refused")), "is away: nothing answers there"),
        (aborted(PermissionError(13, "Permission denied")), "is away: this user may not talk to it"),
        (aborted(ConnectionResetError(104, "Connection reset by peer")), "is away: the connection was lost"),
        (ChunkedEncodingError(ProtocolError("Connection broken: IncompleteRead(0 bytes read)")), "connection was lost"),
        (ReadTimeout("UnixHTTPConnectionPool(host='localhost', port=None): Read timed out."), "not answer in time"),
        (APIError("500 Server Error", explanation="no space left on device"), "refused: 500 Server Error"),
        (DockerException("cannot be parsed"), "refused: cannot be parsed"),
    ],
)
def test_nobody_reads_the_repr_of_an_exception(error: Exception, words: str) -> None:
    with pytest.raises(EngineUnreachableError, match=words) as told, said():
        raise error
    assert "Error(" not in told.value.what


def test_an_error_that_was_made_of_itself_ends() -> None:
    error = NoConnectionError("round")
    error.__cause__ = error
    with pytest.raises(EngineUnreachableError, match="the connection was lost"), said():
        raise error
