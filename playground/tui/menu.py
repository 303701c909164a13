"""The menu: families, what is in them, and a look at what is highlighted.  Typing filters."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from playground.session.cells import Line, clip_line, line, pad, visible
from playground.tui.actions import MENU, bindings
from playground.tui.pages import help_page
from playground.tui.pick_screen import PickScreen
from playground.tui.shelf import Book, books, preview
from playground.tui.widgets.bars import Buttons, KeyBar, TwoEnds
from playground.tui.widgets.lines import Lines
from playground.tui.widgets.prose import Prose

ALL = "all"
NARROW = 100


class Families(Lines, can_focus=False):
    """Which family is shown, or all."""

    CURSOR: ClassVar[bool] = True

    def __init__(self, families: list[str]) -> None:
        super().__init__(id="families", title="families")
        self.families = families

    @property
    def family(self) -> str:
        return self.families[self.cursor]

    def count(self) -> int:
        return len(self.families)

    def line(self, index: int) -> Line:
        here = index == self.cursor
        return line(
            ("▸ " if here else "  ", "now"), (self.families[index], "strong" if here else "")
        )


class Shelf(Lines, can_focus=False):
    """The books that fit, with the names of their families between them."""

    CURSOR: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__(id="shelf", title="choose")
        self._rows: list[Book | str] = []

    def put(self, found: list[Book]) -> None:
        """Show these; the highlight stays with its book."""
        here = self.book
        self._rows = []
        family = ""
        for book in found:
            if book.family != family:
                family = book.family
                self._rows.append(family)
            self._rows.append(book)
        places = [i for i, row in enumerate(self._rows) if isinstance(row, Book)]
        if here in self._rows:
            self.cursor = self._rows.index(here)
        elif places:
            self.cursor = places[0]
        self.sync()
        self.reveal(self.cursor)

    @property
    def book(self) -> Book | None:
        row = self._rows[self.cursor] if self.cursor < len(self._rows) else None
        return row if isinstance(row, Book) else None

    def move(self, by: int) -> None:
        """To the next book in that direction, over the names of families."""
        step = 1 if by > 0 else -1
        places = [i for i, row in enumerate(self._rows) if isinstance(row, Book)]
        beyond = [i for i in places if (i - self.cursor) * step > 0][::step]
        if beyond:
            self.cursor = beyond[min(abs(by), len(beyond)) - 1]

    def count(self) -> int:
        return len(self._rows)

    def line(self, index: int) -> Line:
        row = self._rows[index]
        if isinstance(row, str):
            return line((row, "kind"))
        return clip_line(self._told(row, index == self.cursor), self.columns)

    def _told(self, row: Book, here: bool) -> Line:
        mark = ("▸ " if here else "  ", "now")
        if row.kind in ("scenario", "comparison"):
            return line(mark, ("  ", ""), visible(row.title))
        if row.kind == "continue":
            return line(mark, (visible(row.title), "now"), (f"  {row.about}", "dim"))
        about = visible(row.about)
        return line(mark, (pad(row.title, 20), "strong"), " ", (about, "dim"))


class Menu(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(MENU, priority=True)]

    class Opened(Message):
        """A book was chosen."""

        def __init__(self, book: Book) -> None:
            super().__init__()
            self.book = book

    def __init__(self, chosen: str = "") -> None:
        """`chosen` is the name of the book that is highlighted at first."""
        super().__init__()
        self._books = books()
        self._chosen = chosen
        self._families = [ALL, *dict.fromkeys(b.family for b in self._books if b.family)]

    def compose(self) -> ComposeResult:
        yield TwoEnds(id="title")
        yield Input(
            placeholder="type to filter: paxos, livelock, A:411 …", id="filter", compact=True
        )
        with Container(id="library"):
            yield Families(self._families)
            yield Shelf()
            yield Prose(id="preview", title="about")
        yield KeyBar(MENU)
        yield Prose(id="too-small")

    def on_mount(self) -> None:
        self.query_one("#title", TwoEnds).tell(
            line((" Protocol Playground", "strong"), (" · take a protocol apart", "dim")),
            line((f"{len(self._books)} to choose from ", "dim")),
        )
        self.query_one("#preview", Prose).can_focus = False
        self.query_one(Input).focus()
        self._filter()
        shelf = self.query_one(Shelf)
        for index, row in enumerate(shelf._rows):
            if isinstance(row, Book) and row.name == self._chosen:
                shelf.cursor = index

    def on_resize(self) -> None:
        columns, rows = self.app.size
        self.set_class(columns < 60 or rows < 16, "-small")
        self.set_class(columns < NARROW, "-narrow")
        self.query_one("#too-small", Prose).say(
            [line(f"{columns}x{rows} is too small; 60x16 is enough.")]
        )

    @on(Input.Changed)
    def _filter(self) -> None:
        words = self.query_one(Input).value
        family = self.query_one(Families).family
        fitting = [b for b in self._books if b.fits(words) and family in (ALL, b.family or ALL)]
        self.query_one(Shelf).put(fitting)
        self._look()

    @on(Lines.Moved, "#families")
    def _family(self) -> None:
        self._filter()

    @on(Lines.Moved, "#shelf")
    def _look(self) -> None:
        shelf = self.query_one(Shelf)
        book = shelf.book
        nothing = (line(("Nothing fits; esc shows everything.", "dim")),)
        self.query_one("#preview", Prose).say(preview(book) if book else nothing)
        count = sum(1 for row in shelf._rows if isinstance(row, Book))
        shelf.entitle("choose", str(count))

    @on(Lines.Chosen, "#shelf")
    def _clicked(self, event: Lines.Chosen) -> None:
        if event.chain == 2:
            self.action_open()

    @on(Buttons.Pressed)
    async def _pressed(self, event: Buttons.Pressed) -> None:
        await self.run_action(event.action)

    def action_open(self) -> None:
        if book := self.query_one(Shelf).book:
            self.post_message(self.Opened(book))

    def action_move(self, by: int) -> None:
        self.query_one(Shelf).move(by)

    def action_family(self, by: int) -> None:
        families = self.query_one(Families)
        families.cursor = (families.cursor + by) % len(self._families)

    def action_clear(self) -> None:
        """Show everything; when everything is shown, leave."""
        entry, families = self.query_one(Input), self.query_one(Families)
        if not entry.value and not families.cursor:
            self.app.exit(0)
        entry.value = ""
        families.cursor = 0

    def action_help(self) -> None:
        self.app.push_screen(PickScreen("help", help_page(MENU)))

    def action_quit(self) -> None:
        self.app.exit(0)
