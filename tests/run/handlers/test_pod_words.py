"""When waiting for a pod makes no sense any more, and when it does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.run.handlers.pod_words import pod_of, selector_of, unix_time, verdict
from tests.run.handlers.pods import NOW, container, pod, stamp, terminated, unplaced, waiting

CRASH = waiting("CrashLoopBackOff", "back-off 10s restarting failed container")
PULL = waiting("ImagePullBackOff", 'Back-off pulling image "no/such:1"')
TAINT = "0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available"


def judged(found: dict[str, Any], *, restarts: int = 0, fails: bool = True) -> str:
    """What is wrong with a pod; empty where one goes on waiting."""
    seen = pod_of(found, NOW)
    verdict_ = verdict(seen, restarts=restarts, stuck=seen.age, fails=fails)
    return verdict_[0] if verdict_ else ""


@pytest.mark.parametrize(
    ("found", "restarts", "words"),
    [
        (pod(container(state=CRASH, lastState=terminated(1), restartCount=1)), 1, "ended with exit 1 in main"),
        (
            pod(container(state=CRASH, lastState=terminated(137, "OOMKilled"), restartCount=1)),
            1,
            "than its limit (OOM)",
        ),
        (pod(container(state=terminated(137, "OOMKilled")), phase="Failed"), 0, "than its limit (OOM)"),
        (pod(container(state=PULL), age=9), 0, "cannot start: ImagePullBackOff: Back-off pulling"),
        (pod(container(state=waiting("InvalidImageName", "no")), age=1), 0, "cannot start: InvalidImageName"),
        (
            pod(container(state=waiting("CreateContainerConfigError", 'secret "demo-keys" not found')), age=6),
            0,
            'secret "demo-keys" not found',
        ),
        (
            pod(container(state=waiting("PodInitializing")), init=(container("git", PULL),), age=9),
            0,
            "ImagePullBackOff",
        ),
        (
            pod(
                container(state=waiting("PodInitializing")),
                init=(container("git", CRASH, lastState=terminated(128), restartCount=2),),
            ),
            2,
            "exit 128 in git",
        ),
        (unplaced(TAINT, age=16), 0, "finds no node: 0/1 nodes are available: 1 Insufficient memory"),
        (pod(container(state=terminated(1)), phase="Failed"), 0, "ended"),
        (pod(container(lastState=terminated(143), restartCount=3)), 3, "exit 143"),
    ],
)
def test_what_will_not_come_up_ends_the_wait(found: dict[str, Any], restarts: int, words: str) -> None:
    assert words in judged(found, restarts=restarts)


@pytest.mark.parametrize(
    ("found", "restarts"),
    [
        (pod(), 0),
        (pod(container(state=waiting("ContainerCreating"))), 0),
        (pod(container(state=PULL), age=7), 0),
        (unplaced(TAINT, age=14), 0),
        (unplaced("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", age=300), 0),
        # A node that was started again does not know how its containers ended.
        (pod(container(lastState=terminated(255, "Unknown"), restartCount=1)), 1),
        (pod(container(lastState=terminated(143), restartCount=1)), 1),
        (pod(container(lastState=terminated(0, "Completed"), restartCount=4)), 4),
        (pod(container(state=terminated(0, "Completed")), phase="Succeeded"), 0),
        # Before the wait began; it runs by now.
        (pod(container(lastState=terminated(1), restartCount=5)), 0),
        (pod(container(lastState=terminated(137, "OOMKilled"), restartCount=1)), 0),
    ],
)
def test_what_may_still_come_up_is_waited_for(found: dict[str, Any], restarts: int) -> None:
    assert judged(found, restarts=restarts) == ""


def test_a_job_tries_again_by_itself_but_not_without_an_image() -> None:
    assert judged(pod(container(state=terminated(1)), phase="Failed"), fails=False) == ""
    assert judged(pod(container(lastState=terminated(1), restartCount=1)), restarts=1, fails=False) == ""
    assert "ImagePullBackOff" in judged(pod(container(state=PULL)), fails=False)
    assert "OOM" in judged(pod(container(state=terminated(137, "OOMKilled")), phase="Failed"), fails=False)


def test_what_tidies_up_logs_is_not_needed() -> None:
    groomer = container("scheduler-log-groomer", CRASH, lastState=terminated(1), restartCount=9)
    found = pod_of(pod(container(), groomer), NOW)
    assert (found.state, found.words, found.restarts, found.ended) == ("ok", "ready", 0, None)
    assert verdict(found, restarts=0, stuck=0.0, fails=True) is None


@pytest.mark.parametrize(
    ("found", "state", "words"),
    [
        (pod(), "ok", "ready"),
        (pod(container(ready=False)), "waiting", "starting, 30 s"),
        (pod(container(state=waiting("ContainerCreating"))), "waiting", "its containers are made"),
        (pod(container(state=CRASH)), "failed", "main: CrashLoopBackOff"),
        (unplaced(TAINT), "waiting", f"no node takes it: {TAINT}"),
        (pod(phase="Succeeded"), "ok", "done"),
        (pod(phase="Failed"), "failed", "failed"),
    ],
)
def test_how_far_it_is(found: dict[str, Any], state: str, words: str) -> None:
    seen = pod_of(found, NOW)
    assert (seen.state, seen.words) == (state, words)


def test_the_log_that_tells_most_is_of_what_ended() -> None:
    init = (container("git", CRASH, lastState=terminated(1), restartCount=1),)
    assert pod_of(pod(container(state=waiting("PodInitializing")), init=init), NOW).telling == "git"
    assert pod_of(pod(), NOW).telling == "main"
    assert pod_of(pod(), NOW).running == ("main",)
    assert pod_of(pod(), NOW).started == NOW - 30


def test_evicted_pods_say_so() -> None:
    evicted = pod(container(state=terminated(137)), phase="Failed", reason="Evicted", message="low on \x1b[1mmemory")
    assert pod_of(evicted, NOW).evidence == ("Evicted", "low on memory")


def test_pods_are_found_by_the_chart_s_label_and_by_the_wizard_s() -> None:
    assert selector_of("demo") == ("release=demo", "app.kubernetes.io/instance=demo")


def test_times() -> None:
    assert unix_time(stamp(5)) == NOW - 5
    assert unix_time("2026-11-25T16:54:26.123456Z") is not None
    assert unix_time(None) is None
    assert unix_time("soon") is None


HOSTILE = st.text(alphabet=st.sampled_from("ab \n\r\t\x00\x07\x1b[]0;m\x9b\u202e\u2066"), max_size=60)
REASONS = st.sampled_from(["ImagePullBackOff", "CreateContainerConfigError", "CrashLoopBackOff", "odd\x1b[2J"])


@given(HOSTILE, REASONS, st.integers(0, 3))
def test_nothing_of_a_pod_steers_a_terminal(text: str, reason: str, restarts: int) -> None:
    status = container(state=waiting(reason, text), lastState=terminated(1, text), restartCount=restarts)
    conditions = [{"type": "PodScheduled", "status": "False", "message": text}]
    for found in (pod(status, reason=text, message=text), unplaced(text), pod(status, conditions=conditions)):
        seen = pod_of(found, NOW)
        said = verdict(seen, restarts=restarts, stuck=seen.age, fails=True) or ("", "", "", False)
        assert all(part.isprintable() for part in (seen.words, *seen.evidence, *said[:3]))
