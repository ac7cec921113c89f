"""The DAG that proves a stack: one task, one line of log that nobody else can have written."""

from __future__ import annotations

SMOKE_PREFIX = "airflow_wizard_smoke_"


def smoke_marker(dag_id: str) -> str:
    """The line its task writes."""
    return f"airflow-wizard smoke test {dag_id} ran"


def smoke_dag(dag_id: str, *, airflow3: bool) -> str:
    """Text of the DAG file. Unpaused on creation, never scheduled: only the proof triggers it."""
    module = "airflow.sdk" if airflow3 else "airflow.decorators"
    return f'''\
"""Written by airflow-wizard to see that this Airflow runs tasks; removed after the proof."""

from datetime import datetime

from {module} import dag, task


@dag(
    dag_id="{dag_id}",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    is_paused_upon_creation=False,
    tags=["airflow-wizard"],
)
def smoke():
    @task(retries=0)
    def say():
        print("{smoke_marker(dag_id)}")

    say()


smoke()
'''
