"""Lines of clusters: two that show each known failure, and two that look like it and are harmless."""

from __future__ import annotations

SEEN = {
    "image.rate_limited": (
        "toomanyrequests: You have reached your unauthenticated pull rate limit.",
        'Failed to pull image "apache/airflow:3.0.6": status manifests/3.0.6: 429 Too Many Requests pull',
    ),
    "image.missing": (
        "Error response from daemon: manifest for apache/airflow:3.9.0 not found: manifest unknown",
        'failed to resolve reference "docker.io/x/y:1": docker.io/x/y:1: not found',
    ),
    "image.refused": (
        "pull access denied, repository does not exist or may require authorization: server message: denied",
        'Failed to pull image "ghcr.io/acme/af:1": failed to authorize: no anonymous token: 401 Unauthorized',
    ),
    "image.untrusted": (
        'Failed to pull image "r.corp/af:1": x509: certificate signed by unknown authority',
        'Error: Get "https://r.corp:5000/v2/": http: server gave HTTP response to HTTPS client',
    ),
    "image.unreachable": (
        'Failed to pull image "af:1": Head "https://registry-1.docker.io/v2/": dial tcp: no such host',
        'Get "https://registry-1.docker.io/v2/": proxyconnect tcp: dial tcp 127.0.0.1:7890: connection refused',
    ),
    "image.not_loaded": (
        'Container image "localhost/af:1" is not present with pull policy of Never',
        'container "worker" in pod "af-worker-0" is waiting to start: ErrImageNeverPull',
    ),
    "image.architecture": (
        "exec /usr/bin/dumb-init: exec format error",
        "no matching manifest for linux/arm64 in the manifest list entries",
    ),
    "pending.resources": (
        "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available",
        "0/1 nodes are available: 1 Too many pods.",
    ),
    "pending.taint": (
        "0/1 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }.",
        "0/1 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, not tolerated",
    ),
    "pending.selector": (
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
        "0/1 nodes are available: 1 node(s) didn't match node selector.",
    ),
    "claim.unbound": (
        "no persistent volumes available for this claim and no storage class is set",
        'storageclass.storage.k8s.io "fast" not found',
    ),
    "claim.mode": (
        "failed to provision volume: NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes",
        "rpc error: code = InvalidArgument desc = Volume capabilities MULTI_NODE_MULTI_WRITER not supported",
    ),
    "claim.attached": (
        'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) af-postgres-0',
        'Warning FailedAttachVolume Multi-Attach error for volume "pvc-2"',
    ),
    "config.missing": (
        'Error: secret "af-keys" not found',
        "couldn't find key jwt-secret in Secret airflow/af-keys",
    ),
    "component.oom": (
        "      Reason:       OOMKilled",
        "System OOM encountered, victim process: gunicorn, pid: 9",
    ),
    "component.probe": (
        "Liveness probe failed: HTTP probe failed with statuscode: 503",
        "Container scheduler failed liveness probe, will be restarted",
    ),
    "init.gave_up": (
        "Error: failed post-install: * job flows-run-airflow-migrations failed: BackoffLimitExceeded",
        "Job has reached the specified backoff limit",
    ),
    "waiting.timeout": (
        "TimeoutError: There are still unapplied migrations after 60 seconds. MigrationHead(s) in DB: set()",
        "There are still unapplied migrations after 90 seconds.",
    ),
    "helm.busy": (
        "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
        "Message: Helm upgrade failed: another operation (install/upgrade/rollback) is in progress",
    ),
    "helm.immutable": (
        "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals' are forbidden",
        'Job.batch "af-run-airflow-migrations" is invalid: spec.template: Invalid value: …: field is immutable',
    ),
    "helm.exists": (
        'Unable to continue: Ingress "x" exists and cannot be imported into the current release: invalid ownership',
        "Error: INSTALLATION FAILED: cannot re-use a name that is still in use",
    ),
    "helm.values": (
        "Error: values don't meet the specifications of the schema(s) in the following chart(s):",
        'error validating data: ValidationError(StatefulSet.spec): unknown field "strategy"',
    ),
    "helm.timeout": (
        "Error: UPGRADE FAILED: post-upgrade hooks failed: timed out waiting for the condition",
        "Error: INSTALLATION FAILED: failed post-install: timed out waiting for the condition",
    ),
    "helm.chart": (
        'Error: chart "airflow" matching 1.23.0 not found in apache-airflow index.',
        'Error: INSTALLATION FAILED: failed to download "af-charts/airflow" at version "1.18.0"',
    ),
    "helm.dependency": (
        "found in Chart.yaml, but missing in charts/ directory: postgresql",
        'Error: can\'t get a valid version for 1 subchart(s): "postgresql"',
    ),
    "helm.bitnami": (
        "you can skip container image verification by setting 'global.security.allowInsecureImages' to true.",
        "ERROR: Original containers have been substituted for unrecognized ones.",
    ),
    "kube.api_removed": (
        'no matches for kind "PodDisruptionBudget" in version "policy/v1beta1"',
        'unable to recognize "": no matches for kind "IngressRoute" in version "traefik.containo.us/v1alpha1"',
    ),
    "service.port_taken": (
        'The Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
        "spec.ports[1].nodePort: Invalid value: 31000: provided port is already allocated",
    ),
    "rbac.denied": (
        'pods is forbidden: User "system:serviceaccount:af:af-scheduler" cannot create resource "pods" in API group ""',
        'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "af"',
    ),
    "dns.broken": (
        "ssh: Could not resolve hostname git.example.com: Try again",
        "socket.gaierror: [Errno -3] Temporary failure in name resolution",
    ),
    "node.network": (
        "NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error",
        'failed to find plugin "bridge" in path [/opt/cni/bin]',
    ),
    "gitsync.key": (
        "git@github.com: Permission denied (publickey).",
        'stderr: "git@gitlab.example: Permission denied (publickey,password)."',
    ),
    "gitsync.host_key": (
        "Host key verification failed.",
        "No ED25519 host key is known for git.example.com and you have requested strict checking.",
    ),
    "gitsync.ref": (
        "fatal: couldn't find remote ref develop",
        "fatal: Remote branch v2-2-stable not found in upstream origin",
    ),
    "gitsync.credentials": (
        "fatal: could not read Username for 'https://git.example.com': terminal prompts disabled",
        "fatal: Authentication failed for 'https://git.example.com/a/b.git/'",
    ),
    "gitsync.url": (
        "fatal: 'acme/dags' does not appear to be a git repository",
        "remote: Repository not found.",
    ),
    "gitsync.key_format": (
        'Load key "/etc/git-secret/ssh": invalid format',
        'Load key "/etc/git-secret/ssh": error in libcrypto',
    ),
    "gitsync.key_mode": (
        "@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @",
        'Load key "/etc/git-secret/ssh": Permission denied',
    ),
    "gitsync.subpath": (
        "Bundle 'dags-folder' path does not exist: /opt/airflow/dags/repo/tests/dags. This may cause issues.",
        "FileNotFoundError: [Errno 2] No such file or directory: '/opt/airflow/dags/repo/dags'",
    ),
    "gitsync.lock": (
        "fatal: Unable to create '/git/.git/shallow.lock': File exists.",
        "fatal: gc is already running on machine 'x' pid 12 (use --force if not)",
    ),
    "gitsync.object": ("fatal: git cat-file: could not get object info", "fatal: reference is not a tree: 1a2b3c"),
    "gitsync.no_repository": (
        "fatal: not a git repository (or any parent up to mount point /dags)",
        "fatal: not a git repository (or any of the parent directories): .git",
    ),
    "redis.unreachable": (
        "Trying again in 12.00 seconds... (6/100)",
        "kombu.exceptions.OperationalError: Error 111 connecting to af-redis:6379. Connection refused.",
    ),
    "redis.auth": (
        "consumer: Cannot connect to redis://:**@af-redis:6379/0: Authentication required..",
        "WRONGPASS invalid username-password pair or user is disabled.",
    ),
    "postgres.data": (
        "FATAL:  database files are incompatible with server",
        "DETAIL:  The data directory was initialized by PostgreSQL version 13, which is not compatible",
    ),
    "postgres.volume": (
        "mkdir: cannot create directory ‘/bitnami/postgresql/data’: Permission denied",
        'initdb: error: could not access directory "/var/lib/postgresql/data": Permission denied',
    ),
    "executor.unknown": (
        "airflow.exceptions.UnknownExecutorException: Unknown executor being loaded: KubernetesExecutor",
        "ERROR Unknown executor being loaded: EdgeExecutor",
    ),
    "logs.host": (
        "*** Failed to fetch log file from worker. [Errno -3] Temporary failure in name resolution",
        "*** Could not read served logs: Invalid URL 'http://:8793/log/x': No host supplied",
    ),
    "kube.context": (
        'error: no context exists with the name: "airflow-lab"',
        'error: context "kind-gone" does not exist',
    ),
    "kube.no_config": (
        "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
        'Kubernetes cluster unreachable: Get "http://localhost:8080/version"',
    ),
    "kube.certificate": (
        "x509: certificate has expired or is not yet valid: current time 2026-02-10T22:04:52Z is after 2026-02-09",
        "certificate has expired or is not yet valid: current time 2027-01-01T00:00:00Z is after 2026-12-31",
    ),
    "microk8s.group": (
        "Insufficient permissions to access MicroK8s.",
        "microk8s: Insufficient permissions to access MicroK8s.",
    ),
    "kubeadm.swap": (
        "[ERROR Swap]: running with swap on is not supported. Please disable swap",
        "failed to run Kubelet: running with swap on is not supported, please disable swap!",
    ),
    "kubeadm.bridge": (
        "/proc/sys/net/bridge/bridge-nf-call-iptables contents are not set to 1",
        "/proc/sys/net/bridge/bridge-nf-call-iptables does not exist",
    ),
}

