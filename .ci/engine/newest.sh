#!/usr/bin/env bash
# newest.sh engine|compose: the newest Docker engine (4 minutes on two cores) or Compose (1 minute), built from their Go
# modules into the cache. What is there is not built again.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/versions.sh"
bin=$CI_CACHE/bin
mkdir -p "$bin"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOBIN=$bin

say_building() {
  command -v go >/dev/null || { echo "Go is needed to build $1" >&2; exit 1; }
  echo "building $1" >&2
}
build() { # NAME PACKAGE@VERSION [LDFLAGS]
  [ -x "$bin/$1" ] && return 0
  say_building "$1"
  go install -trimpath ${TAGS:+-tags "$TAGS"} -ldflags "-s -w ${3:-}" "$2"
}

case $1 in
  compose)
    [ -x "$bin/docker-compose" ] && exit 0
    say_building docker-compose
    # Its module has replacements of its own, which `go install` refuses: required by a module of ours instead.
    module=github.com/docker/compose/v5
    go mod init local/compose 2>/dev/null
    GOFLAGS=-mod=mod go get "$module@v$COMPOSE_NEWEST" 2> >(grep -v '^go: \(added\|downloading\|upgraded\)' >&2)
    GOFLAGS="-mod=mod $GOFLAGS" go build -trimpath -ldflags "-s -w -X $module/internal.Version=v$COMPOSE_NEWEST" \
      -o "$bin/docker-compose" "$module/cmd"
    ;;
  engine)
    containerd=github.com/containerd/containerd/v2/cmd
    moby=github.com/moby/moby/v2
    build containerd "$containerd/containerd@v$CONTAINERD"
    build containerd-shim-runc-v2 "$containerd/containerd-shim-runc-v2@v$CONTAINERD"
    build docker-proxy "$moby/cmd/docker-proxy@v$MOBY"
    build dockerd "$moby/cmd/dockerd@v$MOBY" "-X $moby/dockerversion.Version=29.0.0"
    CGO_ENABLED=1 TAGS=seccomp build runc "github.com/opencontainers/runc@v$RUNC"
    ;;
  *) echo "usage: newest.sh engine|compose" >&2; exit 2 ;;
esac
