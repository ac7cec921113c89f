"""The default `Services`: the workflows, each imported when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.finding import Answer, Finding, Fix
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.log_line import LogLine
    from airflow_wizard.options.model import Option, Target
    from airflow_wizard.profile.model import Profile
    from airflow_wizard.run.command_history import PastCommand
    from airflow_wizard.run.step import Outcome, Plan
    from airflow_wizard.status.snapshot import Unit
    from airflow_wizard.targets.model import Fit
    from airflow_wizard.tui.services import LogFeed, OnEvent, Watching
    from airflow_wizard.workflows.access import Credentials
    from airflow_wizard.workflows.checking import CheckReport
    from airflow_wizard.workflows.flow import FlowState
    from airflow_wizard.workflows.lifecycle import Extent, Verb
    from airflow_wizard.workflows.planning import FilePreview
    from airflow_wizard.workflows.profiles import ProfileEntry
    from airflow_wizard.workflows.stacks import StackRecord
    from airflow_wizard.workflows.units import UnitAction
    from airflow_wizard.workflows.writing import WriteReport


class Workflows:
    """Forwards to `airflow_wizard.workflows`; see `Services` for what each method is."""

    def check_host(  # noqa: D102 - documented by Services, as everything below
        self,
        target: Target | None,
        *,
        answers: Mapping[str, Answer],
        folder: Path | None,
        facts: HostFacts | None,
        on_finding: Callable[[Finding], None] | None,
    ) -> CheckReport:
        from airflow_wizard.workflows import checking

        return checking.check_host(target, answers=answers, folder=folder, facts=facts, on_finding=on_finding)

    def with_cluster(  # noqa: D102
        self, facts: HostFacts, target: Target, *, answers: Mapping[str, Answer], folder: Path | None, stack: str
    ) -> HostFacts:
        from airflow_wizard.workflows import checking

        return checking.with_cluster(facts, target, answers=answers, folder=folder, stack=stack)

    def load_facts(self, path: Path) -> HostFacts:  # noqa: D102
        from airflow_wizard.workflows import checking

        return checking.load_facts(path)

    def rank_targets(self, facts: HostFacts) -> list[Fit]:  # noqa: D102
        from airflow_wizard.workflows import choosing

        return choosing.rank_targets(facts)

    def declarations(self, target: Target) -> tuple[Option, ...]:  # noqa: D102
        from airflow_wizard.options import registry

        return registry.for_target(target)

    def proposed_name(self, target: Target) -> str:  # noqa: D102
        from airflow_wizard.workflows import moving

        return moving.proposed_name(target)

    def known_profiles(self) -> list[ProfileEntry]:  # noqa: D102
        from airflow_wizard.workflows import profiles

        return profiles.known()

    def load_profile(self, ref: str, sets: Sequence[str] = ()) -> Profile:  # noqa: D102
        from airflow_wizard.workflows import profiles

        return profiles.load(ref, sets=sets)

    def save_profile(self, profile: Profile, *, overwrite: bool) -> Path:  # noqa: D102
        from airflow_wizard.workflows import profiles

        return profiles.save(profile, overwrite=overwrite)

    def delete_profile(self, name: str) -> None:  # noqa: D102
        from airflow_wizard.workflows import profiles

        profiles.delete(name)

    def diff_profiles(self, one: Profile, other: Profile) -> list[tuple[str, str, str]]:  # noqa: D102
        from airflow_wizard.workflows import profiles

        return profiles.diff(one, other)

    def request(  # noqa: D102
        self, profile: Profile, facts: HostFacts, folder: Path | None, *, show: bool
    ) -> StackRequest:
        from airflow_wizard.workflows import planning

        return planning.make_request(profile, facts, folder=folder, for_display=show)

    def plan(self, request: StackRequest) -> Plan:  # noqa: D102
        from airflow_wizard.workflows import planning

        return planning.make_plan(request)

    def preview(self, plan: Plan) -> list[FilePreview]:  # noqa: D102
        from airflow_wizard.workflows import planning

        return planning.preview(plan)

    def write(self, request: StackRequest, out: Path) -> WriteReport:  # noqa: D102
        from airflow_wizard.workflows import writing

        return writing.write(request, out)

    def script(self, request: StackRequest) -> str:  # noqa: D102
        from airflow_wizard.workflows import exporting

        return exporting.export_script(request)

    def launch(self, request: StackRequest, *, on_event: OnEvent, cancel: threading.Event) -> Outcome:  # noqa: D102
        from airflow_wizard.workflows import launching

        return launching.launch(request, on_event=on_event, cancel=cancel)

    def lifecycle_plan(self, verb: Verb, stack: StackRecord, extent: Extent) -> Plan:  # noqa: D102
        from airflow_wizard.workflows import lifecycle

        return lifecycle.plan_for(verb, stack, extent)

    def run_plan(self, plan: Plan, *, on_event: OnEvent, cancel: threading.Event) -> Outcome:  # noqa: D102
        from airflow_wizard.workflows import lifecycle

        return lifecycle.run(plan, on_event=on_event, cancel=cancel)

    def removal(self, verb: Verb, stack: StackRecord, extent: Extent) -> list[tuple[str, int, str]]:  # noqa: D102
        from airflow_wizard.workflows import lifecycle

        return lifecycle.removal_report(verb, stack, extent)

    def known_profile(self, stack: StackRecord) -> tuple[Profile, Path] | None:  # noqa: D102
        from pathlib import Path

        from airflow_wizard.workflows import stacks

        return stacks.known_profile(stack.name, Path(stack.folder))

    def stacks(self) -> list[StackRecord]:  # noqa: D102
        from airflow_wizard.workflows import stacks

        return stacks.list_stacks()

    def find_stack(self, name: str | None) -> StackRecord:  # noqa: D102
        from airflow_wizard.workflows import stacks

        return stacks.find_stack(name)

    def watcher(self, stack: StackRecord) -> Watching:  # noqa: D102
        from airflow_wizard.workflows import watching

        return watching.Watcher(stack)

    def open_logs(self, stack: StackRecord, *, tail: int) -> LogFeed:  # noqa: D102
        from airflow_wizard.workflows import logs

        return logs.LogFeed(stack, tail=tail)

    def older_logs(  # noqa: D102
        self, stack: StackRecord, *, until: float, tail: int, units: Sequence[str] | None
    ) -> list[LogLine]:
        from airflow_wizard.workflows import logs

        return logs.read_logs(stack, until=until, tail=tail, units=units)

    def save_log(self, stack: StackRecord, lines: Sequence[str]) -> Path:  # noqa: D102
        from airflow_wizard.workflows import saving_logs

        return saving_logs.save(stack.name, lines)

    def unit_actions(self, stack: StackRecord, unit: Unit) -> tuple[UnitAction, ...]:  # noqa: D102
        from airflow_wizard.workflows import units

        return units.actions(stack, unit)

    def last_lines(  # noqa: D102
        self, stack: StackRecord, unit: Unit, count: int, *, before: float | None
    ) -> list[LogLine]:
        from airflow_wizard.workflows import units

        return units.last_lines(stack, unit, count, before=before)

    def shell(self, stack: StackRecord, unit: Unit) -> int:  # noqa: D102
        from airflow_wizard.workflows import units

        return units.shell(stack, unit)

    def commands(self, stack: StackRecord) -> list[PastCommand]:  # noqa: D102
        from airflow_wizard.workflows import units

        return units.commands(stack)

    def credentials(self, stack: StackRecord) -> Credentials:  # noqa: D102
        from airflow_wizard.workflows import access

        return access.credentials(stack)

    def open_in_browser(self, url: str) -> bool:  # noqa: D102
        from airflow_wizard.workflows import access

        return access.open_in_browser(url)

    def places(self, stack: StackRecord) -> list[tuple[str, str]]:  # noqa: D102
        import shlex
        from pathlib import Path

        from airflow_wizard.workflows import access, ledger, planning

        request = planning.request_of(stack)
        folder = Path(stack.folder)
        found = [("DAGs", access.dags_place(request))]
        airflow, stack_script = (shlex.quote(str(folder / name)) for name in ("airflow", "stack"))
        found += [("CLI", f"{airflow} …")] if (folder / "airflow").is_file() else []
        found += [("folder", str(folder))]
        # What does the same without the wizard.
        found += [("alone", f"{stack_script} start | stop | status")] if (folder / "stack").is_file() else []
        if (folder / "docker-compose.yaml").is_file():
            found += [("alone", "docker compose up -d | ps | stop, in the folder")]
        pods = access.kubectl_words(request)
        found += [("alone", pods)] if pods else []
        launch = ledger.last(folder)
        found += [("launch", launch.words())] if launch else []
        return found

    def rest_example(self, stack: StackRecord) -> str:  # noqa: D102
        from airflow_wizard.workflows import access

        return access.rest_example(stack)

    def doctor(self, stack: StackRecord | None) -> list[Finding]:  # noqa: D102
        from airflow_wizard.workflows import troubleshooting

        return troubleshooting.doctor(stack)

    def fix_plan(self, stack: StackRecord, finding: Finding, fix: Fix) -> Plan:  # noqa: D102
        from airflow_wizard.workflows import fixing

        return fixing.plan_for(stack, finding, fix).plan

    def load_flow(self) -> FlowState | None:  # noqa: D102
        from airflow_wizard.workflows import flow

        return flow.load_flow()

    def save_flow(self, state: FlowState) -> None:  # noqa: D102
        from airflow_wizard.workflows import flow

        flow.save_flow(state)

    def clear_flow(self) -> None:  # noqa: D102
        from airflow_wizard.workflows import flow

        flow.clear_flow()
