"""The unfinished flow: kept between two starts of the wizard, whichever face it was begun in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from airflow_wizard import paths
from airflow_wizard.atomic import make_folder, write_text_atomic
from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Target
from airflow_wizard.options.registry import find
from airflow_wizard.profile.secrets import refuse_secret_value

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.finding import Answer

_FORMAT = 1
_SIZE_LIMIT = 1_000_000  # bytes; a flow is a few hundred


@dataclass(frozen=True, slots=True)
class FlowState:
    """Where a person was when the wizard was left.

    Attributes:
        screen: the step: ``checks``, ``target``, ``options``, ``review`` or ``launch``.
        target: the target chosen, or None before that.
        profile_name: name of the profile it began with; empty for none.
        given: answers given so far. Secrets are never kept.
        folder: folder of the stack; empty for the default.
        stack: name of the stack; None for the default.
    """

    screen: str
    target: str | None = None
    profile_name: str = ""
    given: dict[str, Answer] = field(default_factory=dict)
    folder: str = ""
    stack: str | None = None


def load_flow() -> FlowState | None:
    """The unfinished flow; None when there is none, or when its file cannot be used (`read_flow` says why)."""
    return read_flow()[0]


def read_flow() -> tuple[FlowState | None, str]:
    """The unfinished flow, and a note when there is a file that cannot be used; empty when all is well."""
    path = _path()
    try:
        with path.open("rb") as file:
            data = file.read(_SIZE_LIMIT + 1)
    except FileNotFoundError:
        return None, ""
    except OSError as refused:
        return None, _note(path, refused.strerror or str(refused))
    if len(data) > _SIZE_LIMIT:
        return None, _note(path, "it is too large")
    try:
        return _state(json.loads(data)), ""
    except (ValueError, RecursionError) as wrong:
        return None, _note(path, str(wrong))


def save_flow(state: FlowState) -> None:
    """Keeps a flow, readable by this user only.

    Raises:
        WizardError: it cannot be written.
    """
    kept = asdict(state) | {"format": _FORMAT, "given": {k: v for k, v in state.given.items() if _may_be_kept(k, v)}}
    path = _path()
    make_folder(path.parent, 0o700)
    write_text_atomic(path, json.dumps(kept, indent=1) + "\n", 0o600)


def clear_flow() -> None:
    """Forgets the flow; it is finished or not wanted any more."""
    _path().unlink(missing_ok=True)


def finish_flow(stack: str) -> None:
    """A stack was launched, by whichever face: a flow that led there is finished; any other stays."""
    known = load_flow()
    if known is not None and (known.profile_name or known.target) == stack:
        clear_flow()


def _path() -> Path:
    return paths.state_dir() / "flow.json"


def _note(path: Path, problem: str) -> str:
    return f"the unfinished flow in {path} cannot be used and is ignored: {problem}"


def _may_be_kept(name: str, value: Answer) -> bool:
    option = find(name)
    if option is None or option.secret:
        return False
    try:
        refuse_secret_value(name, value if isinstance(value, tuple) else (str(value),))
    except InvalidError:
        return False
    return True


def _state(raw: object) -> FlowState:
    if not isinstance(raw, dict) or raw.get("format") != _FORMAT:
        raise ValueError("another wizard wrote it, or something else did")
    target, stack = raw.get("target"), raw.get("stack")
    given = raw.get("given", {})
    if not isinstance(given, dict):
        raise _UnreadableError("given")
    if target is not None and target not in [str(t) for t in Target]:
        raise _UnreadableError("target")
    if stack is not None and not isinstance(stack, str):
        raise _UnreadableError("stack")
    return FlowState(
        screen=_text(raw, "screen"),
        target=target,
        profile_name=_text(raw, "profile_name"),
        # An option of another version of the wizard is not an answer any more.
        given={str(name): _answer(str(name), value) for name, value in given.items() if find(str(name))},
        folder=_text(raw, "folder"),
        stack=stack,
    )


class _UnreadableError(ValueError):
    """A key of the file has a value it cannot have."""

    def __init__(self, key: str) -> None:
        super().__init__(f"its {key} cannot be read")


def _text(raw: dict[str, object], key: str) -> str:
    value = raw.get(key, "")
    if not isinstance(value, str):
        raise _UnreadableError(key)
    return value


def _answer(name: str, value: object) -> Answer:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise _UnreadableError(name)
