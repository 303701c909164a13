"""From the menu to a session, and back."""

from __future__ import annotations

from textual.widgets import Input

from playground.session import comparisons, scenarios, shelves
from playground.tui.app import Playground
from playground.tui.shelf import books
from tests.tui.driver import on_screen, playing, starting


@on_screen
async def test_typing_filters_and_enter_opens() -> None:
    async with starting(Playground()) as d:
        assert d.where == "Menu"
        await d.type("dueling")
        assert "Dueling leaders" in d.text() and "two_phase_commit" not in d.text()
        assert "starve each other" in d.text()  # the preview
        await d.press("enter")
        await d.pilot.pause()
        assert d.where == "Play"
        assert "narration · 0 of 11" in d.text()


@on_screen
async def test_a_session_is_left_for_the_menu_and_continued() -> None:
    async with starting(Playground()) as d:
        await d.type("dueling")
        await d.press("enter")
        await d.pilot.pause()
        await d.press("space", "m")
        await d.pilot.pause()
        assert d.where == "Menu"
        assert "Continue: Dueling leaders" in d.text()
        await d.press("home")
        await d.press("pageup", "pageup", "pageup", "pageup", "pageup", "pageup", "pageup", "enter")
        await d.pilot.pause()
        assert d.where == "Play"
        assert d.step == 7 and "narration · 1 of 11" in d.text()
        await d.press("space")
        assert "narration · 2 of 11" in d.text()


@on_screen
async def test_one_family_at_a_time() -> None:
    async with starting(Playground()) as d:
        await d.press("right")
        text = d.text()
        assert "▸ impossibility" in text and "Two Generals" in text
        assert "Dueling leaders" not in text
        await d.press("escape")
        assert "▸ all" in d.text()


@on_screen
async def test_nothing_fits_and_escape_shows_everything() -> None:
    async with starting(Playground()) as d:
        await d.type("no such thing")
        assert "Nothing fits; esc shows everything." in d.text()
        await d.press("enter")  # nothing to open
        await d.press("escape")
        assert d.app.screen.query_one(Input).value == ""
        assert d.where == "Menu"


@on_screen
async def test_f1_tells_the_keys() -> None:
    async with starting(Playground(), (80, 24)) as d:
        await d.press("f1")
        assert "Play what is highlighted." in d.text()


@on_screen
async def test_leaving_a_session_highlights_what_was_played() -> None:
    async with playing("consensus/px_happy") as d:
        await d.press("m")
        await d.pilot.pause()
        assert d.where == "Menu"
        book = d.app.screen.query_one("#shelf").book  # type: ignore[attr-defined]
        assert book.name == "consensus/px_happy"


def test_every_protocol_scenario_and_comparison_is_on_the_shelf() -> None:
    names = {book.name for book in books()}
    compared = {f"compare/{name}" for name in comparisons.names()}
    assert names == {*shelves.names(), *scenarios.names(), *compared}
    assert all(book.title for book in books())
