"""Searching from the present moment, in the background; what is found is offered as a branch."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.widgets import Input

from playground.protocol.observations import decisions
from playground.session import commands as c
from playground.session.branch import Branch
from playground.session.cells import Line, line, visible
from playground.session.errors import BadInput
from playground.tui.gestures import Gestures
from playground.tui.lazy import later
from playground.tui.widgets.bars import TABBED, Tabs
from playground.tui.widgets.prose import Log
from playground.tui.worker import Lost, Worker

if TYPE_CHECKING:
    from playground.search.result import Progress
    from playground.session import aims, answers, asks, job, search_form
    from playground.session.aims import Aim
    from playground.session.answers import Answer
    from playground.session.job import Request
    from playground.tui import pick_screen
    from playground.tui.pick_screen import Item
else:
    aims = later("playground.session.aims")
    answers = later("playground.session.answers")
    asks = later("playground.session.asks")
    job = later("playground.session.job")
    search_form = later("playground.session.search_form")
    pick_screen = later("playground.tui.pick_screen")

IDLE = 0.3
"""Seconds without a key before it is found out which decisions are still possible."""

LONGEST = 10.0
"""Seconds after which that is given up."""


@dataclass
class Search:
    """One that is under way, or has come to an answer.  `branch` and `step` are where it began."""

    aim: Aim
    branch: Branch
    step: int
    progress: Progress | None = None
    answer: Answer | None = None


class Searches(Gestures):
    """A search has a process of its own, and so has the valence: neither keeps a key waiting."""

    def __init__(self) -> None:
        super().__init__()
        self._hunter = Worker()
        self._thinker = Worker()
        self._search: Search | None = None  # under way
        self._offer: Search | None = None  # answered, and not looked at yet
        self._valences: dict[tuple[int, int], str] = {}
        self._thinking = False
        self._resting: Timer | None = None

    def show_searching(self) -> None:
        """Show how far the search is."""
        raise NotImplementedError

    def show_valence(self, words: str) -> None:
        """Show which decisions can still come; "" where there are none."""
        raise NotImplementedError

    async def on_unmount(self) -> None:
        self.end_log()
        self._search = None
        await asyncio.gather(self._hunter.close(), self._thinker.close())

    # ---- what is typed and pressed

    def search(self, typed: str) -> str | None:
        """Begin a search; returns what is wrong with it, if anything."""
        session = self.game.session
        if self._search is not None:
            return "a search is under way; esc stops it"
        try:
            aim = aims.read(session, typed)
            moment = self._moment()
        except BadInput as error:
            return error.sentence
        self._offer = None
        self._search = Search(aim, session.history.branch, session.state.step)
        self.query_one(Log).add(line(("⌕ ", "now"), (visible(str(aim)), "code")))
        self.run_worker(self._pursue(self._search, job.Request(moment, str(aim))), group="search")
        self.show_searching()
        return None

    def action_search(self) -> None:
        """Stop the search that is under way, or see what the last one has found, or begin one."""
        if self._search is not None:
            self.stop_search()
        elif self._offer is not None:
            self._show_offer(self._offer)
        else:
            self._form(search_form.search_form)

    def action_show(self) -> None:
        """Bring about what is worth seeing."""
        protocol = self.game.session.protocol
        pieces = list(protocol.showpieces.values())
        if not pieces:
            self.notice(f"{protocol.name} names no showpiece; S searches for anything")
        elif len(pieces) == 1:
            self.act(f"show {pieces[0].name}")
        else:
            told = [(_piece(p.name, p.doc), f":show {p.name}") for p in pieces]
            items = [pick_screen.Item(cells, command, 21) for cells, command in told]
            self._show_page("worth seeing", items)

    def action_whole_queue(self) -> None:
        if self._search is not None:
            self.stop_search()
        else:
            super().action_whole_queue()

    def stop_search(self) -> None:
        search, self._search = self._search, None
        self._hunter.kill()
        if search is not None:
            seen = search.progress
            far = f": nothing in {seen.states:,} states, to depth {seen.depth}" if seen else ""
            self._tell_log(f"stopped{far}")
            self.notice(f"The search is stopped{far}.", wrong=False)
        self.show_searching()

    @property
    def searching(self) -> str:
        """What the title says of it: "" if there is nothing to say."""
        brief = self.outer_size.width < TABBED[0]
        if self._offer is not None:
            return "⌕ S: found" if brief else "⌕ S shows what the search has found"
        if self._search is None:
            return ""
        seen = self._search.progress
        if brief:
            return f"⌕ {seen.states:,}" if seen else "⌕ …"
        return f"⌕ {answers.underway(seen) if seen else 'begins'} · esc stops"

    # ---- in the background

    @property
    def _gone(self) -> bool:
        """Is the screen being taken down?  Its panes go first."""
        return not (self.display and self.is_attached)

    def _moment(self) -> job.Moment:
        """The present one; what the script has not asked yet may be asked.  Raises BadInput."""
        playback = self.game.playback
        return job.Moment.of(self.game.session, asks.asks_left(playback) if playback else ())

    async def _pursue(self, search: Search, request: Request) -> None:
        try:
            told = await self._hunter.ask(request, partial(self._seen, search))
        except Lost as error:
            if self._search is search and not self._gone:
                self._search = None
                self._tell_log(error.sentence)
                self.notice(error.sentence)
                self.show_searching()
            return
        if self._search is not search or self._gone:
            return
        self._search = None
        if told.kind == "wrong":
            self._tell_log(told.what)
            self.notice(told.what)
        else:
            search.answer = told.what
            self._tell_log(told.what.head)
            self._offer = search
            if self._is_idle_at(search):
                self._show_offer(search)
            else:
                self.notice(f"{told.what.head} S shows it.", wrong=False)
        self.show_searching()

    def _seen(self, search: Search, progress: Progress) -> None:
        if self._search is search and not self._gone:
            search.progress = progress
            self.show_searching()

    def _tell_log(self, sentence: str) -> None:
        self.query_one(Log).add(line(("  ", ""), (visible(sentence), "dim")))

    # ---- the answer

    def _is_idle_at(self, search: Search) -> bool:
        """Has nothing been done since it began, and is nothing being typed?"""
        history = self.game.session.history
        here = (history.branch, history.step) == (search.branch, search.step)
        return here and self.app.screen is self and not isinstance(self.focused, Input)

    def _show_offer(self, search: Search) -> None:
        self._offer = None
        assert search.answer is not None
        page = pick_screen.PickScreen(str(search.aim), answer_page(search.answer))
        self.app.push_screen(page, partial(self._taken, search))
        self.show_searching()

    def _taken(self, search: Search, where: str | None) -> None:
        """Walk the way that was found, and stand after so many of its steps."""
        if not where or search.answer is None:
            return
        session = self.game.session
        try:
            trail = answers.walk(session, search.answer, search.branch, search.step)
        except BadInput as error:
            self.sync(min(search.step, session.state.step))
            self.notice(error.sentence)
            return
        self.story.trail = trail
        self._begun.append(trail.first)
        if back := trail.last - trail.first - int(where):
            session.do(c.Undo(back))
        self.sync()
        self.query_one(Tabs).mark("story")

    def action_next(self) -> None:
        """Along the way that was found, if that is where we are."""
        trail = self.story.trail
        done = trail.at(self.game.session) if trail else None
        if trail is not None and done is not None and trail.first + done < trail.last:
            self.act("redo")
            self.query_one(Tabs).mark("story")
        else:
            super().action_next()

    # ---- valence

    def judge_soon(self) -> None:
        super().judge_soon()
        if self._resting is not None:
            self._resting.stop()
            self._resting = None
        if not self._decides:
            return
        words = self._valences.get(self._here)
        self.show_valence(words or "valence …")
        if words is None and not self._thinking:
            self._resting = self.set_timer(IDLE, self._think_soon)

    @property
    def _decides(self) -> bool:
        """Is there anything to be decided, as far as a search can see?"""
        world = self.game.session.world
        return world.rules.model.timing != "timed" and bool(decisions(world.rules.observed))

    @property
    def _here(self) -> tuple[int, int]:
        history = self.game.session.history
        return history.branch.owner(history.step).number, history.step

    def _think_soon(self) -> None:
        self._thinking = True
        self.run_worker(self._think(), group="valence")

    async def _think(self) -> None:
        """About the present moment; if there is another one by then, that one is next."""
        here = self._here
        try:
            request = job.Request(self._moment())
            told = await asyncio.wait_for(self._thinker.ask(request), LONGEST)
            words = told.what if told.kind == "valence" else "valence ?"
        except (TimeoutError, BadInput):
            self._thinker.kill()
            words = "valence ?"
        self._valences[here] = words
        self._thinking = False
        if self._gone:
            return
        if here == self._here:
            self.show_valence(words)
        else:
            self.judge_soon()


def answer_page(answer: Answer) -> list[Item]:
    """What was found, and where on the way one may stand."""
    tag = "bad" if answer.bug else "strong"
    start = "0" if answer.lines else ""
    items = [pick_screen.Item(line((visible(answer.head), tag)), start, 2)]
    for each in answer.grounds:
        bug = each.startswith("BUG")
        items.append(pick_screen.Item(line((visible(each), "warn" if bug else "dim")), start, 2))
    if answer.lines:
        how = line(
            ("enter ", "key"),
            "goes to where it begins, and ",
            ("space ", "key"),
            "takes each step; or stand after a step:",
        )
        items += [pick_screen.Item(()), pick_screen.Item(how, "0", 2)]
    for number, (command, told) in enumerate(zip(answer.lines, answer.told, strict=True), 1):
        head = line((f"{number:>3} ", "now"), (visible(command), "code"))
        items.append(pick_screen.Item(head, str(number), 4))
        items.append(pick_screen.Item(line("    ", (visible(told), "dim")), str(number), 4))
    return items


def _piece(name: str, doc: str) -> Line:
    """With the first paragraph of what it is about."""
    about = visible(doc.split("\n\n")[0].replace("\n", " "))
    return line((f"{name:<20} ", "name"), (about, "dim"))
