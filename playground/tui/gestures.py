"""The user's actions on the play screen: each becomes a command, or a form that comes to one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from playground.protocol import Pid
from playground.session.cells import Line, line, visible
from playground.session.errors import BadInput
from playground.session.view import node_view, spelled
from playground.tui.actions import PLAY, Group
from playground.tui.command_line import CommandLine
from playground.tui.lazy import later
from playground.tui.message_gestures import MessageGestures
from playground.tui.story import Story
from playground.tui.widgets.bars import Tabs
from playground.tui.widgets.nodes import Nodes
from playground.tui.widgets.prose import Log
from playground.tui.widgets.queue import Queue
from playground.tui.widgets.spacetime import SpaceTime

if TYPE_CHECKING:
    from playground.session import fault_forms as faults
    from playground.session import forms, moments
    from playground.session import message_forms as messages
    from playground.session.forms import Form
    from playground.tui import form_screen, jump, lecture, pages, pick_screen
    from playground.tui.pick_screen import Item
else:
    faults = later("playground.session.fault_forms")
    forms = later("playground.session.forms")
    messages = later("playground.session.message_forms")
    moments = later("playground.session.moments")
    form_screen = later("playground.tui.form_screen")
    jump = later("playground.tui.jump")
    lecture = later("playground.tui.lecture")
    pages = later("playground.tui.pages")
    pick_screen = later("playground.tui.pick_screen")

PANES = ("nodes", "queue", "effect", "story", "diagram", "log")


class Gestures(MessageGestures):
    """One method for each action of the registry."""

    story: Story
    alone: str = ""
    """The pane that is all that is shown, if it is one."""

    def lay_out(self, columns: int, rows: int) -> None:
        """Show what finds room on a screen of this size."""
        raise NotImplementedError

    # ---- nodes and links

    @property
    def node(self) -> Pid:
        """The node that is meant when none is named: the selected one, or the receiver of the
        highlighted message, or the one that moved last."""
        nodes = self.query_one(Nodes)
        flight = self.query_one(Queue).flight
        if nodes.has_focus or flight is None:
            last = None if nodes.has_focus else self.game.session.last()
            return last.pid if last is not None and last.pid else nodes.pid
        return flight.envelope.dst

    def action_ask(self) -> None:
        nodes = self.query_one(Nodes)
        self._form(messages.ask, {"pid": nodes.pid} if nodes.has_focus else {})

    def action_fire(self) -> None:
        self._form(faults.fire, {"pid": self.node})

    def action_crash(self) -> None:
        self._form(faults.crash, {"pid": self.node})

    def action_recover(self) -> None:
        self._form(faults.recover, {"pid": self.node})

    def action_corrupt(self) -> None:
        self._form(faults.corrupt, {"pid": self.node})

    def action_cut(self) -> None:
        self._form(faults.cut, {"pid": self.node})

    def action_heal(self) -> None:
        self._form(faults.heal)

    # ---- running, script and time

    def action_step(self) -> None:
        self.act("step")

    def action_tick(self) -> None:
        self.act("tick")

    def action_run(self) -> None:
        self.run_or_pause()

    def action_advance(self) -> None:
        self._form(faults.advance)

    def action_clock(self) -> None:
        self._form(faults.clock)

    def action_faster(self) -> None:
        self.change_speed(1)

    def action_slower(self) -> None:
        self.change_speed(-1)

    def action_random(self) -> None:
        self._form(faults.random)

    def action_finish(self) -> None:
        self.act("finish")

    def action_next(self) -> None:
        """The answer to the question that is open, or else the next step of the script."""
        if self.game.playback is None or not self.game.playback.total:
            self.act("step")
            return
        if self.story.reveal():
            self.sync()
            self.query_one(Tabs).mark("story")
            if self.story.proof is not None:
                self.query_one(SpaceTime).point(self.story.proof)
                self.query_one(Tabs).mark("diagram")
            return
        first = self.game.session.state.step
        try:
            played = self.game.next()
        except BadInput as error:
            self.notice(str(error))
            if self.game.session.state.step > first:  # what came before the bad line
                self.sync(first)
            return
        self._begun.append(first)
        failed = self.story.heard(played)
        end = [] if self.game.scripted else self.game.end()
        failed += [e for e in end if not e.ok]
        self.sync(first)
        self.query_one(Tabs).mark("story")
        for e in failed:
            self.notice(f"expected {e.what} = {e.expected}, and it is {e.got}")
        if end and not failed:
            self.notice("It ends as the scenario says.", wrong=False)

    def action_until(self) -> None:
        self._form(faults.until)

    def action_undo(self) -> None:
        self.act("undo")

    def action_undo_all(self) -> None:
        self.undo_command()

    def action_redo(self) -> None:
        self.act("redo")

    def action_goto(self) -> None:
        self._form(faults.goto)

    def action_bookmark(self) -> None:
        self._form(faults.bookmark)

    def action_history(self) -> None:
        page = pages.history_page(self.game.session)
        self._show_page("history", page)

    def action_changed(self) -> None:
        """What is different between two moments; by default from the one that is highlighted in
        the diagram, or from before the last command, until now."""
        diagram, step = self.query_one(SpaceTime), self.game.session.state.step
        before = [first for first in self._begun if first < step] or [max(step - 1, 0)]
        since = diagram.step if diagram.has_focus and diagram.step != step else before[-1]
        self._form(faults.changed, {"since": str(since)}, self._differences)

    def _differences(self, form: Form, values: dict[str, str]) -> list[Line]:
        found = moments.changed(self.game.session, values["since"].strip(), values["until"].strip())
        return found or [line(("nothing", "dim"))]

    def show_changes(self, since: str, until: str) -> str | None:
        try:
            page = pages.changes_page(self.game.session, since, until)
        except BadInput as error:
            return error.sentence
        title = f"from {since} to {until}" if until else f"since {since}"
        self.call_later(self.app.push_screen, pick_screen.PickScreen(title, page))
        return None

    # ---- session

    def action_command(self) -> None:
        self.query_one(CommandLine).open()

    def action_copy(self) -> None:
        """What the pane with the keys is about, as it can be typed or read."""
        nodes, diagram = self.query_one(Nodes), self.query_one(SpaceTime)
        flight = self.query_one(Queue).flight
        session = self.game.session
        if nodes.has_focus:
            view = node_view(nodes.pid, None, session.state)
            text = "\n".join(f"{view.pid}.{row.name} = {row.now}" for row in view.rows)
        elif diagram.has_focus and diagram.step:
            text = diagram.chronicle[diagram.step].event.command
        elif self.query_one(Log).has_focus or flight is None:
            text = "\n".join(event.command for event in session.past())
        else:
            e = flight.envelope
            kind, _, fields = spelled(e.message).partition(" ")
            text = f"{kind} {e.src}>{e.dst} {fields}".rstrip()
        self.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        self.notice(f"copied: {text if lines == 1 else f'{lines} lines'}", wrong=False)

    def action_save(self) -> None:
        stem = re.sub(r"\W+", "_", self.game.title.lower()).strip("_") or "scenario"
        field = forms.free("path", "file", f"{stem}.toml", "a .toml file", _some)
        form = forms.Form("save as a scenario", (field,), lambda v: f"save {v.get('path', '')}")
        self.app.push_screen(form_screen.FormScreen(lambda _: form, self.say, {}, _overwriting))

    def action_menu(self) -> None:
        self.app.call_later(self.app.run_action, "menu")

    def action_quit(self) -> None:
        self.app.exit(0)

    # ---- the screen

    def action_panel(self, name: str) -> None:
        """To a panel; on a small screen one with a tab is the only one that is shown."""
        if name in Tabs.NAMES:
            self.query_one(Tabs).choose(name)
            for other in Tabs.NAMES:
                self.set_class(other == name, f"-tab-{other}")
        if self.alone:
            self._show_alone(name)
        self.query_one(f"#{name}").focus()

    def action_maximise(self) -> None:
        """The pane with the keys alone, or all of them again."""
        name = self.focused.id if self.focused is not None else ""
        self._show_alone(name or "" if not self.alone and name in PANES else "")

    def _show_alone(self, name: str) -> None:
        self.alone = name
        self.set_class(bool(name), "-alone")
        for each in PANES:
            self.set_class(each == name, f"-alone-{each}")
        self.lay_out(*self.size)

    def action_whole_queue(self) -> None:
        if self.alone:
            self._show_alone("")
        else:
            super().action_whole_queue()

    def action_jump(self) -> None:
        self.app.push_screen(jump.Jump(jump.goals(self)), self._chosen)

    def action_node(self, index: int) -> None:
        """To the pane of a node."""
        nodes = self.query_one(Nodes)
        nodes.selected = index
        nodes.focus()

    def action_along(self, by: int) -> None:
        """Along the arrow of the step that is chosen in the diagram."""
        diagram = self.query_one(SpaceTime)
        if not diagram.has_focus:
            self.action_panel("diagram")
        if not diagram.along(by):
            end = "sent by a step before it" if by < 0 else "that arrives later"
            self.notice(f"step {diagram.step} has no message {end}")

    def action_zoom(self, by: int) -> None:
        """The diagram from further away, or from nearer."""
        if not self.query_one(SpaceTime).zoom(by):
            self.notice("every row is one step" if by < 0 else "the whole run is in sight")

    def action_landmark(self, by: int) -> None:
        """To the next crash, cut, forgery, violation or bookmark in the diagram."""
        diagram = self.query_one(SpaceTime)
        if not diagram.has_focus:
            self.action_panel("diagram")
        mark = diagram.to_landmark(by)
        if mark is None:
            self.notice(f"nothing is marked {'after' if by > 0 else 'before'} step {diagram.step}")

    def action_clocks(self) -> None:
        diagram = self.query_one(SpaceTime)
        diagram.clocks = not diagram.clocks
        diagram.sync()

    def action_log(self) -> None:
        self.toggle_class("-log")

    def action_lecture(self) -> None:
        """Large, and with a presenter's keys; when that is left, everything is as it is there."""
        self.pause()
        self.app.push_screen(lecture.Lecture(self.game, self.story), lambda _: self.sync())

    def action_help(self) -> None:
        self._show_page("help", pages.help_page(PLAY, self.focused))

    def action_properties(self) -> None:
        words = self.game.session.verdicts()
        self.show_words(words)
        page = pages.verdict_page(self.game.session, words)
        self._show_page("verdicts", page)

    def inspect(self, pid: Pid) -> None:
        """Everything about a node, and what can be done to it."""
        session = self.game.session
        page = pages.node_page(session, pid)
        self._show_page(f"{pid} at step {session.state.step}", page)

    def offer(self, group: Group) -> None:
        """The actions of a group, to be chosen by mouse."""
        items = [
            pick_screen.Item(
                line((f"{a.key:>6}  ", "key"), f"{a.label:<12}", (a.help, "dim")), a.id
            )
            for a in PLAY
            if a.group == group
        ]
        self._show_page(group, items)

    def _show_page(self, title: str, items: Sequence[Item]) -> None:
        """From which an action may be chosen."""
        self.app.push_screen(pick_screen.PickScreen(title, items), self._chosen)

    def _chosen(self, value: str | None) -> None:
        """An action of the registry, or a line that begins with a colon."""
        if value and value.startswith(":"):
            self.act(value[1:])
        elif value:
            self.call_later(self.run_action, value)


def _some(value: str) -> None:
    if not value.strip():
        raise BadInput("a name is missing")


def _overwriting(_: Form, values: dict[str, str]) -> list[Line]:
    path = Path(values.get("path", "")).expanduser()
    path = path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")
    if path.exists():
        return [line(("! ", "warn"), f"{visible(str(path))} is there already: it is replaced")]
    return []
