#!/bin/bash
# What the chart runs beside each component: removes logs that are older than AIRFLOW__LOG_RETENTION_DAYS.
set -eu
folder=${AIRFLOW_HOME:-/opt/airflow}/logs
days=${AIRFLOW__LOG_RETENTION_DAYS:-15}
trap 'exit 0' TERM INT
while :; do
  find "$folder" -type f -mtime "+$days" -name '*.log' -delete 2>/dev/null || true
  find "$folder" -mindepth 1 -type d -empty -delete 2>/dev/null || true
  sleep $((${AIRFLOW__LOG_CLEANUP_FREQUENCY_MINUTES:-15} * 60)) & wait $!
done
