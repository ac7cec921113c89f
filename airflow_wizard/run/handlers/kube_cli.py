"""kubectl, Helm and kind as a person would type them in the stack's folder, and what their words mean."""

from __future__ import annotations

import os
import re
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines.kube_api import KubeApi
from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers.commands import run_logged
from airflow_wizard.run.last_words import last_words
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_wizard.cluster import Release
    from airflow_wizard.engines.process import Finished
    from airflow_wizard.run.context import RunContext

# What a shell has set for another cluster; ours is always named.
_FOREIGN = frozenset({"HELM_NAMESPACE", "HELM_KUBECONTEXT", "HELM_KUBETOKEN", "HELM_KUBEAPISERVER", "HELM_DEBUG"})
# An API server that is started again is away for some seconds, on a small machine for half a minute and more.
AWAY_SECONDS = 120.0
# One that has only just come back refuses everything for a moment.
_UNSURE = re.compile(r"is forbidden|Unauthorized|must be logged in")
_AWAY = re.compile(
    r"download openapi|unable to handle|refused|EOF|i/o timeout|reset by peer|Unable to connect|handshake timeout"
    r"|unreachable",
    re.I,
)
# (words of the command, exit as unreachable, why, what to do). The first that fits is told.
_WORDS: tuple[tuple[re.Pattern[str], bool, str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), gone, why, following)
    for pattern, gone, why, following in (
        (
            r"another operation \(install/upgrade/rollback\) is in progress",
            False,
            "somebody else installs this release, or a Helm that was ended left its mark",
            "wait a minute, then the same command",
        ),
        # Before what is said of the cluster: an address that cannot be reached has the same words after it.
        (
            (
                r"failed to download(?! openapi)|looks like .* is not a valid chart repository|failed to fetch"
                r"|chart .* not found|path .* not found|could not find protocol handler"
                r"|failed to perform \"FetchReference\"|unable to load chart archive|not appear to be a gzipped archive"
            ),
            False,
            "the chart cannot be had from there",
            "see that the address can be reached, or name a copy: --set chart_source=FOLDER_OR_TGZ",
        ),
        (
            r"context .* does not exist|no context exists|context was not found|\bstat .+: no such file or directory",
            True,
            "the kubeconfig is not there, or does not name that cluster",
            "see which there are: kubectl config get-contexts",
        ),
        (
            r"certificate has expired|certificate signed by unknown authority|x509:",
            True,
            "the cluster's certificate, or yours, is not accepted",
            "renew it (kubeadm: kubeadm certs renew all), or take a kubeconfig that fits",
        ),
        (
            (
                r"failed to download openapi|currently unable to handle|connection refused|was refused - did you"
                r"|no such host|i/o timeout|Unable to connect to the server"
                r"|cluster unreachable|TLS handshake timeout|connection reset by peer|\": (?:unexpected )?EOF"
            ),
            True,
            "the cluster's API does not answer",
            "see that the cluster runs; then the same command continues here",
        ),
        (
            r"Unauthorized|must be logged in to the server",
            True,
            "the cluster does not accept who you are",
            "sign in anew; then the same command continues here",
        ),
        (
            r"is forbidden: (?!exceeded quota|violates PodSecurity|unable to create new content)",
            False,
            "your user may not do this there",
            "ask for that right; airflow-wizard check --target context names all that are needed",
        ),
        (
            r"exceeded quota",
            False,
            "the namespace's quota is used up",
            "raise the quota, or choose less: --set workers=1",
        ),
        (
            r"being terminated|unable to create new content in namespace",
            False,
            "the namespace is being deleted",
            "wait until it is gone (kubectl get namespaces), then the same command",
        ),
        (
            r"field is immutable|updates to statefulset spec .* are forbidden|Forbidden: updates to",
            False,
            "Kubernetes does not change this of an object that exists",
            "keep the old value; or remove Airflow first, data stays: airflow-wizard down",
        ),
        (
            r"conflict(?:s)? with \"([^\"]+)\"",
            False,
            "somebody else changed the same setting in the cluster, and it is not overwritten",
            "take the wizard's: the same kubectl command with --force-conflicts; or put yours into the file",
        ),
        (
            r"invalid ownership metadata|cannot be imported into the current release",
            False,
            "an object of that name is there, and another release or person made it",
            "choose another name or namespace: --name NAME, --set namespace=NAME",
        ),
        (
            r"failed to parse .+\.ya?ml|error converting YAML to JSON",
            False,
            "the file is no YAML that can be read",
            "see the line that is named, and take your last change of the file back; then the same command",
        ),
        (
            r"values don't meet the specifications of the schema|Additional property|cannot unmarshal",
            False,
            "the chart does not know one of the settings in values.yaml",
            "take your last change of values.yaml back; then the same command",
        ),
        (
            r"provided port is already allocated",
            False,
            "another Service of the cluster has this node port",
            "choose another: --set node_port=NUMBER from 30000 to 32767",
        ),
        (r"no space left on device", False, "the disk is full", "make room, then the same command"),
    )
)


