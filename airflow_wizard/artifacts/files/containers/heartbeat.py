"""Health of a component that has no health page: exit 0 when it beats. Written by airflow-wizard.

`airflow jobs check` and `celery inspect` on Airflow's own app ask the same, but import Airflow first: on two busy
cores that takes longer than the check may last.
"""

from __future__ import annotations

import os
import socket
import sys

import database  # type: ignore[import-not-found]  # beside this file

# Components write their heartbeat every five seconds by default.
FRESH = "60 seconds"
# Airflow writes a host's full name, which in a cluster is longer than what the host calls itself.
_BEATS = (
    "SELECT 1 FROM job WHERE job_type = %s AND state = 'running' AND split_part(hostname, '.', 1) = %s "
    "AND latest_heartbeat > now() - CAST(%s AS interval)"
)


def job_beats(kind: str) -> bool:
    """Whether a job of this container wrote a fresh heartbeat."""
    return bool(database.found(_BEATS, kind, socket.gethostname().partition(".")[0], FRESH))


def worker_answers() -> bool:
    """Whether this container's Celery worker answers a ping over the broker."""
    from celery import Celery  # type: ignore[import-not-found]

    app = Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"])
    return bool(app.control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=5))


if __name__ == "__main__":
    asked = sys.argv[1]
    sys.exit(0 if (worker_answers() if asked == "worker" else job_beats(asked)) else 1)
