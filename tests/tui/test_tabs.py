"""Facts about a small screen, which shows one panel at a time."""

from __future__ import annotations

from playground.tui.widgets.bars import Tabs
from tests.tui.driver import on_screen, playing

SMALL = (80, 24)


@on_screen
async def test_a_script_begins_with_its_story() -> None:
    async with playing(size=SMALL) as d:
        assert "[4 Story]" in d.text() and "space begins." in d.text()
        await d.press("space")
        assert "p1 would lead" in d.text()


@on_screen
async def test_without_a_script_there_are_the_messages() -> None:
    async with playing("consensus/paxos", SMALL) as d:
        assert "[2 Queue]" in d.text()


@on_screen
async def test_a_story_that_goes_on_out_of_sight_is_marked_until_it_is_looked_at() -> None:
    async with playing(size=SMALL) as d:
        await d.press("2")
        assert "4 Story •" not in d.text()
        await d.press("space")
        assert "4 Story •" in d.text()
        await d.press("4")
        assert "[4 Story]" in d.text()
        await d.press("2")
        assert "•" not in d.text()


@on_screen
async def test_on_a_large_screen_the_keys_go_to_the_messages() -> None:
    async with playing() as d:
        assert d.play.query_one(Tabs).chosen == "queue"
        assert d.app.focused is not None and d.app.focused.id == "queue"