class Patience:
    """Waits for a cluster that does not answer, again and again up to two minutes in all: its API is started again."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._until = 0.0

    @property
    def asked(self) -> bool:
        """Whether it was away before."""
        return self._until > 0.0

    def __call__(self, reason: str) -> bool:
        """Waits a moment; False once it was enough.

        Raises:
            InterruptedByUserError: told to stop.
        """
        now = time.monotonic()
        self._until = self._until or now + AWAY_SECONDS
        if now > self._until:
            return False
        self._context.progress(f"the cluster does not answer; waiting for it: {one_line(reason, limit=100)}")
        self._context.pause(1.0)
        return True


def api_of(release: Release, context: RunContext) -> KubeApi:
    """The cluster of a release, waited for where it does not answer for a while."""
    return KubeApi(release.cluster.with_kubectl(), wait=Patience(context))


def run_tool(
    context: RunContext,
    argv: Sequence[str],
    folder: str,
    *,
    on_line: Callable[[str], None] | None = None,
    on_tick: Callable[[], None] | None = None,
    fail: bool = True,
    typed: str = "",
) -> Finished:
    """Run a command to its end.

    Args:
        context: where it is logged and told.
        argv: the whole command; no secret in it.
        folder: working folder; the root where it is gone.
        on_line: gets its lines; they are passed on as output when None.
        on_tick: called while it runs.
        fail: raise when it ends with anything but 0.
        typed: text on standard input.

    Raises:
        StepFailedError: it ended badly (with ``fail``), or could not be started.
        EngineUnreachableError: it ended badly because the cluster does not answer.
        InterruptedByUserError: told to stop.
    """
    patience = Patience(context)
    while True:
        finished = _run(context, argv, folder, on_line=on_line, on_tick=on_tick, typed=typed)
        if finished.code == 0:
            return finished
        problem = refused(argv, finished)
        # What kubectl does may be done again; Helm has to look first at what it left.
        away = isinstance(problem, EngineUnreachableError) and _AWAY.search(problem.what)
        unsure = patience.asked and _UNSURE.search("\n".join(finished.tail))
        if argv[0] == "helm" or not (away or unsure) or not patience(problem.what):
            break
    if fail:
        raise problem
    return finished


def _run(
    context: RunContext,
    argv: Sequence[str],
    folder: str,
    *,
    on_line: Callable[[str], None] | None,
    on_tick: Callable[[], None] | None,
    typed: str,
) -> Finished:
    unit = os.path.basename(argv[0])  # noqa: PTH119 - a plain name, or a path's end

    def line(text: str) -> None:
        context.output(unit, text)
        context.progress(one_line(text, limit=160))

    return run_logged(
        context,
        argv,
        folder if Path(folder).is_dir() else str(Path(folder).anchor),
        typed=typed,
        on_line=on_line or line,
        on_tick=on_tick,
        cancel=context.cancel,
        without=_FOREIGN,
    )


def refused(argv: Sequence[str], finished: Finished) -> StepFailedError | EngineUnreachableError:
    """A command that ended badly, with the reason when its words are known."""
    said = "\n".join(finished.tail)
    shown = short(argv)
    for pattern, gone, why, following in _WORDS:
        if pattern.search(said):
            told = next((one_line(x, limit=300) for x in finished.tail if pattern.search(x)), "")
            if gone:
                return EngineUnreachableError(f"`{shown}`: {told}", why=why, next=following)
            return StepFailedError(
                f"`{shown}` ended with exit {finished.code}",
                evidence=last_words(finished.tail),
                why=why,
                next=following,
            )
    return StepFailedError(
        f"`{shown}` ended with exit {finished.code}",
        evidence=last_words(finished.tail),
        why="the steps after it build on its result",
        next="read the last lines above; the same command continues here",
    )


def short(argv: Sequence[str]) -> str:
    """A command without the words that only say which cluster."""
    words, skip = [], False
    for word in argv:
        if skip or word in ("--kubeconfig", "--context", "--kube-context"):
            skip = not skip
            continue
        words.append(word)
    return one_line(shlex.join(words), limit=160)
