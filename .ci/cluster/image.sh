#!/usr/bin/env bash
# image.sh: the image that `kind create cluster --image` starts, from the programs of build.sh, and only when what it is made
# of has changed; one that was pulled stays. The images of its own pods are in it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../engine/versions.sh"
. "$here/versions.sh"
label=airflow-wizard.recipe
work=$(mktemp -d)
builder=
clean() {
  [ -z "$builder" ] || docker rm -f "$builder" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

recipe=$({ find "$here/node" "$here/../engine/runc-less" -type f -print0 | sort -z | xargs -0 cat; cat "$here/versions.sh" "$CLUSTER_PARTS"/.[a-z]*; } | cksum | tr ' ' -)
have=$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$NODE_IMAGE" 2>/dev/null) && {
  [ -n "$have" ] && [ "$have" != "$recipe" ] || exit 0
}
"$here/../images.sh" debian:bookworm-slim >/dev/null
if [ ! -x "$CLUSTER_CNI/ptp" ]; then
  "$here/../engine/trixie.sh" "$work/cni" containernetworking-plugins
  mkdir -p "$CLUSTER_CNI"
  cp "$work"/cni/usr/lib/cni/* "$CLUSTER_CNI/"
fi

cp -r "$here/node" "$work/node"
cp "$here/../engine/runc-less" "$work/node/"
proxies=()
for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do [ -z "${!name:-}" ] || proxies+=(--build-arg "$name"); done
build() { # STAGE
  docker buildx build --load --progress plain --network host "${proxies[@]}" --build-arg KUBERNETES="$KUBERNETES" --target "$1" \
    --build-context "parts=$CLUSTER_PARTS" --build-context "tools=$CLUSTER_TOOLS" --build-context "cni=$CLUSTER_CNI" \
    -t "airflow-wizard-node/$1" "$work/node" >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; echo "✖ $NODE_IMAGE was not built ($1), see above" >&2; exit 1; }
}
for stage in components coredns pause node; do build "$stage"; done

# The node's own containerd takes the images in, under every name that kubeadm will ask for.
builder=$(docker run -d --privileged --entrypoint sleep airflow-wizard-node/node infinity)
docker exec -d "$builder" containerd
docker exec "$builder" sh -c 'for _ in $(seq 300); do ctr version >/dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1'
# It warns of cgroup v1 at every call.
images() { docker exec -i "$builder" ctr -n k8s.io images "$@" 2> >(grep -v 'level=warning' >&2); }
docker save airflow-wizard-node/components airflow-wizard-node/coredns airflow-wizard-node/pause |
  images import --all-platforms --digests --no-unpack - >/dev/null
names=$(
  for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do echo "components registry.k8s.io/$name:v$KUBERNETES"; done
  echo "components registry.k8s.io/etcd:$ETCD_TAG"
  echo "components localhost/k8s:1"
  echo "coredns registry.k8s.io/coredns/coredns:$COREDNS_TAG"
  echo "pause registry.k8s.io/pause:$PAUSE"
)
while read -r from to; do
  images tag "docker.io/airflow-wizard-node/$from:latest" "$to" >/dev/null </dev/null
  images label "$to" io.cri-containerd.pinned=pinned io.cri-containerd.image=managed >/dev/null </dev/null
done <<<"$names"
images ls -q </dev/null | grep -v -e '^registry.k8s.io/' -e '^localhost/' | xargs docker exec "$builder" ctr -n k8s.io images rm >/dev/null 2>&1
docker exec "$builder" sh -c 'pkill -x containerd; while pgrep -x containerd >/dev/null; do sleep 0.1; done'
old=$(docker image inspect --format '{{.Id}}' "$NODE_IMAGE" 2>/dev/null || true)
docker commit --change 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]' --change 'CMD []' --change "LABEL $label=$recipe" \
  "$builder" "$NODE_IMAGE" >/dev/null
docker rm -f "$builder" >/dev/null
builder=
docker image rm airflow-wizard-node/components airflow-wizard-node/coredns airflow-wizard-node/pause airflow-wizard-node/node >/dev/null
# Refused, and rightly so, while a node still uses it.
[ -z "$old" ] || docker image rm "$old" >/dev/null 2>&1 || true
