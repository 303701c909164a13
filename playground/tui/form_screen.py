"""A form on the screen: typed fields, checked at each key, and the command that they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from playground.session.cells import Line, clip, line, visible
from playground.session.errors import BadInput
from playground.session.forms import Field, Form
from playground.tui.widgets.lines import Lines
from playground.tui.widgets.picks import Picks
from playground.tui.widgets.prose import Prose

Making = Callable[[dict[str, str]], Form]
Looking = Callable[[Form, dict[str, str]], list[Line]]
Submit = Callable[[str], str | None]
"""Does what a line says; returns what is wrong with it, if anything."""
Used = dict[str, list[str]]
"""What was filled in lately, newest first, by the key of the field."""

APART = 8
"""Rows around the form, of its frame and its keys, and between its parts."""

KEYS = "enter do it   tab next field   pgup pgdn earlier values   esc cancel"


class FormScreen(ModalScreen[None]):
    """Nothing is lost while a form is wrong: it stays open and says why."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "do it", show=False, priority=True),
        Binding("escape", "dismiss", "cancel", show=False),
        Binding("up", "app.focus_previous", "field above", show=False),
        Binding("down", "app.focus_next", "field below", show=False),
    ]

    def __init__(
        self,
        make: Making,
        submit: Submit,
        values: dict[str, str],
        look: Looking | None = None,
        used: Used | None = None,
    ) -> None:
        """`look` says what would come of it, under the fields; `used` is what was filled in lately,
        and is added to.  Raises BadInput if there is nothing to fill in."""
        super().__init__()
        self._make = make
        self._submit = submit
        self._look = look
        self._used: Used = {} if used is None else used
        self.form = make(values)
        self.filled = self.form.values()

    def compose(self) -> ComposeResult:
        with Vertical(id="form"):
            with VerticalScroll(id="fields", can_focus=False):
                yield from self._rows()
            yield Prose(id="notes", indent=2)
            yield Lines(id="spelled")
            yield Static(KEYS, id="form-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one("#form").border_title = Content(visible(self.form.title))
        self.query_one("#spelled", Lines).can_focus = False
        self.query_one("#notes", Prose).can_focus = False
        self._focus_first()
        self._check()

    def _rows(self) -> list[FieldRow]:
        return [FieldRow(f, [*self._used.get(f.key, ()), *f.recent]) for f in self.form.fields]

    def _focus_first(self) -> None:
        """On the first field that is not filled yet, else on the first one."""
        rows = list(self.query(FieldRow))
        empty = [r for r in rows if not r.field.value and (r.field.many or r.field.choices)]
        (empty or rows)[0].entry.focus()

    @on(Input.Changed)
    @on(Picks.Changed)
    async def _changed(self, event: Input.Changed | Picks.Changed) -> None:
        entry = event.control
        row = entry.parent
        if not isinstance(row, FieldRow) or self.filled.get(row.field.key) == entry.value:
            return
        self.filled[row.field.key] = entry.value
        if row.field.steers:
            await self._make_anew(row.field.key)
        self._check()

    async def _make_anew(self, steering: str) -> None:
        """The other fields depend on the one that has changed."""
        try:
            self.form = self._make(self.filled)
        except BadInput as error:
            self._problem(error.sentence)
            return
        self.filled = self.form.values()
        fields = self.query_one("#fields")
        with self.app.batch_update():
            await fields.remove_children()
            await fields.mount_all(self._rows())
        for row in self.query(FieldRow):
            if row.field.key == steering:
                row.entry.focus()

    def _check(self) -> None:
        problems = self.form.problems(self.filled)
        for row in self.query(FieldRow):
            row.judge(problems.get(row.field.key))
        try:
            spelled = self.form.spell(self.filled)
            notes = self._look(self.form, self.filled) if self._look and not problems else []
        except BadInput as error:
            self._problem(error.sentence)
            return
        said = [line((":", "dim"), (visible(each), "code")) for each in spelled.splitlines()]
        lines = self.query_one("#spelled", Lines)
        lines.styles.height = min(max(len(said), 1), 8)
        lines.show(said)
        self._notes(notes, len(said))

    def _problem(self, sentence: str) -> None:
        self._notes([line(("✗ ", "bad"), (visible(sentence), "bad"))])

    def _notes(self, notes: Sequence[Line], spelled: int = 1) -> None:
        """As many as there is room for beside the fields and the command of so many lines."""
        fields = sum(max(row.outer_size.height, 1) for row in self.query(FieldRow))
        room = self.app.size.height - fields - min(spelled, 8) - APART
        prose = self.query_one("#notes", Prose)
        prose.styles.height = max(min(len(notes), 8, room), min(len(notes), 2))
        prose.say(notes)

    def action_submit(self) -> None:
        problems = self.form.problems(self.filled)
        if problems:
            key, sentence = next(iter(problems.items()))
            self._problem(sentence)
            next(r for r in self.query(FieldRow) if r.field.key == key).entry.focus()
            return
        try:
            wrong = self._submit(self.form.spell(self.filled))
        except BadInput as error:
            wrong = error.sentence
        if wrong:
            self._problem(wrong)
        else:
            self._keep()
            self.dismiss()

    def _keep(self) -> None:
        for field in self.form.fields:
            value = self.filled.get(field.key, "")
            if value and not field.choices:
                others = [v for v in self._used.get(field.key, ()) if v != value]
                self._used[field.key] = [value, *others]

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside the form
            self.dismiss()


class Entry(Input):
    """Free text; page up and page down walk through what was there before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "older(1)", "earlier value", show=False),
        Binding("pagedown", "older(-1)", "later value", show=False),
    ]

    def __init__(self, value: str, before: Sequence[str]) -> None:
        """`before` is newest first."""
        super().__init__(value, compact=True, select_on_focus=True)
        self._values = list(dict.fromkeys([value, *before]))
        self._at = 0

    def action_older(self, by: int) -> None:
        self._at = (self._at + by) % len(self._values)
        self.value = self._values[self._at]
        self.cursor_position = len(self.value)


class FieldRow(Horizontal):
    """The name of a field, what stands in it, and what is wrong with that."""

    def __init__(self, field: Field, before: Sequence[str]) -> None:
        super().__init__()
        self.field = field
        self.entry: Input | Picks
        if field.choices:
            chosen = [c for c in field.choices if c in _chosen(field)]
            self.entry = Picks(field.choices, chosen, field.many)
        else:
            self.entry = Entry(field.value, before)
        self.hint = Static("", classes="hint -side" if field.choices else "hint", markup=False)

    def compose(self) -> ComposeResult:
        yield Static(visible(self.field.name), classes="field", markup=False)
        yield self._sized(self.entry)
        yield self.hint

    def _sized(self, entry: Widget) -> Widget:
        entry.add_class("picks" if self.field.choices else "free")
        return entry

    def judge(self, problem: str | None) -> None:
        self.hint.set_class(problem is not None, "-wrong")
        text = f"✗ {problem}" if problem else "" if self.field.choices else self.field.wanted
        self.hint.update(Content(visible(text)), layout=False)
        self.hint.tooltip = Content(clip(visible(text), 400)) if problem else None


def _chosen(field: Field) -> list[str]:
    return field.value.split(",") if field.many else [field.value]
