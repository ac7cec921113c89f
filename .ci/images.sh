#!/usr/bin/env bash
# images.sh [VERSION|IMAGE...]: stand-ins for the images of Airflow's Compose files, for a machine that reaches no registry.
# Built from Debian's packages, PyPI and npm under the official names, and only when missing: an image that was pulled stays.
# Without arguments: everything the tests use. Prints each name with its size and the seconds it took.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/images
label=airflow-wizard.recipe
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

wanted=()
want() { local name; for name in "$@"; do [[ " ${wanted[*]} " == *" $name "* ]] || wanted+=("$name"); done; }
# shellcheck disable=SC2048,SC2086 # words
for name in ${*:-3.3.2 3.2.2 3.0.6 2.11.2 airflow-kubernetes:3.3.2}; do
  case $name in
    *:*) want "$name" ;;
    2.* | 3.0.*) want postgres:13 redis:7.2-bookworm "apache/airflow:$name" ;;
    *) want postgres:16 redis:7.2-bookworm "apache/airflow:$name" ;;
  esac
done

image_label() { docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1" 2>/dev/null; }

# What an image is made of, as one word: it is built again when that changes.
recipe() { # FOLDER EXTRA
  { cat "$here/$1"/* ; printf '%s' "$2"; } | cksum | tr ' ' -
}

secrets=()
if [ -e "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" ]; then
  secrets+=(--secret "id=ca,src=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}")
fi
index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$(python3 -m pip config get global.index-url 2>/dev/null || true)}}
if [ -n "$index" ]; then
  (umask 077; printf '%s' "$index" >"$work/index")
  secrets+=(--secret "id=index,src=$work/index")
fi
# The builder knows these names by itself; they are in no image.
proxies=()
for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
  [ -z "${!name:-}" ] || proxies+=(--build-arg "$name")
done

build() { # FOLDER IMAGE RECIPE OPTION...
  local folder=$1 image=$2 recipe=$3; shift 3
  # The host's network: names outside are resolved on no other one here.
  docker buildx build --load --progress plain --network host "${secrets[@]}" "${proxies[@]}" --label "$label=$recipe" -t "$image" "$@" \
    "$work/$folder" >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; echo "✖ $image was not built, see above" >&2; exit 1; }
}

bring() { # IMAGE
  local image=$1 kind=${1%%:*} tag=${1#*:} have recipe extra='' old=''
  if [ "$image" = debian:bookworm-slim ]; then
    docker image inspect "$image" >/dev/null 2>&1 || "$here/base.sh"
    return
  fi
  kind=${kind##*/}
  [ -d "$here/$kind" ] || { echo "no recipe for $image" >&2; exit 2; }
  [ "$kind" != airflow ] || extra=$(python3 "$here/airflow/requirements.py" "$tag")
  [ "$kind" != airflow-kubernetes ] || extra=$(python3 "$here/airflow/requirements.py" "$tag" | sed -n 's/^# until //p')
  recipe=$(recipe "$kind" "$extra")
  if have=$(image_label "$image"); then
    [ -n "$have" ] && [ "$have" != "$recipe" ] || return 0
    old=$(docker image inspect --format '{{.Id}}' "$image")
  fi
  bring debian:bookworm-slim
  [ "$kind" != airflow-kubernetes ] || bring "apache/airflow:$tag"
  rm -rf "${work:?}/$kind"
  cp -r "$here/$kind" "$work/$kind"
  case $kind in
    postgres) "$here/postgres/fetch.sh" "$tag" "$work/postgres"; build postgres "$image" "$recipe" --build-arg MAJOR="$tag" ;;
    redis) build redis "$image" "$recipe" ;;
    airflow)
      printf '%s\n' "$extra" >"$work/airflow/requirements-$tag.txt"
      build airflow "$image" "$recipe" --build-arg VERSION="$tag" ;;
    airflow-kubernetes)
      build airflow-kubernetes "$image" "$recipe" --build-arg VERSION="$tag" --build-arg UNTIL="$extra" ;;
  esac
  # Refused, and rightly so, while a container still uses it.
  [ -z "$old" ] || docker image rm "$old" >/dev/null 2>&1 || true
}

for image in "${wanted[@]}"; do
  started=$(date +%s)
  bring "$image"
  printf '%-26s %5d MB %4d s\n' "$image" $(($(docker image inspect --format '{{.Size}}' "$image") / 1000000)) $(($(date +%s) - started))
done
