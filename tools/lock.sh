#!/bin/sh
# Renews the locks: plain text, with hashes, for every system, and without the address of any index.
set -eu
cd "$(dirname "$0")/.."
upgrade=${UPGRADE:+--upgrade}
for group in build dev; do
    case $group in
        build) lock=requirements.lock; groups="--group build" ;;
        dev) lock=requirements-dev.lock; groups="--group build --group dev" ;;
    esac
    # shellcheck disable=SC2086 # both are lists of words
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --no-header $upgrade $groups pyproject.toml -o "$lock"
    if grep -n '://\|--index\|--find-links' "$lock" >&2; then
        echo "$lock names an address; it must not" >&2
        exit 1
    fi
done
