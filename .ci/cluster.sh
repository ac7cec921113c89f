#!/usr/bin/env bash
# cluster.sh [kwok]: what `kind create cluster --image kindest/node:v1.36.3` needs on a machine that reaches no registry: kubectl,
# kind and Helm, and the image of a node with everything in it, built from Go modules and Debian's packages. A quarter of an
# hour once, a second when it is there. With kwok: that, too, for thousands of pods that run nothing.
# Prints the folder of the tools, everything else to stderr: PATH=$(bash .ci/cluster.sh):$PATH
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/engine/versions.sh"
. "$here/cluster/versions.sh"

fail() { printf '\n  ✖ %s\n    Next: %s\n\n' "$1" "$2" >&2; exit 1; }

case ${1:-} in
  '' | kwok) ;;
  *) echo "usage: cluster.sh [kwok]" >&2; exit 2 ;;
esac
docker info >/dev/null 2>&1 || fail "no Docker engine answers here, and nodes are containers" "bash .ci/engine.sh"
# One at a time: two builds of the same would only slow each other down.
mkdir -p "$CI_CACHE/cluster"
exec 9>"$CI_CACHE/cluster/.lock"
flock -n 9 || { echo "another cluster.sh is at work; waiting for it" >&2; flock 9; }

# In the order of what is wanted first; the parts of Kubernetes share most of what they are compiled from.
parts=(kubelet kubeadm kube-apiserver kube-controller-manager kube-scheduler kube-proxy
  etcd containerd containerd-shim-runc-v2 ctr coredns local-path-provisioner pause)
"$here/cluster/build.sh" kubectl kind helm "${parts[@]}" ${1:+"$1"} 9>&- ||
  fail "a program of the cluster was not built, see above" "the same command again: it goes on where it was"
started=$(date +%s)
"$here/cluster/image.sh" 9>&- || fail "the image $NODE_IMAGE was not built, see above" "the same command again"
printf '%-26s %5d MB %4d s\n' "$NODE_IMAGE" $(($(docker image inspect --format '{{.Size}}' "$NODE_IMAGE") / 1000000)) $(($(date +%s) - started)) >&2
echo "$CLUSTER_TOOLS"
