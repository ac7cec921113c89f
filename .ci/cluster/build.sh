#!/usr/bin/env bash
# build.sh NAME...: programs of a cluster from their Go modules, in the order given, into the cache; what is there in the wanted
# version is not built again. One that was interrupted leaves nothing half-done, and goes on where its compiler was.
# CLUSTER_BIN names a folder of programs that were built already (by these versions): they are taken instead.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../engine/versions.sh"
. "$here/versions.sh"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOBIN=$work/bin
mkdir -p "$CLUSTER_TOOLS" "$CLUSTER_PARTS" "$work/bin"
rm -f "$CLUSTER_TOOLS"/.new-* "$CLUSTER_PARTS"/.new-*

version() { # NAME
  case $1 in
    kube-* | kubectl | kubelet | kubeadm) echo "$KUBERNETES" ;;
    containerd | containerd-shim-runc-v2 | ctr) echo "$CONTAINERD" ;;
    etcd) echo "$ETCD" ;;
    coredns) echo "$COREDNS" ;;
    local-path-provisioner) echo "$LOCAL_PATH" ;;
    kind) echo "$KIND" ;;
    helm) echo "$HELM" ;;
    kwok) echo "$KWOK" ;;
    pause) echo "$PAUSE" ;;
    *) echo "no recipe for $1" >&2; exit 2 ;;
  esac
}
folder() { # NAME
  case $1 in kubectl | kind | helm | kwok) echo "$CLUSTER_TOOLS" ;; *) echo "$CLUSTER_PARTS" ;; esac
}
there() { # NAME: in the wanted version
  local at; at=$(folder "$1")
  [ -x "$at/$1" ] && [ "$(cat "$at/.$1" 2>/dev/null)" = "$(version "$1")" ]
}
keep() { # NAME FILE: the version is written last, and counts only with the file
  local at; at=$(folder "$1")
  rm -f "$at/.$1"
  mv "$2" "$at/.new-$1"
  chmod 755 "$at/.new-$1"
  mv "$at/.new-$1" "$at/$1"
  version "$1" >"$at/.$1"
}
install_main() { # PACKAGE@VERSION
  go install -trimpath -ldflags "-s -w" "$1"
}
# A module that only builds with replacements of its own, which `go install` refuses: required by a module of ours.
in_module() { # NAME
  mkdir -p "$work/$1"; cd "$work/$1"
  [ -e go.mod ] || go mod init "local/$1" 2>/dev/null
}
kubernetes() { # NAME
  in_module kubernetes
  local modfile module stamp=k8s.io/component-base/version
  if [ ! -e .replaced ]; then
    modfile=$(GOFLAGS=-mod=mod go mod download -json "k8s.io/kubernetes@v$KUBERNETES" | sed -n 's/.*"GoMod": "\(.*\)",/\1/p')
    go mod edit -require "k8s.io/kubernetes@v$KUBERNETES"
    while read -r module; do
      go mod edit -replace "$module=$module@v0.${KUBERNETES#1.}"
    done < <(sed -n 's#^\s*\(k8s\.io/[a-z0-9-]*\) => \./staging.*#\1#p' "$modfile")
    touch .replaced
  fi
  stamp="-X $stamp.gitVersion=v$KUBERNETES -X $stamp.gitTreeState=clean -X $stamp.gitMajor=1 -X $stamp.gitMinor=$(cut -d. -f2 <<<"$KUBERNETES")"
  GOFLAGS="-mod=mod $GOFLAGS" go build -trimpath -ldflags "-s -w $stamp" -o "$work/bin/$1" "k8s.io/kubernetes/cmd/$1"
}
build() { # NAME
  local containerd=github.com/containerd/containerd/v2/cmd
  case $1 in
    kube-* | kubectl | kubelet | kubeadm) kubernetes "$1" ;;
    containerd | containerd-shim-runc-v2 | ctr) install_main "$containerd/$1@v$CONTAINERD" ;;
    etcd)
      in_module etcd
      GOFLAGS=-mod=mod go get "go.etcd.io/etcd/server/v3@v$ETCD" 2> >(grep -v '^go: \(added\|downloading\)' >&2)
      GOFLAGS="-mod=mod $GOFLAGS" go build -trimpath -ldflags "-s -w" -o "$work/bin/etcd" go.etcd.io/etcd/server/v3 ;;
    coredns) install_main "github.com/coredns/coredns@v$COREDNS" ;;
    local-path-provisioner) install_main "github.com/rancher/local-path-provisioner@v$LOCAL_PATH" ;;
    kind) install_main "sigs.k8s.io/kind@v$KIND" ;;
    helm) install_main "helm.sh/helm/v4/cmd/helm@v$HELM" ;;
    kwok) install_main "sigs.k8s.io/kwok/cmd/kwok@v$KWOK" ;;
    pause)
      in_module pause
      cp "$here/pause/main.go" .
      go build -trimpath -ldflags "-s -w" -o "$work/bin/pause" . ;;
  esac
}

for name in "$@"; do
  version "$name" >/dev/null
  there "$name" && continue
  if [ -n "${CLUSTER_BIN:-}" ] && [ -x "$CLUSTER_BIN/$name" ]; then
    cp --reflink=auto "$CLUSTER_BIN/$name" "$work/bin/$name"
    keep "$name" "$work/bin/$name"
    continue
  fi
  command -v go >/dev/null || { echo "Go is needed to build $name" >&2; exit 1; }
  started=$(date +%s)
  (build "$name")
  keep "$name" "$work/bin/$name"
  printf '%-26s %5d MB %4d s\n' "$name $(version "$name")" $(($(stat -c %s "$(folder "$name")/$name") / 1000000)) $(($(date +%s) - started)) >&2
done
