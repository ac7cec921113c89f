"""The script ``airflow`` of a stack: any Airflow command and any call of its API, in a pod that runs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import settings, texts
from airflow_wizard.artifacts.kube.names import namespace, release
from airflow_wizard.artifacts.kube.secrets import ENV
from airflow_wizard.artifacts.kube.settings import SCRIPTS
from airflow_wizard.artifacts.standalone import PASSWORD

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

_WRAPPER = """\
#!/bin/sh
# Any Airflow command, in the pod that parses the DAGs:  ./airflow info   ./airflow bash   ./airflow python
# Its REST API with the stack's login:  ./airflow rest {example}   ./airflow rest [METHOD] PATH [JSON | -]
set -eu
cd -- "$(dirname -- "$0")"
{kubeconfig}cluster() {{ kubectl --context {context} --namespace {namespace} "$@"; }}
# A pod of a component that is not on its way out: what runs in such a one is ended in the middle.
pod() {{
  names='{names}'
  name=$(cluster get pods -l "release={release},component=$1" -o go-template="$names" | head -n 1)
  [ -n "$name" ] || {{ echo "no pod of $1 is there; see: airflow-wizard status" >&2; exit 1; }}
  echo "$name"
}}
if [ "${{1-}}" = rest ]; then
  shift
  pod=$(pod {component})
  # The password goes through a pipe: it must not stand on a command line, where every user of the machine sees it.
  {{ sed -n 's/^{password}=//p' {env}; case " $*" in *" -") cat ;; esac; }} |
    cluster exec --stdin "$pod" --container {component} -- python {scripts}/rest.py "$@"
  exit
fi
case "${{1-}}" in bash | python) ;; *) set -- airflow "$@" ;; esac
pod=$(pod dag-processor)
if [ -t 0 ] && [ -t 1 ]; then
  cluster exec --stdin --tty "$pod" --container dag-processor -- "$@"
else
  cluster exec --stdin "$pod" --container dag-processor -- "$@"
fi
"""


_NAMES = '{{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}}{{"\\n"}}{{end}}{{end}}'


def wrapper(request: StackRequest) -> str:
    """The text of the file."""
    return _WRAPPER.format(
        example=f"/api/{request.release.api}/pools",
        kubeconfig=_kubeconfig(request),
        context=shlex.quote(settings.context(request)),
        namespace=namespace(request),
        password=PASSWORD,
        env=ENV,
        component=settings.web(request),
        scripts=SCRIPTS,
        release=release(request),
        names=_NAMES,
    )


def _kubeconfig(request: StackRequest) -> str:
    if texts.keeps_kubeconfig(request):
        return f'export KUBECONFIG="$PWD/{texts.KUBECONFIG}"\n'
    file = request.answers.text("kubeconfig")
    return f"export KUBECONFIG={shlex.quote(file)}\n" if file else ""
