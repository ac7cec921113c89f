#!/usr/bin/env bash
# What happens before a command of the image: the contract of Airflow's own images, as their documentation describes it.
#   waits for the database, and for Celery's broker  CONNECTION_CHECK_MAX_COUNT (20), CONNECTION_CHECK_SLEEP_TIME (3 s)
#   migrates, makes a login                          _AIRFLOW_DB_MIGRATE, _AIRFLOW_WWW_USER_CREATE, _AIRFLOW_WWW_USER_*
#   installs packages                                _PIP_ADDITIONAL_REQUIREMENTS
# Then: bash …, python …, airflow …, or a command of airflow by itself.
set -euo pipefail
tries=${CONNECTION_CHECK_MAX_COUNT:-20}
pause=${CONNECTION_CHECK_SLEEP_TIME:-3}

say() { printf '%s\n' "$@" >&2; }

if [ "$(id -g)" != 0 ]; then
  started="You started the image with UID=$(id -u) and GID=$(id -g); an arbitrary UID works only with group 0."
  if [ "$(id -u)" != 50000 ]; then
    say "ERROR! You should run the image with GID=0" "$started"
    exit 1
  fi
  say "WARNING! You should run the image with GID=0, even as the user airflow" "$started"
fi
umask 0002
if ! whoami >/dev/null 2>&1; then
  # A user id that was made up for this container: given a name, because programs ask for it.
  [ ! -w /etc/passwd ] || echo "default:x:$(id -u):0:default user:$AIRFLOW_USER_HOME_DIR:/sbin/nologin" >>/etc/passwd
  export HOME=$AIRFLOW_USER_HOME_DIR
fi

since() { [ "$(printf '%s\n' "$1" "$AIRFLOW_VERSION" | sort -V | head -n 1)" = "$1" ]; }

insist() { # COMMAND...
  local left=$tries answer
  until answer=$("$@" 2>&1); do
    printf .
    left=$((left - 1))
    if [ "$left" -le 0 ]; then
      printf '\nERROR! Maximum number of retries (%s) reached.\n\nLast check result:\n$ %s\n%s\n\n' "$tries" "$*" "$answer"
      exit 1
    fi
    sleep "$pause"
  done
  echo
}

reachable() { # HOST PORT
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"
}

wait_for_broker() {
  [ "$(airflow config get-value core executor)" = CeleryExecutor ] || return 0
  local address
  # shellcheck disable=SC2016 # Python's, not the shell's
  address=$(airflow config get-value celery broker_url | python -c '
import sys
from urllib.parse import urlsplit
url = urlsplit(sys.stdin.read().strip())
ports = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
print(url.hostname or "localhost", url.port or ports.get(url.scheme, ""))')
  case $address in
    *' ') say "The port of the broker is not known; it is not waited for." ;;
    # shellcheck disable=SC2086 # two words
    *) insist reachable $address ;;
  esac
}

make_login() {
  local password
  if since 3.0.0 && [[ $(airflow config get-value core auth_manager) != *FabAuthManager* ]]; then
    say "Skipping user creation as auth manager different from Fab is used"
    return 0
  fi
  if [ -n "${_AIRFLOW_WWW_USER_PASSWORD_CMD:-}" ]; then
    password=$(eval "$_AIRFLOW_WWW_USER_PASSWORD_CMD")
  else
    password=${_AIRFLOW_WWW_USER_PASSWORD:-}
  fi
  if [ -z "$password" ]; then
    say "ERROR! Airflow Admin password not set via _AIRFLOW_WWW_USER_PASSWORD or _AIRFLOW_WWW_USER_PASSWORD_CMD variables!"
    exit 1
  fi
  unset _AIRFLOW_WWW_USER_PASSWORD _AIRFLOW_WWW_USER_PASSWORD_CMD
  airflow users create --username "${_AIRFLOW_WWW_USER_USERNAME:-admin}" --firstname "${_AIRFLOW_WWW_USER_FIRSTNAME:-Airflow}" \
    --lastname "${_AIRFLOW_WWW_USER_LASTNAME:-Admin}" --email "${_AIRFLOW_WWW_USER_EMAIL:-airflowadmin@example.com}" \
    --role "${_AIRFLOW_WWW_USER_ROLE:-Admin}" --password "$password" || true # as it is there: a failure is not told by the exit
}

install_more() {
  say "Installing additional requirements: '$_PIP_ADDITIONAL_REQUIREMENTS'" \
    "WARNING: This is a development/test feature only. NEVER use it in production!"
  # shellcheck disable=SC2086 # a list of words
  pip install --root-user-action ignore --no-cache-dir "apache-airflow==$AIRFLOW_VERSION" $_PIP_ADDITIONAL_REQUIREMENTS
}

command=${1:-}
[ "$command" != airflow ] || command=${2:-}
if [ "$tries" -gt 0 ]; then
  # Newer images wait only where a database is needed at once.
  if ! since 3.3.0 || [[ $command =~ ^(scheduler|dag-processor|triggerer|api-server)$ ]]; then insist airflow db check; fi
fi
[ -z "${_AIRFLOW_DB_MIGRATE:-}${_AIRFLOW_DB_UPGRADE:-}" ] || airflow db migrate || true # as it is there
[ -z "${_AIRFLOW_WWW_USER_CREATE:-}" ] || make_login
[ -z "${_PIP_ADDITIONAL_REQUIREMENTS:-}" ] || install_more

case ${1:-} in
  bash | python) exec "$@" ;;
  airflow) shift ;;
esac
if [[ $command =~ ^(scheduler|celery)$ ]] && [ "$tries" -gt 0 ]; then wait_for_broker; fi
exec airflow "$@"
