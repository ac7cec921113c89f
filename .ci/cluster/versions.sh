# shellcheck shell=bash disable=SC2034 # read by the scripts beside it
# What the test cluster is made of. kubeadm asks for images under the tags of `kubeadm config images list`.
KUBERNETES=1.36.3
ETCD=3.6.8
ETCD_TAG=3.6.8-0
COREDNS=1.15.0
COREDNS_TAG=v1.14.2
PAUSE=3.10.2
LOCAL_PATH=0.0.30
KIND=0.33.0
HELM=4.3.1
KWOK=0.8.0
# Tools are for whoever runs tests; parts are for nodes alone, so that no host check finds a kubelet on this machine.
CLUSTER_TOOLS=$CI_CACHE/cluster/bin
CLUSTER_PARTS=$CI_CACHE/cluster/parts
CLUSTER_CNI=$CI_CACHE/cluster/cni
NODE_IMAGE=${NODE_IMAGE:-kindest/node:v$KUBERNETES}
