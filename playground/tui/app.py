"""The app: from the menu to a session and back, and what happens when it has to end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from platformdirs import user_log_path
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen

from playground.session import comparisons, journal
from playground.session import config as config_file
from playground.session.cells import visible
from playground.session.config import Config
from playground.session.errors import BadInput
from playground.tui.actions import REMAPPED
from playground.tui.game import Game
from playground.tui.keymap import keymap
from playground.tui.lazy import later, load
from playground.tui.play import Play
from playground.tui.themes import themes, wanted
from playground.tui.widgets.lines import LOOKS

YOUNG = 20_000
"""So many new objects are made before the garbage collector looks through them.  By default it does
so several times at each key."""

if TYPE_CHECKING:
    from playground.session import compare as lanes
    from playground.session.compare import SideBySide
    from playground.tui import compare, menu, palette, shelf
else:
    lanes = later("playground.session.compare")
    compare = later("playground.tui.compare")
    menu = later("playground.tui.menu")
    palette = later("playground.tui.palette")
    shelf = later("playground.tui.shelf")

SETTLING, BREATH = 0.5, 0.02
"""Seconds after which the rest is loaded, and that keys have between two modules."""

BUG = 3
"""Exit status after a bug of ours."""


class Playground(App[int]):
    TITLE = "Protocol Playground"
    CSS_PATH = "playground.tcss"
    COMPONENT_CLASSES = LOOKS
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Any]] = App.COMMANDS | {lambda: palette.PlayCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "quit", show=False, priority=True, id="app.quit"),
    ]

    def __init__(
        self,
        name: str | None = None,
        game: Game | None = None,
        config: Config | None = None,
        lanes: SideBySide | None = None,
    ) -> None:
        """Begins with this game, or with these lanes, or with the menu, in which `name` is
        highlighted.  Raises BadInput for wishes that can't be met."""
        super().__init__()
        self.config = config or Config()
        REMAPPED.clear()
        REMAPPED.update(keymap(self.config))
        self.set_keymap(REMAPPED)
        self.game = game
        self._lanes = lanes
        self._name = name
        self.crash: Path | None = None
        for theme in themes():
            self.register_theme(theme)
        self.theme = wanted(self.config, sorted(self.available_themes))

    def on_mount(self) -> None:
        self._end_well()
        if (theme := os.environ.get("TEXTUAL_THEME")) in self.available_themes:
            self.theme = theme or self.theme
        self.push_screen(self._first())
        gc.set_threshold(YOUNG)
        self.set_timer(SETTLING, partial(self._settle, load()))

    def _settle(self, rest: Iterator[None]) -> None:
        """Load the rest, between keys; what is there then stays, so the garbage collector need not
        walk over it again and again."""
        for _ in rest:
            self.set_timer(BREATH, partial(self._settle, rest))
            return
        gc.collect()
        gc.freeze()

    def _first(self) -> Screen[None]:
        if self.game is not None:
            return Play(self.game)
        return compare.Compare(self._lanes) if self._lanes is not None else menu.Menu()

    def _end_well(self) -> None:
        """A killed app gives the terminal back."""
        if sys.platform == "win32":
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, 128 + number)

    def on_menu_opened(self, event: menu.Menu.Opened) -> None:
        name = event.book.name
        try:
            if event.book.kind == "comparison":
                self.switch_screen(compare.Compare(lanes.SideBySide(comparisons.find(name))))
            else:
                self._begin(open_game(None if name == shelf.RESUME else name, name == shelf.RESUME))
        except BadInput as error:
            self.notify(visible(str(error)), severity="error", markup=False)

    def _begin(self, game: Game | None) -> None:
        if game is not None:
            self.game = game
            self.switch_screen(Play(game))

    def on_compare_opened(self, event: compare.Compare.Opened) -> None:
        """A lane gets the screen for itself; `menu` leads back to the others."""
        self.game = Game.of_lane(event.title, event.session)
        self.push_screen(Play(self.game))

    def action_menu(self) -> None:
        """From a session to the menu, or to the lanes that it came from; what is left of it can be
        continued."""
        below = self.screen_stack[-2] if len(self.screen_stack) > 1 else None
        if isinstance(below, compare.Compare) and self.game is not None:
            self.game.close()
            self.game = None
            self.pop_screen()
            return
        name = ""
        if isinstance(self.screen, compare.Compare):
            name = f"compare/{self.screen.side_by_side.path.stem}"
        if self.game is not None:
            playback = self.game.playback
            name = str(playback.file.path) if playback else self.game.session.protocol.name
            name = "/".join(Path(name).with_suffix("").parts[-2:]) if playback else name
            self.game.close()
            self.game = None
        self.switch_screen(menu.Menu(name))

    def copy_to_clipboard(self, text: str) -> None:
        """By the terminal (OSC 52), and by pyperclip if it is there, as not all terminals can."""
        super().copy_to_clipboard(text)
        if not self.is_headless:
            with suppress(Exception):
                import_module("pyperclip").copy(text)

    def notify(self, message: str, *, timeout: float | None = None, **how: Any) -> None:
        """Notices that fill a small screen leave their traces when they go: Textual does not redraw
        what was below them."""
        super().notify(message, timeout=timeout, **how)
        gone = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        self.set_timer(gone + BREATH, self._redraw)

    def _redraw(self) -> None:
        if self.screen_stack:  # it may be about to end
            self.screen.refresh()

    async def action_quit(self) -> None:
        self.exit(0)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the registry has no action for: of Textual's own the theme and a picture."""
        kept = ("Theme", "Screenshot")
        return (c for c in super().get_system_commands(screen) if c.title in kept)

    @property
    def broken(self) -> bool:
        """Did an exception end it?"""
        return self._exception is not None

    def _fatal_error(self) -> None:
        """In place of a wall of locals: everything goes to a file, and a line to the terminal."""
        if self.crash is None and self._exception is not None:
            self.crash = report(self._exception)
        self._close_messages_no_wait()


def report(error: BaseException) -> Path | None:
    """Writes down an exception; None if that is not possible."""
    folder = user_log_path("playground", appauthor=False)
    path = folder / f"crash-{datetime.now():%Y%m%d-%H%M%S}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return None
    return path


def open_game(name: str | None, resume: bool) -> Game | None:
    """What is to be played; None for the menu.  Raises BadInput."""
    if resume:
        left = journal.left()
        if left is None:
            raise BadInput("there is no session to go on with")
        return Game.resume(left.path)
    return Game.open(name) if name else None


def run(scenario_or_protocol: str | None = None, resume: bool = False) -> int:
    """Opens the screen; returns the exit status.  Raises BadInput before it is open."""
    config = config_file.load()
    keymap(config)  # before a journal is begun
    themes()
    name = scenario_or_protocol
    if name and comparisons.exists(name):
        app = Playground(config=config, lanes=lanes.SideBySide(comparisons.find(name)))
    else:
        app = Playground(game=open_game(name, resume), config=config)
    status = app.run()
    if app.game is not None:
        app.game.close()
    if app.broken:
        where = f"the details are in {app.crash}" if app.crash else "it could not be written down"
        sys.stderr.write(
            f"playground: a bug ended the screen; {where}. `playground --resume` goes on.\n"
        )
        return BUG
    return status or 0
