"""A Job that has to end well before anything else starts."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers.helm_release import is_foreign
from airflow_wizard.run.handlers.kube_cli import api_of, refused, run_tool
from airflow_wizard.run.handlers.watch_pods import PodWatch
from airflow_wizard.run.last_words import last_words

if TYPE_CHECKING:
    from airflow_wizard.engines.kube_api import KubeApi
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import AwaitJob, StartJob


class StartJobHandler:
    """Handler of `StartJob`."""

    def done(self, action: StartJob, context: RunContext) -> str:
        """Done when a Job of that name ended well: the name changes with what it does.

        After a ``helm rollback`` it is done again: the database may have been taken back, too.
        """
        with api_of(action.release, context) as api:
            well = _ended(_job(api, action)) == "Complete"
            return "done before" if well and not is_foreign(api, action.release) else ""

    def do(self, action: StartJob, context: RunContext) -> str:
        """Apply it; what failed before is removed, and a new one made."""
        release = action.release
        with api_of(release, context) as api:
            ended = _ended(_job(api, action))
            # One that ended well only now is as good as new.
            why = "an earlier one failed" if ended == "Failed" else ""
            if ended == "Complete" and is_foreign(api, release):
                why = "Airflow was changed by somebody else since"
        remove = release.cluster.with_kubectl(
            "--namespace", release.namespace, "delete", "job", action.job, "--cascade=foreground"
        )
        if why:
            context.progress(f"{why}; making it anew")
            run_tool(context, remove, release.folder)
        command = action.command()
        finished = run_tool(context, command, release.folder, fail=False)
        if finished.code != 0 and "field is immutable" in "\n".join(finished.tail):
            # It waits, or still runs, as it was before an answer changed; a Job cannot be changed.
            context.progress("it was made from other answers; making it anew")
            run_tool(context, remove, release.folder)
            finished = run_tool(context, command, release.folder, fail=False)
        if finished.code != 0:
            raise refused(command, finished)
        return "started"


class AwaitJobHandler:
    """Handler of `AwaitJob`."""

    def done(self, action: AwaitJob, context: RunContext) -> str:
        """Done when it ended well."""
        with api_of(action.release, context) as api:
            return "done before" if _ended(_job(api, action)) == "Complete" else ""

    def do(self, action: AwaitJob, context: RunContext) -> str:
        """Wait for its end, and that of what it waits for; what dies or cannot start ends the wait."""
        components = tuple(name for name in (action.needs, "init") if name)
        watch = PodWatch(action.release, components, fails=False)
        try:
            while True:
                ended = ""
                # One that is away for a moment is what the watch has patience for.
                with contextlib.suppress(EngineUnreachableError):
                    ended = _ended(_job(watch.api, action))
                if ended == "Complete":
                    return ""
                context.progress("", parts=watch.parts())
                watch.check(context)
                if ended == "Failed":
                    raise StepFailedError(
                        "the database could not be brought to this version, or the login not made",
                        evidence=last_words(watch.last_lines("init")),
                        why="Airflow cannot run without either",
                        next="airflow-wizard doctor; the same command tries again",
                    )
        finally:
            watch.close()


def _job(api: KubeApi, action: StartJob | AwaitJob) -> dict[str, Any] | None:
    try:
        return api.find(f"/apis/batch/v1/namespaces/{action.release.namespace}/jobs/{action.job}")
    except ApiRefusedError as error:
        raise StepFailedError(
            f"the job {action.job} cannot be looked at: {error}",
            why="whether it ended well is seen there",
            next="airflow-wizard check --target context names the rights that are needed",
        ) from error


def _ended(job: dict[str, Any] | None) -> str:
    """``Complete``, ``Failed``, or empty while it runs or where there is none."""
    conditions = ((job or {}).get("status") or {}).get("conditions") or []
    true = [str(c.get("type")) for c in conditions if c.get("status") == "True"]
    return next((kind for kind in true if kind in ("Complete", "Failed")), "")
