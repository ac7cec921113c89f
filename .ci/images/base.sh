#!/usr/bin/env bash
# base.sh: debian:bookworm-slim, made from Debian's packages; kept for a month, because it is a third of a cold start.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../engine/versions.sh"
tarball=$CI_CACHE/bookworm.tar
if [ -z "$(find "$tarball" -mtime -30 2>/dev/null)" ]; then
  command -v debootstrap >/dev/null || { apt-get update -qq; apt-get install -y -qq --no-install-recommends debootstrap >/dev/null; }
  mirror=$("$here/../engine/mirror.sh")
  work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
  debootstrap --variant=minbase --include=ca-certificates bookworm "$work/root" "$mirror" >"$work/log" 2>&1 \
    || { tail -n 20 "$work/log" >&2; exit 1; }
  rm -rf "$work"/root/var/cache/apt/* "$work"/root/var/lib/apt/lists/* "$work"/root/usr/share/{doc,man,locale}/*
  mkdir -p "$CI_CACHE"
  tar -C "$work/root" -cf "$tarball.new" .
  mv "$tarball.new" "$tarball"
fi
docker import --change 'CMD ["bash"]' "$tarball" debian:bookworm-slim >/dev/null
