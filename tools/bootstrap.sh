#!/bin/sh
# Makes .venv from the locks: `sh tools/bootstrap.sh run|dev`. Needs python3 >= 3.11 with venv, nothing else.
# A second call compares a few lines of text and returns at once.
set -eu
cd "$(dirname "$0")/.."
want=${1:-dev}
case $want in
    run) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) echo "usage: sh tools/bootstrap.sh run|dev" >&2; exit 2 ;;
esac

say() { printf '  %s\n' "$*" >&2; }
fail() { # what, why, next
    printf '\n  ✖ %s\n    Why:  %s\n    Next: %s\n\n' "$1" "$2" "$3" >&2
    exit 1
}

# What the environment was made from. The folder is part of it: a moved or copied venv has wrong paths inside.
key() { printf '%s\n' "$PWD"; cksum "$1" pyproject.toml hatch_build.py tools/bootstrap.sh; }
made() { [ -x .venv/bin/python ] && [ -f ".venv/made-$1" ] && [ "$(key "$2")" = "$(cat ".venv/made-$1")" ]; }
ready() {
    made dev requirements-dev.lock && return 0
    [ "$want" = run ] && made run requirements.lock
}
ready && exit 0

# One maker at a time; a lock whose owner is gone is taken over.
tries=0
until mkdir .venv.lock 2>/dev/null; do
    tries=$((tries + 1))
    # Gone again between the two looks is no failure; not there three times is a folder that cannot be written.
    if ! [ -d .venv.lock ] && [ "$tries" -gt 2 ]; then
        fail "nothing can be written into $PWD" "everything is installed into .venv in this folder" \
            "see why: mkdir .venv.lock (whose folder is it? disk full?), or clone into a folder of your own"
    fi
    owner=$(cat .venv.lock/pid 2>/dev/null || true)
    if [ -n "$owner" ]; then
        if ! kill -0 "$owner" 2>/dev/null && ! [ -d "/proc/$owner" ]; then rm -rf .venv.lock; continue; fi
    elif [ "$tries" -gt 5 ]; then
        rm -rf .venv.lock
    fi
    if [ -d .venv.lock ] && [ "$tries" -eq 1 ]; then say "another make prepares .venv; waiting for it"; fi
    sleep 1
done
echo $$ > .venv.lock/pid
trap 'rm -rf .venv.lock' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
ready && exit 0

python=
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    found=$(python3 --version 2>/dev/null || echo "no python3")
    fail "Python 3.11 or newer was not found (found: $found)" "the wizard is written for 3.11+" \
        "install it (Debian 12+, Ubuntu 24.04+: apt-get install python3 python3-venv), or: make PYTHON=/path/to/python3"
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$("$python" --version) has no venv module" \
    "everything is installed into .venv in this folder, nothing into the system" \
    "apt-get install python3-venv (as root, or with sudo), then the same make command again"

log=.venv/install.log
rebuild() { rm -rf .venv; "$python" -m venv .venv >/dev/null 2>&1; }
if ! [ -f .venv/folder ] || [ "$(cat .venv/folder)" != "$PWD" ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    say "making .venv with $("$python" --version)"
    rebuild || fail "$python -m venv .venv failed" "everything is installed into .venv in this folder" \
        "see why: $python -m venv .venv (folder writable? disk full?)"
    printf '%s\n' "$PWD" > .venv/folder
fi
rm -f .venv/made-run .venv/made-dev

offline() {
    tail -n 8 "$log" >&2
    fail "$1" "the packages come from PyPI or from the mirror that pip is set up for (whole log: $log)" \
        "check the network or proxy (HTTPS_PROXY), then the same make command again"
}

# uv alone by pip, held to the same hashes; then uv does the rest, ten times faster.
awk '/^[^ ]/ { on = /^uv==/ } on' "$lock" > .venv/uv.txt
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$(sed -n 's/^uv==\([^ ;]*\).*/\1/p' .venv/uv.txt)" ]; then
    say "installing uv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 2 --no-deps --require-hashes -r .venv/uv.txt \
        >"$log" 2>&1 || offline "uv could not be installed"
fi

# uv does not read pip's configuration; a machine behind a mirror usually has it only there.
setting() { .venv/bin/python -m pip config get "$1" 2>/dev/null || true; }
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    index=${PIP_INDEX_URL:-$(setting global.index-url)}
    if [ -n "$index" ]; then UV_DEFAULT_INDEX=$index; export UV_DEFAULT_INDEX; fi
fi
if [ -z "${SSL_CERT_FILE:-}" ]; then
    cert=${PIP_CERT:-$(setting global.cert)}
    if [ -n "$cert" ]; then SSL_CERT_FILE=$cert; export SSL_CERT_FILE; fi
fi

VIRTUAL_ENV=$PWD/.venv
export VIRTUAL_ENV
say "installing $(grep -c '^[a-z].*==' "$lock") locked packages ($lock)"
# Compiled here once: some environments forbid Python to do it later, and every start would pay.
.venv/bin/uv pip install --quiet --compile-bytecode --require-hashes --python .venv/bin/python -r "$lock" >"$log" 2>&1 \
    || offline "the locked packages could not be installed"
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --python .venv/bin/python -e . >"$log" 2>&1 \
    || offline "airflow-wizard itself could not be installed into .venv"
.venv/bin/python -m compileall -q airflow_wizard || true # only speed is lost in a folder that cannot be written
key "$lock" > ".venv/made-$want"
say "ready"
