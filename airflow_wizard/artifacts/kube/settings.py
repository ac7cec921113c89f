"""What the answers mean in a cluster; what several files have to agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from airflow_wizard.artifacts import airflow_cfg
from airflow_wizard.artifacts.compose_settings import DATABASE_PASSWORD as POSTGRES_PASSWORD
from airflow_wizard.artifacts.compose_settings import DATABASE_URL, SIMPLE, has_fab, is_airflow3, is_external
from airflow_wizard.artifacts.kube.names import named, release
from airflow_wizard.artifacts.standalone import IDENTITY, PASSWORD, STACK_ID
from airflow_wizard.catalog.load import parse_version
from airflow_wizard.options.access import TRAEFIK
from airflow_wizard.options.cluster_storage import CLAIM, NODE, PODS
from airflow_wizard.options.model import Target

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

__all__ = ["POSTGRES_PASSWORD", "SIMPLE", "has_fab", "is_airflow3", "is_external"]

REDIS_PASSWORD = "REDIS_PASSWORD"  # noqa: S105 - the key, not a password
GIT_TOKEN = "GIT_TOKEN"  # noqa: S105
FERNET, API_KEY = "AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY"
JWT, WEB_KEY = "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__WEBSERVER__SECRET_KEY"
HOME = "/opt/airflow"
SCRIPTS = "/opt/airflow-wizard"
# Where pods see the smoke DAG that came as a ConfigMap; below no folder of DAGs, which may be read-only.
SMOKE = "/opt/airflow-wizard-smoke"
_LOCAL = "airflow.dag_processing.bundles.local.LocalDagBundle"
BUNDLES: tuple[dict[str, Node], ...] = (
    {"name": "dags-folder", "classpath": _LOCAL, "kwargs": {}},
    {"name": "airflow-wizard", "classpath": _LOCAL, "kwargs": {"path": SMOKE}},
)
# The directories of a node that its pods may read and write.
NODE_ROOT = "/var/lib/airflow-wizard"


class Folder(NamedTuple):
    """A folder of a node that pods are given: where it is, and on kind which folder of the machine it is there."""

    on_node: str
    on_machine: str = ""


def secret_keys(*, airflow3: bool, external_database: bool, celery: bool, git_password: bool) -> tuple[str, ...]:
    """Keys whose values are generated or asked once per stack and then kept."""
    keys = [STACK_ID, IDENTITY, PASSWORD, FERNET, *([API_KEY, JWT] if airflow3 else [WEB_KEY])]
    keys.append(DATABASE_URL if external_database else POSTGRES_PASSWORD)
    keys += [REDIS_PASSWORD] if celery else []
    keys += [GIT_TOKEN] if git_password else []
    return tuple(keys)


def has_celery(request: StackRequest) -> bool:
    """Whether there are Celery workers."""
    return "Celery" in request.answers.text("executor")


def has_local(request: StackRequest) -> bool:
    """Whether tasks run beside the scheduler."""
    return "Local" in request.answers.text("executor")


def has_pods(request: StackRequest) -> bool:
    """Whether tasks have pods of their own."""
    return "Kubernetes" in request.answers.text("executor")


def chart_from(request: StackRequest, minor: int) -> bool:
    """Whether the chart is 1.``minor`` or newer."""
    version = parse_version(request.answers.text("chart_version"))
    return (version.major, version.minor) >= (1, minor)


def web(request: StackRequest) -> str:
    """The component that answers people, as the chart's objects are called after it."""
    return "api-server" if is_airflow3(request) else "webserver"


def web_service(request: StackRequest) -> str:
    """Name of its Service; it listens on 8080."""
    return named(request, web(request))


def has_tls(request: StackRequest) -> bool:
    """Whether the ingress has a certificate."""
    return bool(request.answers.text("tls_resolver") or request.answers.text("tls_certificate"))


def by_traefik(request: StackRequest) -> bool:
    """Whether the page is published by Traefik's own kind of route."""
    return bool(request.answers.text("ingress_host")) and request.answers.text("ingress_class") == TRAEFIK


def base_url(request: StackRequest) -> str:
    """Where people reach it; no trailing slash."""
    host = request.answers.text("ingress_host")
    if not host:
        return airflow_cfg.base_url(request)
    scheme = "https" if has_tls(request) else "http"
    return f"{scheme}://{host}{request.answers.text('ingress_path').rstrip('/')}"


def context(request: StackRequest) -> str:
    """Name of the kube context."""
    return f"kind-{cluster(request)}" if request.answers.target is Target.KIND else request.answers.text("context")


def cluster(request: StackRequest) -> str:
    """Name of the cluster that kind makes."""
    return release(request)


def database_address(request: StackRequest) -> str:
    """The metadata database with its password, with the driver that the image has.

    SQLAlchemy 2.1 takes another driver for an address that names none.
    """
    if not is_external(request):
        host = f"{named(request, 'postgres')}.{request.answers.text('namespace')}"
        return f"postgresql+psycopg2://airflow:{request.secrets[POSTGRES_PASSWORD]}@{host}:5432/airflow"
    url = request.secrets[DATABASE_URL]
    return url.replace("postgresql://", "postgresql+psycopg2://", 1) if urlsplit(url).scheme == "postgresql" else url


def dags_folder(request: StackRequest) -> Folder | None:
    """The folder of DAGs that pods read; None when they come with the image or from a repository."""
    answer = request.answers.text("dags")
    if not answer or request.answers.text("git_repo"):
        return None
    if request.answers.target is Target.KIND:
        return Folder(f"{NODE_ROOT}/{named(request, 'dags')}", answer if answer.startswith("/") else f"./{answer}")
    return Folder(answer if answer.startswith("/") else f"{request.folder}/{answer}")


def smoke_ignore(*, airflow3: bool) -> str:
    """.airflowignore of that place, which must never be without it.

    The volume of a ConfigMap has each file three times, itself and below two names that begin with two dots. Airflow 3
    takes that for a loop, and its DAG processor ends. A pattern is one of a shell there, and a regular expression for
    Airflow 2.
    """
    return "..*\n" if airflow3 else "\\.\\.\n"


def smoke_by_map(request: StackRequest) -> bool:
    """Whether the smoke DAG comes as a ConfigMap: its DAGs are in no folder that this machine can write to."""
    return dags_folder(request) is None or request.answers.target is Target.CONTEXT


def logs_folder(request: StackRequest) -> Folder | None:
    """The folder that the logs of all pods are written to; None when they are kept otherwise."""
    if request.answers.text("log_storage") != NODE:
        return None
    on_machine = "./logs" if request.answers.target is Target.KIND else ""
    return Folder(f"{NODE_ROOT}/{named(request, 'logs')}", on_machine)


def shares_logs(request: StackRequest) -> bool:
    """Whether all pods write to one volume of logs."""
    return request.answers.text("log_storage") in (CLAIM, NODE)


def loses_logs(request: StackRequest) -> bool:
    """Whether a task's log goes with its pod."""
    return has_pods(request) and request.answers.text("log_storage") == PODS
