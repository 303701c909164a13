"""Drives the real app: keys and clicks go in, the text of the screen comes out."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import ParamSpec

from textual.pilot import Pilot
from textual.widgets import Input

from playground.session.session import Session
from playground.tui.app import Playground
from playground.tui.game import Game
from playground.tui.play import Play
from playground.tui.widgets.queue import Queue

P = ParamSpec("P")

DUEL = "consensus/px_duel"


def on_screen(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Runs an async test."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def whole() -> None:
            await test(*args, **kwargs)

        asyncio.run(whole())

    return run


class Driver:
    """The screen, as its user has it."""

    def __init__(self, app: Playground, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def play(self) -> Play:
        screen = self.app.screen_stack[1]
        assert isinstance(screen, Play)
        return screen

    @property
    def where(self) -> str:
        """The name of the screen's class."""
        return type(self.app.screen).__name__

    @property
    def session(self) -> Session:
        return self.play.game.session

    @property
    def step(self) -> int:
        return self.session.state.step

    @property
    def highlighted(self) -> str:
        flight = self.play.query_one(Queue).flight
        return flight.name if flight else ""

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Into what has the focus, all at once: a key costs 70 ms here."""
        focused = self.app.focused
        assert isinstance(focused, Input)
        focused.value = text
        focused.cursor_position = len(text)
        await self.pilot.pause()

    async def command(self, line: str) -> None:
        """By the command line."""
        await self.press("colon")
        await self.type(line)
        await self.press("enter")

    async def until(self, so: Callable[[], object], seconds: float = 20) -> None:
        """Waits for what comes from another process."""
        end = monotonic() + seconds
        while not so():
            assert monotonic() < end, self.text()
            await asyncio.sleep(0.02)
        await self.pilot.pause()

    def text(self) -> str:
        """What is to be read on the screen."""
        return "\n".join(s.text for s in self.app.screen._compositor.render_strips())

    def notices(self) -> str:
        """Every notice that is up."""
        return "\n".join(n.message for n in self.app._notifications)

    def log(self) -> list[str]:
        """The commands that stand in the log."""
        from playground.session.cells import plain
        from playground.tui.widgets.prose import Log

        lines = [plain(cells) for cells in self.play.query_one(Log)._told]
        return [text.removeprefix("> ") for text in lines if text.startswith("> ")]


@asynccontextmanager
async def playing(name: str = DUEL, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Driver]:
    """A scenario or protocol on the screen."""
    async with starting(Playground(game=Game.open(name)), size) as driver:
        yield driver


@asynccontextmanager
async def starting(app: Playground, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Driver]:
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield Driver(app, pilot)
    if app.game is not None:
        app.game.close()
