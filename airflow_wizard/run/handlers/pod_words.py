"""What a pod's status says about a start: how far it is, and whether waiting on makes sense. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow_wizard.text import one_line

# Reasons for which a container waits that do not go away by waiting, and the seconds they are given all the same.
_STUCK = {
    "InvalidImageName": 0.0,
    "ErrImageNeverPull": 0.0,
    "ErrImagePull": 8.0,
    "ImagePullBackOff": 8.0,
    "CreateContainerConfigError": 5.0,
    "CreateContainerError": 12.0,
    "RunContainerError": 12.0,
}
_WHY = {
    "image": "the node cannot get this image, and does not start the pod without it",
    "config": "the pod refers to something that is not in the namespace",
    "place": "no node can take the pod as it is, and it waits until one can",
}
_UNPLACED_SECONDS = 15.0
_TIDIER = "-log-groomer"
_WAITS = "wait-for-airflow-migrations"
# An end by one of these signals was asked for by somebody; Kubernetes starts the container again.
_ASKED_FOR = (0, 130, 137, 143)


@dataclass(frozen=True, slots=True)
class Pod:
    """What of a pod matters while one waits for it.

    Attributes:
        name, uid: its own.
        component: by its label.
        state: ok, waiting or failed.
        words: how it is, safe to show.
        created: unix seconds.
        restarts: of its containers together.
        started: unix seconds since which its main container runs; None while it does not.
        running: names of containers that run.
        telling: the container whose log says most about what is wrong.
        leaving: it is being deleted.
        stuck: (reason, message) of a container that waits in vain; None where there is none.
        unplaced: why no node takes it; empty when one did.
        ended: (container, exit code, reason) of a container that ended last; None where none did.
        phase: as Kubernetes has it.
        evidence: lines of its status, safe to show.
        age: seconds since it was made.
        ran: a container of it ran before, and is started again.
        revision: of its Deployment or StatefulSet that it was made from; empty where it has none.
        node: where it is; empty before it has one.
    """

    name: str
    uid: str
    component: str
    state: str
    words: str
    created: float
    restarts: int
    started: float | None
    running: tuple[str, ...]
    telling: str
    leaving: bool
    stuck: tuple[str, str] | None
    unplaced: str
    ended: tuple[str, int, str] | None
    phase: str
    evidence: tuple[str, ...]
    age: float
    ran: bool
    revision: str
    node: str


def selector_of(release: str) -> tuple[str, ...]:
    """Label selectors that find every pod of a release: the chart's, and the wizard's own."""
    return (f"release={release}", f"app.kubernetes.io/instance={release}")


def pod_of(pod: dict[str, Any], now: float) -> Pod:
    """A pod as the API has it."""
    meta, status, spec = pod.get("metadata") or {}, pod.get("status") or {}, pod.get("spec") or {}
    labels = meta.get("labels") or {}
    init = status.get("initContainerStatuses") or []
    main = status.get("containerStatuses") or []
    created = unix_time(meta.get("creationTimestamp")) or now
    states = [(one.get("name", ""), one.get("state") or {}, one.get("lastState") or {}) for one in (*init, *main)]
    stuck = next(
        (
            (str(w.get("reason")), one_line(str(w.get("message") or ""), limit=300))
            for _, state, _ in states
            if (w := state.get("waiting") or {}).get("reason") in _STUCK
        ),
        None,
    )
    ended = None
    for name, state, last in states:
        # It only tidies up: without it Airflow is whole.
        if str(name).endswith(_TIDIER):
            continue
        over = state.get("terminated") or last.get("terminated")
        if over and over.get("reason") != "Completed":
            ended = (one_line(name), int(over.get("exitCode") or 0), one_line(over.get("reason") or ""))
    running = tuple(str(name) for name, state, _ in states if "running" in state)
    names = [c.get("name", "") for c in spec.get("containers") or []]
    first = names[0] if names else ""
    runs = [(one.get("state") or {}).get("running") for one in main if one.get("name") == first]
    started = unix_time(runs[0].get("startedAt")) if runs and runs[0] else None
    unplaced = next(
        (
            one_line(str(c.get("message") or c.get("reason") or ""), limit=300)
            for c in status.get("conditions") or []
            if c.get("type") == "PodScheduled" and c.get("status") == "False"
        ),
        "",
    )
    needed = [one for one in main if not str(one.get("name", "")).endswith(_TIDIER)]
    ready = bool(needed) and all(one.get("ready") for one in needed)
    phase = str(status.get("phase") or "")
    restarts = sum(int(one.get("restartCount") or 0) for one in (*init, *needed))
    state, words = _words(phase, ready=ready, states=states, unplaced=unplaced, seconds=now - (started or created))
    return Pod(
        name=str(meta.get("name", "")),
        uid=str(meta.get("uid", "")),
        component=str(labels.get("component") or labels.get("app.kubernetes.io/component") or "other"),
        state=state,
        words=words,
        created=created,
        restarts=restarts,
        started=started,
        running=running,
        telling=ended[0] if ended else first,
        leaving="deletionTimestamp" in meta,
        stuck=stuck,
        unplaced=unplaced,
        ended=ended,
        phase=phase,
        evidence=tuple(one_line(str(status[key]), limit=300) for key in ("reason", "message") if status.get(key)),
        age=now - created,
        ran=restarts > 0 or any(last for _, _, last in states),
        revision=str(labels.get("pod-template-hash") or labels.get("controller-revision-hash") or ""),
        node=str(spec.get("nodeName") or ""),
    )


def _words(
    phase: str, *, ready: bool, states: list[tuple[str, dict[str, Any], dict[str, Any]]], unplaced: str, seconds: float
) -> tuple[str, str]:
    if phase == "Succeeded":
        return "ok", "done"
    if phase == "Failed":
        return "failed", "failed"
    if ready:
        return "ok", "ready"
    if unplaced:
        return "waiting", f"no node takes it: {unplaced}"
    for name, state, _ in states:
        waiting = state.get("waiting") or {}
        reason = str(waiting.get("reason") or "")
        if reason and reason not in ("PodInitializing", "ContainerCreating"):
            how = "failed" if reason in _STUCK or reason == "CrashLoopBackOff" else "waiting"
            return how, one_line(f"{name}: {reason}", limit=120)
    if any("running" in state and name == _WAITS for name, state, _ in states):
        return "waiting", "waits until the database is migrated"
    if any("running" in state for _, state, _ in states):
        return "waiting", f"starting, {max(0.0, seconds):.0f} s"
    return "waiting", "its containers are made"


Verdict = tuple[str, str, str, bool]


def verdict(pod: Pod, *, restarts: int, stuck: float, fails: bool) -> Verdict | None:
    """(what, why, what to do, whether its log tells more) when waiting for a pod makes no sense; None when it does.

    Args:
        pod: how it is.
        restarts: since the wait began.
        stuck: seconds for which it has waited in vain.
        fails: that it ended by itself ends the wait.
    """
    doctor = "airflow-wizard logs --unit {unit}, then airflow-wizard doctor"
    if pod.stuck and stuck > _STUCK[pod.stuck[0]]:
        kind = "image" if "Image" in pod.stuck[0] or "ErrIm" in pod.stuck[0] else "config"
        return f"cannot start: {pod.stuck[0]}: {pod.stuck[1]}", _WHY[kind], "airflow-wizard doctor", False
    if pod.unplaced and pod.age > _UNPLACED_SECONDS and "unbound" not in pod.unplaced.lower():
        return f"finds no node: {pod.unplaced}", _WHY["place"], "airflow-wizard doctor", False
    name, code, reason = pod.ended or ("", 0, "")
    if reason == "OOMKilled" and (restarts > 0 or pod.state == "failed"):
        return f"ended: {name} took more memory than its limit (OOM)", "it will again", doctor, True
    if pod.phase == "Failed" and fails:
        return "ended", "Airflow is not whole without it", doctor, True
    if not pod.ended:
        return None
    # A node that was started again does not know how its containers ended.
    asked_for = code in _ASKED_FOR or reason == "Unknown"
    if fails and restarts > 0 and (not asked_for or restarts > 2):
        how = f"exit {code}" if code >= 0 else reason
        return f"ended with {how} in {name}", "Airflow is not whole without it; Kubernetes goes on trying", doctor, True
    return None


def unix_time(text: object) -> float | None:
    """Seconds of a time as Kubernetes writes it; None when it is none."""
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None
