"""Options: a form made from the declarations. Only what applies, with the default that fits this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.widgets import Input, Select, Static

from airflow_wizard.options.model import Kind, Option, Target
from airflow_wizard.tui.background import Ended, Job
from airflow_wizard.tui.keys import SCREENS, bindings
from airflow_wizard.tui.present import form
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Line, Tone, content, line, span
from airflow_wizard.tui.widgets.controls import ChoiceField, GoOn, Toggle, TypedLine
from airflow_wizard.tui.widgets.side import Scroller

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.widget import Widget

    from airflow_wizard.finding import Answer
    from airflow_wizard.host.facts import HostFacts


class OptionForm(WizardScreen):
    """The third step."""

    NAME = STEP = "options"
    SIDE = True
    BINDINGS = bindings(*SCREENS["options"])

    def __init__(self) -> None:
        super().__init__()
        self._options: tuple[Option, ...] = ()
        self._fields: dict[str, form.Field] = {}
        self._unreadable: dict[str, str] = {}
        self._shown: tuple[str, ...] = ()
        self._expert = False
        self._proposed = ""
        self._facts: HostFacts | None = None
        self._job: Job[tuple[HostFacts, tuple[Option, ...], str]] | None = None

    @property
    def target(self) -> Target:
        """Where Airflow shall run."""
        return self.session.target or Target.STANDALONE

    def body(self) -> Iterable[Widget]:
        """A form that scrolls."""
        yield Scroller(id="form")

    def on_mount(self) -> None:
        """Reads declarations and facts in a thread: a resumed flow has none yet."""
        self.about(f"{self.session.profile_name or 'new'}  {self.target}")
        self.says(("◐ ", Tone.WORK), "reading this machine…")
        self._job = Job(self, "options", lambda _: self._read())

    def _read(self) -> tuple[HostFacts, tuple[Option, ...], str]:
        from airflow_wizard.tui.measure import facts_of

        target = self.target
        return facts_of(self.wizard), self.services.declarations(target), self.services.proposed_name(target)

    async def on_ended(self, event: Ended) -> None:
        """The form can be drawn."""
        if event.job is not self._job or self._job is None:
            return
        if self._job.error or self._job.value is None:
            if self._job.error:
                self.says_error(self._job.error)
            return
        self._facts, self._options, self._proposed = self._job.value
        known = {o.name for o in self._options}
        self.session.given = {k: v for k, v in self.session.given.items() if k in known}
        await self._draw()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        # Somebody quick may stand in a field already.
        if self.focused is None:
            self.action_field(1)

    def _judge(self) -> None:
        if self._facts is None:
            return
        listed = form.fields(self._options, self.target, self._facts, self.session.given, self._unreadable)
        self._fields = {field.name: field for field in listed}

    def _wanted(self) -> tuple[str, ...]:
        usual = [f.name for f in self._fields.values() if self._expert or not f.option.expert or f.stated or f.problem]
        return tuple(usual)

    async def _draw(self) -> None:
        """Builds the rows again: an option came or went."""
        self._judge()
        self._shown = self._wanted()
        focused = self.focused.id if self.focused else None
        box = self.part(Scroller, "#form")
        rows: list[Widget] = [Static("This stack", classes="group first", markup=False)]
        rows += self._row("name", "Name", TypedLine(self._stack_name(), "name"))
        rows += self._row("folder", "Folder", TypedLine(self.session.folder, "folder", self._usual_folder()))
        group = ""
        for name in self._shown:
            field = self._fields[name]
            if field.option.group != group:
                group = field.option.group
                rows.append(Static(group, classes="group", markup=False))
            rows += self._row(name, field.option.title, self._control(field))
        folded = len(self._fields) - len(self._shown)
        if folded:
            rows.append(Static(f"▸ Expert ({folded})   F7", classes="group folded", markup=False))
        rows.append(GoOn(id="field-go"))
        with self.app.batch_update():
            await box.remove_children()
            await box.mount(Container(*rows, id="grid"))
        self._hints()
        if focused and (again := self.query(f"#{focused}")):
            self.set_focus(again.first())

    def _row(self, name: str, title: str, control: Widget) -> list[Widget]:
        return [
            Static(title, markup=False, classes="label"),
            control,
            Static("", markup=False, classes="hint", id=f"hint-{name}"),
        ]

    def _control(self, field: form.Field) -> Widget:
        if field.option.kind is Kind.BOOLEAN:
            return Toggle(field.value is True, field.name)
        if field.option.kind is Kind.CHOICE:
            return ChoiceField(field.choices, field.text, field.name)
        return TypedLine(field.text, field.name, "none")

    def _stack_name(self) -> str:
        return self.session.profile_name or self._proposed

    def _usual_folder(self) -> str:
        from airflow_wizard.paths import stacks_dir

        return str(stacks_dir() / self._stack_name())

    def _hints(self) -> None:
        """Puts the words behind each field, and the sum of what is wrong below the form."""
        roomy = self.has_class("-wide")
        for name in self._shown:
            field = self._fields[name]
            self.part(Static, f"#hint-{name}").update(content(form.hint(field, roomy=roomy)))
        for name, problem, usual in (("name", self._stack_name_problem(), "of the stack and of its profile"),
                                     ("folder", "", "everything is kept there")):  # fmt: skip
            words: Line = (("✖ ", Tone.FAIL), span(problem, Tone.FAIL)) if problem else ((usual, Tone.DIM),) * roomy
            self.part(Static, f"#hint-{name}").update(content(words))
        self._sum_up()
        self._explain()
        self.refresh_bindings()

    def _sum_up(self) -> None:
        wrong = self._wrong()
        here = self._current()
        bad = here if here and here.problem else next((f for f in self._fields.values() if f.problem), None)
        if bad:
            more = f", {len(wrong) - 1} more to correct" if len(wrong) > 1 else ""
            self.says(("✖ ", Tone.FAIL), span(f"{bad.option.title}: {bad.problem}", Tone.FAIL), (more, Tone.DIM))
        elif wrong:
            self.says(("✖ ", Tone.FAIL), span(f"Name: {self._stack_name_problem()}", Tone.FAIL))
        else:
            changed = sum(f.stated and f.value != f.default for f in self._fields.values())
            self.says(("● ", Tone.OK), f"{len(self._fields)} options", (f", {changed} changed by you", Tone.DIM))

    def on_resize(self) -> None:
        """With more room, more is said behind each field."""
        if self._fields:
            self.call_after_refresh(self._hints)

    def _stack_name_problem(self) -> str:
        from airflow_wizard.run.registry import valid_name

        return "" if valid_name(self._stack_name()) else "lower-case letters, digits and dashes, at most 41"

    def _wrong(self) -> list[str]:
        wrong = [field.option.title for field in self._fields.values() if field.problem]
        return wrong + (["Name"] if self._stack_name_problem() else [])

    def on_input_changed(self, event: Input.Changed) -> None:
        """A text was typed."""
        name = (event.input.id or "").removeprefix("field-")
        if name == "name":
            self.session.profile_name = event.value.strip()
            self.part(Input, "#field-folder").placeholder = self._usual_folder()
            self._hints()
        elif name == "folder":
            text = event.value.strip()
            self.session.folder = str(Path(text).expanduser().absolute()) if text else ""
        elif name in self._fields:
            value, problem = form.read(self._fields[name].option, event.value)
            self._answer(name, value, problem)

    def on_input_submitted(self) -> None:
        """Enter goes to the next field."""
        self.action_field(1)

    def on_select_changed(self, event: Select.Changed) -> None:
        """Something was chosen."""
        if isinstance(event.value, str):
            self._answer((event.select.id or "").removeprefix("field-"), event.value)

    def on_toggle_changed(self, event: Toggle.Changed) -> None:
        """Something was switched."""
        self._answer((event.toggle.id or "").removeprefix("field-"), event.value)

    def _answer(self, name: str, value: Answer, problem: str = "") -> None:
        field = self._fields.get(name)
        if field is None or (not problem and value == field.value and name not in self._unreadable):
            return
        self._unreadable.pop(name, None)
        if problem:
            self._unreadable[name] = problem
        elif value == field.default:
            self.session.given.pop(name, None)
        else:
            self.session.given[name] = value
        self._judge()
        if self._wanted() != self._shown:
            self.call_later(self._draw)
        else:
            self._follow(name)
            self._hints()

    def _follow(self, changed: str) -> None:
        """A default may depend on the answer before it: fields nobody touched show the new one."""
        for name in self._shown:
            field = self._fields[name]
            if name == changed or field.stated or name in self._unreadable:
                continue
            control = self.query_one(f"#field-{name}")
            if isinstance(control, Toggle):
                control.value = field.value is True
            elif isinstance(control, ChoiceField) and control.value != field.text:
                with control.prevent(Select.Changed):
                    control.set_options(control.listed(field.choices, field.text))
                    control.value = field.text
            elif isinstance(control, TypedLine) and control.value != field.text:
                with control.prevent(Input.Changed):
                    control.value = field.text

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The field with the focus is explained."""
        del event
        if self._fields:
            self._sum_up()
            self._explain()
        self.refresh_bindings()

    def _current(self) -> form.Field | None:
        name = ((self.focused.id if self.focused else "") or "").removeprefix("field-")
        return self._fields.get(name)

    def _explain(self) -> None:
        field = self._current()
        if field:
            self.explain(field.option.title, form.explanation(field))
        elif self.focused and self.focused.id == "field-folder":
            self.explain("Folder", [line("Files, database, logs and the environment of this stack."), (),
                                    line("Empty: "), (span(self._usual_folder(), Tone.DIM),)])  # fmt: skip
        elif self.focused and self.focused.id == "field-name":
            self.explain("Name", [line("What the stack is called on this machine; the same name continues it.")])
        elif self.focused:  # an open panel hides the form, which takes the focus away, not the subject
            self.explain("Review", [line("Next: every file and every command, before anything happens.")])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        if action == "next":
            return bool(self._fields) and not self._wrong()
        if action == "default":
            field = self._current()
            return field is not None and field.stated
        return super().check_action(action, parameters)

    def action_field(self, step: int) -> None:
        """The field above or below; the form does not go round."""
        controls = [w for w in self.focus_chain if (w.id or "").startswith("field-")]
        if not controls:
            return
        here = controls.index(self.focused) if self.focused in controls else -1
        self.set_focus(controls[min(max(here + step, 0), len(controls) - 1)])

    async def action_expert(self) -> None:
        """Shows or folds the options few people need."""
        self._expert = not self._expert
        await self._draw()

    async def action_default(self) -> None:
        """The default again."""
        field = self._current()
        if field:
            self.session.given.pop(field.name, None)
            self._unreadable.pop(field.name, None)
            await self._draw()

    def action_next(self) -> None:
        """On to the review."""
        self.session.profile_name = self._stack_name()
        self.wizard.action_go("review")
