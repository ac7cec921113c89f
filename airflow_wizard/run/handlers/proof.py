"""The parts of the proof that ask: is it ours, does everything beat, does the login work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.engines.airflow_api import ForeignError, NoAnswerError, RefusedError
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.waiting import api_for, watching
from airflow_wizard.status.airflow_health import health_of
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.run.actions import AwaitHeartbeats, AwaitIdentity, VerifyLogin
    from airflow_wizard.run.context import Part, RunContext
    from airflow_wizard.status.snapshot import AirflowHealth, ComponentHealth

# Airflow's stamp and the start of a process are told by different clocks' last digits.
_CLOCK = 0.5


class IdentityHandler:
    """Handler of `AwaitIdentity`. A proof is an observation: never done before."""

    def done(self, action: AwaitIdentity, context: RunContext) -> str:
        """Never."""
        del action, context
        return ""

    def do(self, action: AwaitIdentity, context: RunContext) -> str:
        """Ask until what answers proves that it is this stack's Airflow."""
        api = api_for(action.endpoint)
        with watching(action.runtime) as watch:
            while True:
                try:
                    if not watch.may_answer():
                        raise NoAnswerError("it is not ready")  # noqa: TRY301 - the same is told of both
                    api.identity()
                except NoAnswerError:
                    # How it does not answer differs from moment to moment while it starts, and tells nothing.
                    context.progress(f"no answer yet from {action.endpoint.url}", parts=watch.parts())
                except ForeignError as error:
                    raise StepFailedError(
                        f"what answers at {action.endpoint.url} is not this stack: {one_line(error, limit=200)}",
                        why="every other check would be about somebody else's program",
                        next="end that program, or choose another port with --set port=NUMBER",
                    ) from error
                else:
                    return "the token was seen"
                watch.check(context)


class HeartbeatHandler:
    """Handler of `AwaitHeartbeats`."""

    def done(self, action: AwaitHeartbeats, context: RunContext) -> str:
        """Never."""
        del action, context
        return ""

    def do(self, action: AwaitHeartbeats, context: RunContext) -> str:
        """Read the health body until every component is healthy with a fresh heartbeat."""
        api = api_for(action.endpoint)
        with watching(action.runtime) as watch:
            while True:
                try:
                    health = health_of(api.health())
                except NoAnswerError as error:
                    context.progress(f"the health page does not answer: {error}")
                except ForeignError as error:
                    context.progress(f"the health page is not readable: {one_line(error, limit=100)}")
                else:
                    parts = heartbeat_parts(health, action.endpoint.components, action.fresh, watch.up_for())
                    good = sum(state == "ok" for _, state, _ in parts)
                    context.progress(f"{good} of {len(parts)}", fraction=good / len(parts), parts=parts)
                    if good == len(parts):
                        return ", ".join(f"{name} {detail}" for name, _, detail in parts)
                watch.check(context)


def heartbeat_parts(
    health: AirflowHealth | None, names: tuple[str, ...], fresh: float, up_for: Mapping[str, float]
) -> tuple[Part, ...]:
    """(name, ok | waiting, words) for each component that must beat.

    Args:
        health: Airflow's own word.
        names: as the health body has them.
        fresh: seconds a heartbeat may be old.
        up_for: seconds each component has been running, by its own name; an older heartbeat was its predecessor's.
    """
    parts = []
    for name in names:
        entry: ComponentHealth | None = getattr(health, name, None)
        label = name.replace("_", "-")
        if entry is None:
            parts.append((label, "waiting", "not reported yet"))
        elif entry.status != "healthy":
            parts.append((label, "waiting", "starting" if entry.heartbeat_age is None else entry.status))
        elif name == "metadatabase":
            parts.append((label, "ok", "healthy"))
        elif entry.heartbeat_age is None or entry.heartbeat_age > fresh:
            parts.append((label, "waiting", "no fresh heartbeat"))
        elif entry.heartbeat_age > up_for.get(label, entry.heartbeat_age) + _CLOCK:
            parts.append((label, "waiting", "its heartbeat is older than this start"))
        else:
            parts.append((label, "ok", f"heartbeat {entry.heartbeat_age:.0f} s ago"))
    return tuple(parts)


class LoginHandler:
    """Handler of `VerifyLogin`."""

    def done(self, action: VerifyLogin, context: RunContext) -> str:
        """Never."""
        del action, context
        return ""

    def do(self, action: VerifyLogin, context: RunContext) -> str:
        """Log in with what the person will be shown."""
        api = api_for(action.endpoint)
        deadline = time.monotonic() + 30.0
        while True:
            try:
                return f"accepted ({api.log_in()})"
            except NoAnswerError as error:
                if time.monotonic() > deadline:
                    raise StepFailedError(
                        f"no answer to the login: {error}", why="a login that was not tested is not printed"
                    ) from error
                context.pause(0.2)
            except RefusedError as error:
                raise StepFailedError(
                    f"the login of `{api.login.user}` is not accepted: {one_line(error, limit=200)}",
                    why="the password in .env is not the one Airflow knows",
                    next="./airflow users reset-password -u admin"
                    if action.endpoint.api == "v1"
                    else "compare login.json with AIRFLOW_WIZARD_PASSWORD in .env, then run the same command again",
                ) from error