HARMLESS = (
    # images
    'Pulling image "apache/airflow:3.0.6"',
    "Status: Downloaded newer image for apache/airflow:2.9.3",
    "GET /manifests/latest HTTP/1.1 200",
    'Container image "postgres:16" already present on machine',
    'Error from server (NotFound): pods "af-0" not found',
    "unauthorized: the login was wrong, 401",
    'INFO:  10.244.4.76:40112 - "GET /ui/auth/me HTTP/1.1" 401 Unauthorized',
    "x509: looked up the certificate authority of the cluster",
    "dial tcp 10.96.0.1:443: connect: connection refused",
    "server gave HTTP response to a client",
    "lookup of the registry took 3 ms",
    "pull policy of Never is used for local images",
    "the format of the exec call changed",
    "manifest for linux/arm64 was found",
    # placing
    "Successfully assigned af/af-scheduler-0 to node-1",
    "0/1 nodes are available: waiting for a volume to be created",
    "cpu 250m (12%)",
    "taints: node-role.kubernetes.io/control-plane:NoSchedule",
    "tolerations: node-role.kubernetes.io/master",
    "the selector matched 3 nodes",
    "node affinity is preferred, not required",
    # storage
    "waiting for first consumer to be created before binding",
    "Waiting for a volume to be created either by the external provisioner 'rancher.io/local-path'",
    "storageclass.storage.k8s.io/standard patched",
    "ReadWriteMany is supported by this class",
    "volume pvc-1 attached",
    "AttachVolume.Attach succeeded for volume",
    # pods
    'secret "af-keys" created',
    "configmap/af-scripts unchanged",
    "MountVolume.SetUp succeeded for volume",
    "OOMKilled: false",
    '"OOMKilled": false, "ExitCode": 137',
    "Readiness probe failed: dial tcp 10.244.0.5:8080: connect: connection refused",
    "Startup probe succeeded",
    "Job completed",
    "backoff limit 6",
    "Waiting for migrations... 5 second(s)",
    "Job flows-run-airflow-migrations succeeded",
    # Helm
    'Release "af" has been upgraded. Happy Helming!',
    "STATUS: deployed",
    "this operation is in progress",
    "the field is mutable",
    "updates to statefulset replicas",
    "imported into the current release",
    "still in use",
    "schema is valid",
    "Watching for changes to Job af-run-airflow-migrations with timeout of 5m0s",
    "timed out waiting for a heartbeat",
    'chart "airflow" pulled',
    "Saving 1 charts",
    "⚠ SECURITY WARNING: Original containers have been substituted. This chart was validated with others",
    "warning: policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+",
    "the server could find the requested resource",
    "nodePort: 30080",
    "port 8080 was allocated",
    "Forbidden: not logged in",
    'selfsubjectaccessreview: User "jane" can list pods',
    "resolved git.example.com to 10.0.0.1",
    "Name resolution took 2 ms",
    "cni plugin initialized",
    "found networks in /etc/cni/net.d",
    # Git
    'Permission denied: "/srv/x" (publickey is not used)',
    "Warning: Permanently added 'github.com' (ED25519) to the list of known hosts.",
    "Host key of github.com verified",
    "remote ref main found",
    "branch develop set up to track origin/develop",
    "Authentication succeeded for https://git.example.com",
    "username: git",
    "repository cloned",
    "repo is a git repository",
    "key loaded from /etc/git-secret/ssh",
    "permissions 0400 for /etc/git-secret/ssh",
    "Bundle 'dags-folder' path exists: /opt/airflow/dags/repo/dags",
    "lock released",
    "gc done",
    "object 1a2b3c fetched",
    "hint: fatal: not a git repository (or any parent)",
    # the rest
    "Trying again in 2.00 seconds... (1/100)",
    "Trying again in 4.00 seconds... (2/100)",
    "Connected to redis://:**@af-redis:6379/0",
    "redis: Authentication is on",
    "database files belong to user postgres",
    "initialized by PostgreSQL",
    "creating directory /var/lib/postgresql/data ... ok",
    "chmod of pgdata done",
    "Loaded executor: KubernetesExecutor",
    "executor KubernetesExecutor is used",
    "*** Reading served logs from af-worker-0:8793",
    "hostname af-worker-0 resolved",
    'Switched to context "kind-af".',
    'context "kind-af" is used',
    "Listening on localhost:8080",
    "http://localhost:8080 is up",
    "certificate is valid until 2027",
    "certificate will expire in 30 days",
    "MicroK8s is running",
    "permissions of the microk8s group are fine",
    "swap is off",
    "swap on of the machine: 0 B",
    "bridge-nf-call-iptables = 1",
    "br_netfilter loaded",
)
