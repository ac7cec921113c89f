#!/usr/bin/env bash
# engine.sh: a Docker engine, buildx and Compose for a Debian 12 machine that has none. Seconds, and nothing when one answers.
#   ENGINE=26  (default) Debian's next suite, unpacked in seconds    COMPOSE=2  (default) 2.26, from the same place
#   ENGINE=29  the newest, built from its Go module once             COMPOSE=5  the newest, built from its Go module once
#   ENGINE=20  Debian's own 20.10: what old servers have
# An engine that runs is never stopped or changed; another one that was asked for by name is refused then.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/engine
. "$here/versions.sh"
want=${ENGINE:-26}
log=${DOCKERD_LOG:-/tmp/airflow-wizard-dockerd.log}

major() { docker version --format '{{.Server.Version}}' 2>/dev/null | cut -d. -f1; }
compose_major() { docker compose version --short 2>/dev/null | sed 's/^v//; s/\..*//'; }
has_plugins() {
  docker buildx version >/dev/null 2>&1 || return 1
  [ -n "$(compose_major)" ] && { [ -z "${COMPOSE:-}" ] || [ "$(compose_major)" = "$COMPOSE" ]; }
}
fail() { printf '\n  ✖ %s\n    Next: %s\n\n' "$1" "$2" >&2; exit 1; }
report() {
  echo "engine $(docker info --format '{{.ServerVersion}}, cgroup v{{.CgroupVersion}}, {{.Driver}}'), compose $(docker compose version --short)"
}

running=$(major || true)
if [ -n "$running" ] && [ -n "${ENGINE:-}" ] && [ "$running" != "$want" ]; then
  fail "engine $running answers, and ENGINE=$want was asked for" "stop it first (a daemon of this script: kill \$(cat /var/run/docker.pid))"
fi
if [ -n "$running" ] && has_plugins; then report; exit 0; fi

command -v apt-get >/dev/null || fail "no Docker engine with buildx and Compose answers here" "install or start one: https://docs.docker.com/engine/install/"
[ "$(id -u)" = 0 ] || fail "no Docker engine with buildx and Compose answers here" "start it, or let this script bring one: sudo bash .ci/engine.sh"

need=()
for tool in iptables runc tini; do command -v "$tool" >/dev/null || need+=("$tool"); done
[ "$want" != 20 ] || [ -x /usr/sbin/dockerd ] || need+=(docker.io)
[ "$want" != 29 ] || [ -e /usr/include/seccomp.h ] || need+=(libseccomp-dev pkg-config)
if [ ${#need[@]} -gt 0 ]; then
  apt-get update -qq
  # Debian's docker.io would start its daemon by itself, in its own way.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi

suite=$CI_CACHE/$SUITE
mkdir -p "$CI_CACHE/bin"
unpack() { # PACKAGE...
  [ -e "$suite/.$1" ] && return 0
  "$here/trixie.sh" "$suite" "$@"
  rm -f "$suite"/usr/bin/runc "$suite"/usr/sbin/runc  # wants a newer libc than this machine has
  touch "$suite/.$1"
}

if ! command -v docker >/dev/null; then
  unpack docker-cli
  ln -sf "$suite/usr/bin/docker" /usr/local/bin/docker
fi
if ! has_plugins; then
  plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins
  mkdir -p "$plugins"
  unpack docker-compose docker-buildx
  case ${COMPOSE:-2} in
    2) compose=$suite/usr/libexec/docker/cli-plugins/docker-compose ;;
    5) "$here/newest.sh" compose; compose=$CI_CACHE/bin/docker-compose ;;
    *) fail "COMPOSE=$COMPOSE is not known" "COMPOSE=2 or COMPOSE=5" ;;
  esac
  ln -sf "$compose" "$plugins/docker-compose"
  docker buildx version >/dev/null 2>&1 || ln -sf "$suite/usr/libexec/docker/cli-plugins/docker-buildx" "$plugins/docker-buildx"
fi
if [ -n "$running" ]; then report; exit 0; fi

case $want in
  20) bin=/usr/sbin ;;
  26) unpack docker.io containerd; bin=$suite/usr/sbin ;;
  29) "$here/newest.sh" engine; bin=$CI_CACHE/bin ;;
  *) fail "ENGINE=$want is not known" "ENGINE=20, 26 or 29" ;;
esac
path=$PATH
[ "$want" = 20 ] || path=$bin:${bin%/sbin}/bin:$PATH
# Beside the runc that was built for it, which it prefers.
cp "$here/runc-less" "$CI_CACHE/bin/runc-less"
PATH=$path setsid "$bin/dockerd" --data-root "${DOCKER_DATA:-/var/lib/docker-$want}" --userland-proxy-path "$bin/docker-proxy" \
  --init-path "$(command -v tini)" --add-runtime "less=$CI_CACHE/bin/runc-less" --default-runtime less >"$log" 2>&1 </dev/null &
for _ in $(seq 150); do [ -n "$(major || true)" ] && break; sleep 0.2; done
if [ -z "$(major || true)" ]; then
  tail -n 20 "$log" >&2
  fail "the Docker engine did not answer within 30 s" "read $log; the machine must allow mounts, namespaces and iptables"
fi
report
