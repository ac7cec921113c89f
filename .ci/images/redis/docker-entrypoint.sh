#!/bin/sh
# The server under its own user; reachable from other containers, which only its container's network decides.
set -e
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ]; then
    if [ "$(id -u)" = 0 ]; then
        find . \! -user redis -exec chown redis '{}' +
        exec setpriv --reuid redis --regid redis --init-groups -- "$0" "$@"
    fi
    umask 0077
    set -- "$@" --protected-mode no
fi
exec "$@"
