"""The script ``airflow`` of a stack: any Airflow command and any call of its API, in a pod that runs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import settings, texts
from airflow_wizard.artifacts.kube.names import named, namespace
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
{kubeconfig}inside() {{ kubectl --context {context} --namespace {namespace} exec "$@"; }}
if [ "${{1-}}" = rest ]; then
  shift
  # The password goes through a pipe: it must not stand on a command line, where every user of the machine sees it.
  {{ sed -n 's/^{password}=//p' {env}; case " $*" in *" -") cat ;; esac; }} |
    inside --stdin deploy/{web} --container {component} -- python {scripts}/rest.py "$@"
  exit
fi
case "${{1-}}" in bash | python) ;; *) set -- airflow "$@" ;; esac
if [ -t 0 ] && [ -t 1 ]; then
  inside --stdin --tty deploy/{dags} --container dag-processor -- "$@"
else
  inside --stdin deploy/{dags} --container dag-processor -- "$@"
fi
"""


def wrapper(request: StackRequest) -> str:
    """The text of the file."""
    return _WRAPPER.format(
        example=f"/api/{request.release.api}/pools",
        kubeconfig=_kubeconfig(request),
        context=shlex.quote(settings.context(request)),
        namespace=namespace(request),
        password=PASSWORD,
        env=ENV,
        web=settings.web_service(request),
        component=settings.web(request),
        scripts=SCRIPTS,
        dags=named(request, "dag-processor"),
    )


def _kubeconfig(request: StackRequest) -> str:
    if texts.keeps_kubeconfig(request):
        return f'export KUBECONFIG="$PWD/{texts.KUBECONFIG}"\n'
    file = request.answers.text("kubeconfig")
    return f"export KUBECONFIG={shlex.quote(file)}\n" if file else ""
