"""What the user does with messages: one, or all that are marked; by a key, or by a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playground.protocol import Pid
from playground.session.cells import Line, line
from playground.session.errors import BadInput
from playground.session.preview import arrivals, preview_lines
from playground.session.state import Flight
from playground.tui.command_line import Sieve
from playground.tui.lazy import later
from playground.tui.table import Table
from playground.tui.widgets.queue import Queue

if TYPE_CHECKING:
    from playground.session import message_forms as messages
    from playground.session.forms import Form, Maker
    from playground.tui import form_screen
    from playground.tui.form_screen import Looking
else:
    messages = later("playground.session.message_forms")
    form_screen = later("playground.tui.form_screen")


class MessageGestures(Table):
    """One method for each action of the registry that is about messages."""

    def show_effect_anew(self) -> None:
        """Another message may be highlighted, among others."""
        raise NotImplementedError

    # ---- messages

    def _flight(self) -> Flight | None:
        flight = self.query_one(Queue).flight
        if flight is None:
            self.notice("nothing is in flight")
        return flight

    def _to_messages(self, verb: str) -> None:
        """To those that are marked, or else to the highlighted one."""
        queue = self.query_one(Queue)
        if marked := queue.marked():
            queue.unmark()
            self.act_on_all([f"{verb} {flight.name}" for flight in marked])
        elif flight := self._flight():
            self.act(f"{verb} {flight.name}")

    def action_deliver(self) -> None:
        self._to_messages("deliver")

    def action_drop(self) -> None:
        self._to_messages("drop")

    def action_duplicate(self) -> None:
        self._to_messages("duplicate")

    def action_hold(self) -> None:
        queue = self.query_one(Queue)
        meant = queue.marked() or ([queue.flight] if queue.flight else [])
        held = bool(meant) and all(flight.held for flight in meant)
        self._to_messages("release" if held else "hold")

    def action_mark(self) -> None:
        """Take the highlighted message in or out, and go to the next."""
        queue = self.query_one(Queue)
        queue.mark()
        queue.action_move(1)
        self.show_effect_anew()

    def action_mark_all(self) -> None:
        self.query_one(Queue).mark_all()
        self.show_effect_anew()

    def action_fold(self) -> None:
        self.sift(fold=not self.query_one(Queue).folded)

    def action_filter(self) -> None:
        self.query_one(Sieve).open()

    def action_whole_queue(self) -> None:
        """No filter, nothing folded, nothing marked."""
        self.query_one(Queue).unmark()
        self.query_one(Sieve).value = ""
        self.sift("", fold=False)

    def sift(self, words: str | None = None, fold: bool | None = None) -> None:
        """Show in the queue only what these words fit, and of each kind the oldest alone."""
        self.query_one(Queue).sift(words, fold)
        self.show_effect_anew()

    def action_edit(self) -> None:
        if flight := self._flight():
            self._form(lambda session, v: messages.edit(session, v, flight), look=self._arrivals)

    def action_forge(self) -> None:
        like = self.query_one(Queue).flight
        self._form(lambda session, v: messages.forge(session, v, like), look=self._arrivals)

    def action_replay(self) -> None:
        self._form(messages.replay)

    # ---- forms

    def _form(
        self, maker: Maker, values: dict[str, str] | None = None, look: Looking | None = None
    ) -> None:
        """`look` says under the fields what would come of it."""
        session = self.game.session
        make: Callable[[dict[str, str]], Form] = lambda v: maker(session, v)  # noqa: E731
        try:
            screen = form_screen.FormScreen(make, self.say, values or {}, look, self._used)
        except BadInput as error:
            self.notice(error.sentence)
            return
        self.app.push_screen(screen)

    def _arrivals(self, form: Form, values: dict[str, str]) -> list[Line]:
        """What the receivers would make of it; those who would do the same stand together."""
        commands = form.commands(values)
        alike: dict[tuple[Line, ...], list[Pid]] = {}
        for dst, found in (a for each in commands for a in arrivals(self.game.session, each)):
            told = preview_lines(found)
            effects = tuple(part for part in told if part and part[0][0] in ("→ ", "! "))
            alike.setdefault(effects, []).append(dst)
        return [
            each
            for effects, dsts in alike.items()
            for each in (line((f"{', '.join(dsts)} would: ", "name")), *effects)
        ]
