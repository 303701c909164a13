"""Running until something is so, the history, and what changed."""

from __future__ import annotations

from playground.session import journal
from tests.tui.driver import on_screen, playing


@on_screen
async def test_a_typed_condition_becomes_a_plain_run_in_the_log() -> None:
    async with playing("consensus/paxos") as d:
        await d.command("until p1 decided")
        assert d.log()[-1] == "run fifo 11"
        assert "p1" in d.session.state.decisions
        await d.command("until p1.fase == done")
        assert "did you mean phase?" in d.notices()


@on_screen
async def test_run_until_is_a_form_that_says_what_is_wrong() -> None:
    async with playing("consensus/paxos") as d:
        await d.press("R")
        await d.type("Promiss in flight")
        assert "✗ unknown message" in d.text()
        await d.type("Promise in flight")
        await d.press("enter")
        assert (d.where, d.log()[-1]) == ("Play", "run fifo 1")


@on_screen
async def test_the_history_shows_branches_and_what_changed_since_a_bookmark() -> None:
    async with playing("consensus/paxos") as d:
        for line in ("bookmark asked", "run fifo 3", "undo 2", "drop m2"):
            assert d.play.say(line) is None
        await d.press("T")
        assert "from step 2 of branch 1: drop m2" in d.text() and "asked" in d.text()
        await d.press("down", "enter")  # the first branch
        assert d.step == 4
        await d.press("T", "end", "up", "enter")
        text = d.text()
        assert "since asked" in text and "promised (0,none) → (1,p1)" in text


@on_screen
async def test_a_long_run_tells_how_far_it_is_and_esc_stops_it() -> None:
    async with playing("detectors/heartbeat") as d:
        await d.command("seed 7 random 1000000")
        await d.until(lambda: d.where == "LongRunScreen" and " to go" in d.text())
        await d.press("x", "u", "escape")  # only esc is heard
        await d.until(lambda: d.where == "Play")
        assert d.log()[-1] == f"seed 7 random {d.step}" and 0 < d.step < 1_000_000
        assert f"stopped after {d.step:,} steps" in d.notices()
        await d.press("U")
        assert d.step == 0


@on_screen
async def test_a_long_run_is_over_where_nothing_more_happens() -> None:
    async with playing("commit/two_phase_commit") as d:
        await d.command("run fifo 5000")
        await d.until(lambda: d.where == "Play" and d.log()[-1] == "run fifo 5000")
        assert f"nothing more can happen after {d.step - 1} steps" in d.notices()


@on_screen
async def test_any_two_moments_can_be_compared_also_on_other_branches() -> None:
    async with playing("consensus/paxos") as d:
        for line in ("run fifo 3", "undo 2", "drop m2", "bookmark lost"):
            assert d.play.say(line) is None
        await d.press("D")
        assert ":changed 2 3" in d.text() and "m2 Prepare (1,p1) p1>a2" in d.text()
        await d.type("b1.4")
        await d.press("tab")
        await d.type("lots")
        assert "lots is no step and no" in d.text()
        await d.type("lost")
        await d.press("enter")
        text = d.text()
        assert "from b1.4 to lost" in text and "promised (1,p1) → (0,none)" in text
        assert "in flight now" in text
        await d.press("escape")
        await d.command("changed b9")
        assert "there is no branch b9; the last one is b2" in d.notices()
        assert d.log()[-1] == "bookmark lost"  # to look is no command


@on_screen
async def test_a_long_run_that_is_left_is_not_lost() -> None:
    async with playing("detectors/heartbeat") as d:
        await d.command("seed 7 random 1000000")
        await d.until(lambda: d.where == "LongRunScreen" and " to go" in d.text())
        await d.pilot.resize_terminal(80, 24)
        await d.pilot.resize_terminal(50, 12)
        session = d.session
        await d.press("ctrl+q")
    found = journal.left()
    assert found is not None
    assert journal.resume(found.path).session.state.step == session.history.step > 0
