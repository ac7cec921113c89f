"""Finding out why a stack does not work, and what a text that somebody collected says."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import airflow_cfg, standalone
from airflow_wizard.errors import NotYetError, StackStateError, WizardError
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.options.model import Target
from airflow_wizard.targets.compose_launch import host_dags_folder
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.diagnose.evidence import Evidence, Subject
    from airflow_wizard.run.registry import StackRecord


def doctor(stack: StackRecord | None) -> list[Finding]:
    """What is wrong with a stack, causes first; empty when nothing is.

    Without a stack: what is wrong with any of them and with the list of them; each finding names its stack.
    """
    if stack is not None:
        return _diagnose(stack)
    from airflow_wizard.finding import worst_first
    from airflow_wizard.workflows import stacks

    found = list(stacks.problems())
    gone = {finding.title for finding in found}
    for known in stacks.list_stacks():
        if f"Stack {known.name}" not in gone:
            found += [_named(finding, known.name) for finding in _diagnose(known)]
    return worst_first(found)


def collect_evidence(stack: StackRecord) -> Evidence:
    """Everything that can be seen of a stack within a few seconds.

    Raises:
        StackStateError: the stack's folder cannot tell what it is.
    """
    from airflow_wizard.targets.registry import target
    from airflow_wizard.workflows.places import masker, place_of
    from airflow_wizard.workflows.planning import request_of

    request = request_of(stack)
    keys = target(request.answers.target).secret_keys(request.answers, request.release)
    place, mask = place_of(stack), masker(stack).mask
    if stack.target == Target.STANDALONE:
        from airflow_wizard.diagnose.collectors.standalone import collect

        subject, fingerprint = _subject(request, stack), standalone.fingerprint(request)
        return collect(subject, place, fingerprint=fingerprint, secret_keys=keys, mask=mask)
    if stack.target == Target.COMPOSE:
        from airflow_wizard.diagnose.collectors import compose

        return compose.collect(_subject(request, stack), place, secret_keys=keys, mask=mask)
    if place.release is not None:
        from airflow_wizard.diagnose.collectors import kube

        return kube.collect(_subject(request, stack), place.release, place, mask=mask)
    raise NotYetError(f"this version does not diagnose {stack.target} stacks")


def explain(text: str) -> list[Finding]:
    """What a log or an error message from anywhere says, by known signatures; empty when nothing is known in it."""
    from airflow_wizard.diagnose.evaluate import fold, order, without_doubles
    from airflow_wizard.diagnose.signatures import finding_of, match_text
    from airflow_wizard.run.masks import Masker
    from airflow_wizard.text import plain

    hits = match_text(Masker().mask(plain(text)))
    return order(fold(without_doubles(finding_of(hit) for hit in hits)))


def labels(findings: list[Finding]) -> list[str]:
    """The families of findings, best first; consequences of another finding are left out."""
    from airflow_wizard.diagnose.signatures import family_of

    ids = {finding.id for finding in findings}
    roots = [f for f in findings if not any(cause in ids for cause in f.causes)]
    return list(dict.fromkeys(family_of(f.id) for f in roots))


def bundle(stack: StackRecord) -> Path:
    """A folder of evidence to hand to somebody else.

    Raises:
        NotYetError: always, in this version.
    """
    raise NotYetError(
        "bundle comes with a later version",
        next=f"airflow-wizard doctor {stack.name} --json shows the findings with their evidence",
    )


def _diagnose(stack: StackRecord) -> list[Finding]:
    from airflow_wizard.diagnose.evaluate import evaluate

    try:
        return evaluate(collect_evidence(stack))
    except StackStateError as error:
        return [_refused("stack.state", stack, error)]
    except WizardError as error:
        return [_refused("stack.settings", stack, error)]


def _refused(finding_id: str, stack: StackRecord, error: WizardError) -> Finding:
    return Finding(
        finding_id,
        Level.FAIL,
        f"Stack {stack.name}",
        one_line(error.what),
        why=one_line(error.why),
        evidence=(stack.folder,),
        fixes=(Fix(one_line(error.next)),) if error.next else (),
    )


def _named(finding: Finding, name: str) -> Finding:
    from dataclasses import replace

    return replace(finding, title=f"{name}: {finding.title}")


def _subject(request: StackRequest, stack: StackRecord) -> Subject:
    from airflow_wizard.diagnose.evidence import Subject

    answers = request.answers
    alone, external = stack.target == Target.STANDALONE, answers.text("database") == "external"
    dags = str(airflow_cfg.dags_folder(request)) if alone else host_dags_folder(request)
    return Subject(
        name=stack.name,
        folder=stack.folder,
        url=airflow_cfg.base_url(request),
        bind=answers.text("bind"),
        port=answers.integer("port"),
        api=request.release.api,
        dags=dags,
        sqlite=str(Path(stack.folder) / "airflow.db") if alone and not external else "",
        uv="uv" if shutil.which("uv") else str(Path(sys.executable).with_name("uv")),
        target=stack.target,
    )
