"""From nothing to an Apache Airflow that has proved it can run a task."""

__version__ = "0.1.0"
