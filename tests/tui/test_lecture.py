"""The lecture: what a presenter does, and what the audience sees."""

from __future__ import annotations

import pytest

from playground.session.cells import line
from playground.tui.large import large
from playground.tui.lecture import LEAST, Lecture
from playground.tui.widgets.narration import Narration
from playground.tui.widgets.spacetime import SpaceTime
from tests.tui.driver import Driver, on_screen, playing

SMALL = (90, 30)
"""Here all letters are the terminal's own."""


def lecture(d: Driver) -> Lecture:
    screen = d.app.screen
    assert isinstance(screen, Lecture)
    return screen


def written_large(d: Driver, text: str) -> bool:
    """Are these words to be seen in large letters?"""
    letters = large(line(text), 999)
    assert letters is not None
    return all("".join(t for t, _ in row).rstrip() in d.text() for row in letters)


@on_screen
async def test_a_presenter_goes_forward_and_back_through_the_script() -> None:
    async with playing(size=SMALL) as d:
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
    async with playing(size=SMALL) as d:
        await d.press("L", "space", "space", "space", "1", "3", "3")
        rows = [r.strip() for r in d.text().splitlines()]
        assert "3  either  ▇▇ 2" in rows and "1  A  ▇ 1" in rows
        await d.press("space")
        assert "✓  either" in d.text() and "3 of 11" in d.text()
        await d.press("space")
        assert "4 of 11" in d.text()


@on_screen
async def test_notes_are_hidden_until_they_are_asked_for_and_the_screen_can_be_blanked() -> None:
    async with playing(size=SMALL) as d:
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
    async with playing(size=SMALL) as d:
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
    async with playing("consensus/paxos", SMALL) as d:
        there = d.step
        await d.press("L", "space")
        assert d.step == there + 1 and "deliver m1" in d.text()
        await d.press("pageup")
        assert d.step == there


@pytest.mark.parametrize("size", [(120, 40), (200, 60)])
@on_screen
async def test_a_large_screen_has_large_letters(size: tuple[int, int]) -> None:
    async with playing(size=size) as d:
        await d.press("L", "space", "space", "space")
        for words in ("Dueling leaders", "3 of 11", "? Which value can still be chosen?"):
            assert written_large(d, words)
        assert "a3 acceptor" in d.text() and "sends m10 m11 m12" in d.text()
        await d.press("t")
        assert not written_large(d, "3 of 11") and "3 of 11" in d.text()
        assert "? Which value can still be chosen?" in d.text()


@on_screen
async def test_a_narration_too_long_for_large_letters_is_told_in_short_bold_lines() -> None:
    async with playing(size=(120, 40)) as d:
        await d.press("L", "space")
        told = [r.strip() for r in d.text().splitlines() if "acceptors promise" in r]
        assert told == ["p1 would lead, with the value A. All three acceptors promise to obey"]


@on_screen
async def test_the_answer_shows_the_step_that_proves_it() -> None:
    for keys in (["L"], []):
        async with playing("consensus/of_happy", (120, 40)) as d:
            await d.press(*keys, *["space"] * 4)
            diagram = d.app.screen.query_one(SpaceTime)
            there = diagram.step
            assert "◆" not in d.text()
            await d.press("space")
            assert diagram.step == 6 and "◆" in d.text()
            assert diagram.chronicle[6].event.changes[-1].field == "estimate"
            await d.press("space")
            assert diagram.step > there and "◆" not in d.text()


@on_screen
async def test_a_blank_screen_waits_although_it_goes_by_itself() -> None:
    async with playing(size=SMALL) as d:
        await d.press("L", "a", "b")
        lecture(d)._go_on()
        await d.pilot.pause()
        assert not d.text().strip() and d.step == 0
        await d.press("b")
        assert "by itself" in d.text()


@on_screen
async def test_what_is_told_is_copied_and_a_click_goes_forward() -> None:
    async with playing() as d:
        await d.press("L")
        await d.pilot.click(Narration)
        await d.pilot.pause()
        assert d.step > 0
        await d.press("y")
        assert d.app.clipboard.startswith("p1 would lead, with the value A.")
        await d.pilot.click(Narration, button=3)
        await d.pilot.pause()
        assert d.step == 0
