#!/bin/sh
# Every check there is, one after the other; one that fails does not hide the next. Ends with what did not run, and why.
set -u
cd "$(dirname "$0")/.." || exit 1
bin=.venv/bin
paths="airflow_wizard tests tools hatch_build.py"
if [ -d screenshots ]; then paths="$paths screenshots"; fi
NOT_RUN_FILE=$(mktemp) || exit 1
export NOT_RUN_FILE
report=$(mktemp) || exit 1
trap 'rm -f "$NOT_RUN_FILE" "$report"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
failed=0

stage() { # name, command...
    name=$1
    shift
    printf '\n── %s ── %s\n' "$name" "$*"
    started=$(date +%s)
    if "$@"; then verdict=ok; else verdict="FAILED (exit $?)"; failed=1; fi
    printf '  %-8s %4d s  %s\n' "$name" $(($(date +%s) - started)) "$verdict" >>"$report"
}

# shellcheck disable=SC2086 # a list of words
stage ruff $bin/ruff check $paths
# shellcheck disable=SC2086
stage format $bin/ruff format --check $paths
stage mypy $bin/mypy
stage imports $bin/lint-imports
# A few of them wait for real processes, so one more worker than cores keeps the cores busy.
stage unit $bin/pytest -q --dist worksteal -n "$(($($bin/python -c 'import os; print(os.cpu_count() or 1)') + 1))"
# One at a time: each Airflow wants memory and a few processes of its own. The long ones are left to `make e2e`, and counted.
stage e2e $bin/pytest -q -m "e2e and not long" --timeout 1800
long=$($bin/pytest -q --collect-only -m "e2e and long" 2>/dev/null | grep -c '::')

printf '\n══ make test ══\n'
cat "$report"
if [ -s "$NOT_RUN_FILE" ]; then
    printf '\n  NOT RUN: %s test(s)\n' "$(grep -c '' "$NOT_RUN_FILE")"
    sed 's/^/    - /' "$NOT_RUN_FILE"
else
    printf '\n  nothing was skipped\n'
fi
printf '  left to make e2e: %s long end-to-end tests\n' "$long"
if [ "$failed" -eq 0 ]; then printf '\n  ✔ all passed\n'; else printf '\n  ✖ something failed, see above\n'; fi
exit "$failed"
