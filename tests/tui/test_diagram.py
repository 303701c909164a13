"""The space-time diagram: causes and consequences of the step that is chosen."""

from __future__ import annotations

from playground.session.cells import plain
from playground.tui.widgets.spacetime import SpaceTime
from tests.tui.driver import Driver, on_screen, playing


def sign(d: Driver, step: int) -> str:
    """What stands beside the number of a step."""
    return plain(d.play.query_one(SpaceTime).line(step - 1))[5]


@on_screen
async def test_what_could_have_caused_the_chosen_step_and_what_it_may_have_caused_is_marked() -> (
    None
):
    async with playing(size=(120, 44)) as d:
        await d.press("space", "space", "space", "space")
        assert not set("◆↑") & set(d.text())  # while the keys go to the queue
        await d.press("3", "up", "up", "up")  # step 5: the first promise arrives
        signs = {n: sign(d, n) for n in range(2, 9)}
        assert signs == {2: "↑", 3: "·", 4: "·", 5: "◆", 6: "↓", 7: "↓", 8: "·"}


@on_screen
async def test_brackets_walk_along_arrows_and_enter_travels_there() -> None:
    async with playing() as d:
        await d.press("space", "space", "space", "space")
        diagram = d.play.query_one(SpaceTime)
        await d.press("3", "up", "up", "up", "left_square_bracket")
        assert diagram.step == 2  # where a1 promised
        await d.press("left_square_bracket")
        assert diagram.step == 1
        await d.press("left_square_bracket")
        assert "step 1 has no message sent by a step before it" in d.notices()
        await d.press("right_square_bracket", "enter")
        assert (diagram.step, d.step) == (2, 2)


@on_screen
async def test_vector_clocks_are_shown_on_demand() -> None:
    async with playing() as d:
        await d.press("space", "V")
        assert "[2 0 1 0 0]" in d.text()
        await d.press("V")
        assert "[2 0 1 0 0]" not in d.text()


@on_screen
async def test_from_further_away_a_row_stands_for_many_steps_and_enter_travels_there() -> None:
    async with playing("consensus/paxos") as d:
        for line in ("run fifo 6", "crash a1", "run fifo 30"):
            d.play.say(line)
        await d.press("3", "left_parenthesis")
        assert "×10" in d.text() and "a1 crashes" in d.text()
        await d.press("home", "enter")
        assert d.step == 10
        await d.press("left_parenthesis", "left_parenthesis")
        assert "the whole run is in sight" in d.notices()
        await d.press("right_parenthesis", "right_parenthesis")
        assert "×10" not in d.text() and d.play.query_one(SpaceTime).step == 10


@on_screen
async def test_left_and_right_go_through_time_and_braces_from_mark_to_mark() -> None:
    async with playing("consensus/paxos") as d:
        for line in ("run fifo 6", "crash a1", "run fifo 3"):
            d.play.say(line)
        await d.press("3", "left", "left", "right")
        assert d.step == 10
        await d.press("left_curly_bracket")
        assert (d.step, d.play.query_one(SpaceTime).step) == (10, 8)
        await d.press("left_curly_bracket")
        assert "nothing is marked before step 8" in d.notices()


@on_screen
async def test_a_click_on_the_bar_below_the_diagram_travels() -> None:
    async with playing("consensus/paxos") as d:
        d.play.say("run fifo 8")
        await d.pilot.pause()
        diagram = d.play.query_one(SpaceTime)
        await d.pilot.click(diagram, offset=(2, diagram.outer_size.height - 1))
        assert d.step == 0
        assert d.text().splitlines()[-4].startswith("╰─●")


@on_screen
async def test_a_row_is_drawn_anew_for_a_wider_screen() -> None:
    steps = ("s",) * 9
    async with playing("commit/two_phase_commit", (140, 40)) as d:
        await d.press(*steps)
        wide = d.play.query_one(SpaceTime).line(7)
    async with playing("commit/two_phase_commit", (100, 40)) as d:
        await d.press(*steps)
        narrow = d.play.query_one(SpaceTime).line(7)
        await d.pilot.resize_terminal(140, 40)
        await d.pilot.pause()
        assert d.play.query_one(SpaceTime).line(7) == wide != narrow
