#!/bin/sh
# Opens the wizard. Without a terminal nobody can answer, so the shipped standalone profile is launched to proven.
set -eu
cd "$(dirname "$0")/.."
if [ $# -gt 0 ] || { [ -t 0 ] && [ -t 1 ]; }; then
    exec .venv/bin/airflow-wizard "$@"
fi
echo "  no terminal: airflow-wizard up --profile standalone-quickstart --json --yes" >&2
exec .venv/bin/airflow-wizard up --profile standalone-quickstart --json --yes
