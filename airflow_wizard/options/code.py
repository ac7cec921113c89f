"""Your DAGs and the libraries they need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.options import known_hosts, rules
from airflow_wizard.options.model import KUBERNETES_TARGETS, Kind, Option, Situation, Target

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

GROUP = "Your code"
# Where the folder is on the machine the files are written on; a cluster of one's own reads it on its node.
FOLDER_TARGETS = frozenset({Target.STANDALONE, Target.COMPOSE, Target.KIND, Target.KUBEADM, Target.MICROK8S})
_OWN_NODES = frozenset({Target.KUBEADM, Target.MICROK8S})
INSTALL_TARGETS = frozenset({Target.STANDALONE, Target.COMPOSE})

# The names and specifiers of PEP 508, without URLs: those would bypass the index and can carry a password.
_REQUIREMENT = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\s*(\[[A-Za-z0-9._,\s-]*\])?\s*"
    r"((===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+(\s*,\s*(===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+)*)?"
    r"\s*(;[^\\$`]*)?",
    re.ASCII,
)
# scp-like git@host:path, ssh:// or https://. Credentials in the address are refused by the secret rules of profiles.
_REPO = re.compile(
    r"(https://|ssh://([A-Za-z0-9._-]+@)?)[A-Za-z0-9.-]+(:\d{1,5})?/[^\s?#]+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s?#]+"
)


def _refuse_packages(value: Answer, _: Situation) -> str:
    for item in value if isinstance(value, tuple) else ():
        name = re.match(r"[A-Za-z0-9._-]*", item)
        if not _REQUIREMENT.fullmatch(item):
            return f"{item!r} is not a requirement; for example pandas==2.3.3"
        if name is not None and re.sub(r"[-_.]+", "-", name[0]).lower() == "apache-airflow":
            return f"{item!r} is chosen by airflow_version"
    return ""


def _refuse_repo(text: str) -> str:
    if text.startswith(("http://", "git://")):
        return "must be fetched by https or ssh: this one could be changed on the way"
    return "" if _REPO.fullmatch(text) else "is not a repository address; for example git@github.com:team/dags.git"


def _refuse_ref(text: str) -> str:
    # What git check-ref-format refuses, and a leading dash, which a program would read as a flag.
    bad = (
        text.startswith(("-", "/"))
        or text.endswith(("/", ".", ".lock"))
        or re.search(r"\.\.|//|@\{|[\s~^:?*\[\\]", text)
    )
    return "is not a branch, tag or commit" if bad else ""


def _refuse_subpath(text: str) -> str:
    parts = text.split("/")
    return "must be a folder inside the repository" if text.startswith("/") or ".." in parts else ""


def _refuse_dags(value: Answer, situation: Situation) -> str:
    if value is None:
        return "" if situation.target in _OWN_NODES else "needs a folder"
    return rules.path(value) if isinstance(value, str) else ""


def _refuse_host_key(value: Answer, situation: Situation) -> str:
    host = known_hosts.host_of(situation.text("git_repo"))
    if value is None:
        return f"needs the key of {host}, or anybody on the way could send DAGs: ssh-keyscan -t ed25519 {host}"
    return known_hosts.refuse(str(value))


def _refuse_user(text: str) -> str:
    return "" if re.fullmatch(r"[^\s:@/]{1,128}", text) else "is not a user name"


def _by_password(situation: Situation) -> bool:
    return situation.text("git_repo").startswith("https://")


def _has_repo(situation: Situation) -> bool:
    return bool(situation.text("git_repo"))


def _ssh(situation: Situation) -> bool:
    repo = situation.text("git_repo")
    return bool(repo) and not repo.startswith("https://")


OPTIONS = (
    Option(
        name="dags",
        title="DAGs folder",
        group=GROUP,
        kind=Kind.PATH,
        help="Folder of your DAGs; a relative path is inside the stack's folder.",
        why="Point it at your project to see every change at once; the folder is read, never changed.",
        default=lambda s: None if s.target in _OWN_NODES else "dags",
        because=lambda s: (
            "they come with the image, or from a Git repository"
            if s.target in _OWN_NODES
            else "inside the stack, so that the folder can be moved or committed as one"
        ),
        targets=FOLDER_TARGETS,
        applies=lambda s: not _has_repo(s),
        refuse=_refuse_dags,
        example="./dags",
    ),
    Option(
        name="requirements",
        title="Requirements file",
        group=GROUP,
        kind=Kind.PATH,
        help="A requirements.txt your DAGs need, a relative path inside the stack's folder; empty for none.",
        why="Use the file your project already has, so that both agree.",
        default=lambda _: None,
        because=lambda _: "nothing is installed that nobody asked for",
        targets=INSTALL_TARGETS,
        refuse=rules.optional(rules.path),
        example="requirements.txt",
    ),
    Option(
        name="packages",
        title="Extra packages",
        group=GROUP,
        kind=Kind.LIST,
        help="Libraries to install beside Airflow, for example providers.",
        why="For a few names; with more than that keep a requirements file.",
        default=lambda _: (),
        because=lambda _: "nothing is installed that nobody asked for",
        targets=INSTALL_TARGETS,
        refuse=_refuse_packages,
        example="pandas==2.3.3,apache-airflow-providers-http",
    ),
    Option(
        name="git_repo",
        title="Git repository",
        group=GROUP,
        kind=Kind.TEXT,
        help="Repository the cluster fetches DAGs from; empty for none.",
        why="A team's usual way: what is merged runs. Without it the DAGs come with the image or a folder.",
        default=lambda _: None,
        because=lambda _: "no repository is known",
        targets=KUBERNETES_TARGETS,
        refuse=rules.optional(_refuse_repo),
        example="git@github.com:team/dags.git",
    ),
    Option(
        name="git_ref",
        title="Branch, tag or commit",
        group=GROUP,
        kind=Kind.TEXT,
        help="What is fetched from the repository.",
        why="A branch follows every merge; a tag or commit stays until you change it.",
        default=lambda _: "main",
        because=lambda _: "the usual name of the main branch",
        targets=KUBERNETES_TARGETS,
        applies=_has_repo,
        refuse=rules.needed(rules.optional(_refuse_ref), "a branch, tag or commit"),
        example="main",
    ),
    Option(
        name="git_subpath",
        title="Folder in the repository",
        group=GROUP,
        kind=Kind.TEXT,
        help="Folder of the DAGs inside the repository; empty for its root.",
        why="Narrow it to the DAGs: every Python file below it is parsed again and again.",
        default=lambda _: None,
        because=lambda _: "the root of the repository",
        targets=KUBERNETES_TARGETS,
        applies=_has_repo,
        refuse=rules.optional(_refuse_subpath),
        example="dags",
    ),
    Option(
        name="git_key",
        title="Deploy key",
        group=GROUP,
        kind=Kind.PATH,
        help="File of the private SSH key that may read the repository; its content never enters a profile.",
        why="A read-only deploy key of this one repository, never a person's own key.",
        default=lambda _: None,
        because=lambda _: "a public repository needs none",
        targets=KUBERNETES_TARGETS,
        applies=_ssh,
        refuse=rules.optional(rules.path),
        example="~/.ssh/airflow-dags",
    ),
    Option(
        name="git_host_key",
        title="Key of the Git host",
        group=GROUP,
        kind=Kind.TEXT,
        help="Line of known_hosts that the host of the repository is recognised by.",
        why="Compare its fingerprint with what the host's owner publishes before you trust it.",
        default=lambda s: known_hosts.KNOWN.get(known_hosts.host_of(s.text("git_repo"))),
        because=lambda s: (
            "as the host publishes it"
            if known_hosts.host_of(s.text("git_repo")) in known_hosts.KNOWN
            else "only you can know whether a key is the right one"
        ),
        targets=KUBERNETES_TARGETS,
        applies=_ssh,
        refuse=_refuse_host_key,
        expert=True,
        example=known_hosts.KNOWN["github.com"],
    ),
    Option(
        name="git_user",
        title="Git user",
        group=GROUP,
        kind=Kind.TEXT,
        help="User of a private https repository; its token is read from AIRFLOW_WIZARD_GIT_TOKEN. Empty for none.",
        why="A token that may only read this one repository, never a person's own password.",
        default=lambda _: None,
        because=lambda _: "a public repository needs none",
        targets=KUBERNETES_TARGETS,
        applies=_by_password,
        refuse=rules.optional(_refuse_user),
        example="deploy",
    ),
    Option(
        name="git_token",
        title="Git token",
        group=GROUP,
        kind=Kind.TEXT,
        help="Token of that user; read from the environment variable AIRFLOW_WIZARD_GIT_TOKEN.",
        why="Kept in a file of the stack that only you can read; never in a profile or on a command line.",
        default=lambda _: None,
        because=lambda _: "only you know it",
        targets=KUBERNETES_TARGETS,
        applies=lambda s: _by_password(s) and bool(s.text("git_user")),
        secret=True,
    ),
)
