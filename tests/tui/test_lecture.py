"""The lecture: what a presenter does, and what the audience sees."""

from __future__ import annotations

from playground.tui.lecture import LEAST, Lecture
from tests.tui.driver import Driver, on_screen, playing


def lecture(d: Driver) -> Lecture:
    screen = d.app.screen
    assert isinstance(screen, Lecture)
    return screen


@on_screen
async def test_a_presenter_goes_forward_and_back_through_the_script() -> None:
    async with playing() as d:
        await d.press("L", "pagedown", "space")
        assert "2 of 11" in d.text()
        there = d.step
        await d.press("pageup")
        assert "1 of 11" in d.text() and d.step < there
        await d.press("pagedown")
        assert "2 of 11" in d.text() and d.step == there
        await d.press("escape")
        assert d.where == "Play" and "narration · 2 of 11" in d.text()


@on_screen
async def test_the_audience_votes_and_the_answer_comes_with_the_next_key() -> None:
    async with playing() as d:
        await d.press("L", "space", "space", "space", "1", "3", "3")
        rows = [r.strip(" │") for r in d.text().splitlines()]
        assert "3  either  ▇▇ 2" in rows and "1  A  ▇ 1" in rows
        await d.press("space")
        assert "✓  either" in d.text() and "3 of 11" in d.text()
        await d.press("space")
        assert "4 of 11" in d.text()


@on_screen
async def test_notes_are_hidden_until_they_are_asked_for_and_the_screen_can_be_blanked() -> None:
    async with playing() as d:
        await d.press("L", "space")
        assert " notes " not in d.text()
        await d.press("n")
        assert " notes " in d.text()
        await d.press("b")
        assert not d.text().strip()
        await d.press("space")  # brings it back, and does nothing else
        assert "1 of 11" in d.text()


@on_screen
async def test_it_goes_on_by_itself_after_the_time_that_reading_takes() -> None:
    async with playing() as d:
        await d.press("L", "a")
        assert "by itself" in d.text()
        usual = lecture(d).seconds
        assert usual >= LEAST
        await d.press("plus")
        assert lecture(d).seconds < usual
        lecture(d)._go_on()
        await d.pilot.pause()
        assert "1 of 11" in d.text() and "by itself" in d.text()
        await d.press("a")
        assert "by itself" not in d.text()


@on_screen
async def test_everything_is_in_sight_at_80x24() -> None:
    async with playing(size=(80, 24)) as d:
        await d.press("L", "space", "space", "space")
        text = d.text()
        assert "Which value can still be chosen?" in text and "3  either" in text
        assert "a3 acceptor" in text and "space-time" in text and "✓ agreement" in text


@on_screen
async def test_a_protocol_without_a_script_is_told_step_by_step() -> None:
    async with playing("consensus/paxos") as d:
        there = d.step
        await d.press("L", "space")
        assert d.step == there + 1 and "deliver m1" in d.text()
        await d.press("pageup")
        assert d.step == there
