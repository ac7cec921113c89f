#!/usr/bin/env bash
# trixie.sh DIR PACKAGE...: unpacks packages of Debian's next suite into DIR, installing none, from this machine's own mirror.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/versions.sh"
dir=$1; shift
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mirror=$("$(dirname "${BASH_SOURCE[0]}")/mirror.sh")
mkdir -p "$work"/lists/partial "$work"/archives/partial "$dir"
touch "$work/status"
cat >"$work/next.sources" <<END
Types: deb
URIs: $mirror
Suites: $SUITE
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
# A world of its own, so that this machine's apt never hears of the other suite.
cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/next.sources";
Dir::Etc::sourceparts "-";
Dir::State "$work";
Dir::State::status "$work/status";
Dir::Cache "$work";
APT::Sandbox::User "root";
END
export APT_CONFIG=$work/apt.conf
apt-get update -qq
cd "$work"
apt-get download -qq "$@"
for package in *.deb; do dpkg -x "$package" "$dir"; done
