"""The supervisor of one Airflow stack. Part of the stack; standard library only, Python 3.9 or newer."""
