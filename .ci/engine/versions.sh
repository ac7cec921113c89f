# shellcheck shell=bash disable=SC2034 # read by the scripts beside it
# What is brought where a machine has none, and where it is kept: CI_CACHE may be thrown away at any time.
CI_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/airflow-wizard-ci
SUITE=trixie
MOBY=2.0.0-beta.24
CONTAINERD=2.4.2
RUNC=1.5.2
COMPOSE_NEWEST=5.5.0
