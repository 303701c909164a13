"""The split screen: one script on several protocols."""

from __future__ import annotations

from pathlib import Path

from playground.session import comparisons, journal
from playground.session.compare import SideBySide
from playground.tui.app import Playground
from playground.tui.compare import Compare
from tests.tui.driver import Driver, on_screen, starting


def beside(name: str = "cap_tour") -> Playground:
    return Playground(lanes=SideBySide(comparisons.find(name)))


def steps(d: Driver) -> list[int]:
    """At which step each lane is."""
    screen = d.app.screen
    assert isinstance(screen, Compare)
    return [session.state.step for session in screen.side_by_side.sessions.values()]


def said(d: Driver) -> list[str]:
    """All but the diagrams, which scroll."""
    lines = d.text().splitlines()
    diagram = next(i for i, line in enumerate(lines) if "space-time" in line)
    return [*lines[:diagram], *lines[-10:]]


@on_screen
async def test_each_side_of_the_cut_is_told_available_and_consistent() -> None:
    async with starting(beside()) as d:
        assert "space begins" in d.text() and "Nothing has happened yet" in d.text()
        await d.press("space", "space", "space")
        assert "side 1    ✗ no       ✓ yes" in d.text()
        await d.press("space", "space")
        text = d.text()
        assert "w1 Write B → ⊘ waits" in text and "c2 Read → B ✗ not consistent" in text
        assert text.count("side 1    ✓ yes      ✗ no") == 2
        assert text.count("side 2    ✓ yes      ✓ yes") == 3
        assert "narration · 5 of 8" in text and "ABD (CP): answered blocked" in text
        await d.press("space", "space", "space")
        assert d.text().count("before    ✓ yes      ✓ yes") == 3
        assert d.text().count("after     ✓ yes      ✗ no") == 2
        assert d.text().count("✓ the last reads agree") == 3


@on_screen
async def test_undo_takes_all_lanes_back() -> None:
    async with starting(beside("coordinator_dies")) as d:
        await d.press("space", "space")
        before, shown = steps(d), said(d)
        await d.press("space")
        assert steps(d) != before and said(d) != shown
        await d.press("u")
        assert steps(d) == before and said(d) == shown
        await d.press("u", "u", "u")
        assert steps(d) == [0, 0, 0] and "space begins" in d.text()


@on_screen
async def test_a_typed_line_goes_to_all_lanes_and_is_undone() -> None:
    async with starting(beside("coordinator_dies")) as d:
        await d.press("space")
        before = steps(d)
        await d.command("crash p2")
        assert "✖ p2" in d.text() and "in all lanes: crash p2" in d.text()
        await d.press("u")
        assert steps(d) == before


@on_screen
async def test_a_line_that_all_lanes_refuse_is_told_and_changes_nothing() -> None:
    async with starting(beside("coordinator_dies")) as d:
        await d.press("space")
        before = steps(d)
        await d.command("recover p2")
        assert "p2" in d.notices() and steps(d) == before
        await d.type("crahs p2")
        await d.press("enter")
        assert "crahs" in d.notices() and steps(d) == before


@on_screen
async def test_the_script_ends_and_says_so() -> None:
    async with starting(beside("coordinator_dies")) as d:
        await d.press(*["space"] * 4)
        assert "That was the whole script" in d.text()
        await d.press("space")
        assert "that was the whole script" in d.notices()


@on_screen
async def test_a_lane_is_played_on_by_itself_and_left_as_it_was() -> None:
    async with starting(beside("coordinator_dies")) as d:
        await d.press("space", "space", "3", "enter")
        await d.pilot.pause()
        assert d.where == "Play" and "The coordinator dies: Paxos" in d.text()
        screen = d.app.screen_stack[-2]
        assert isinstance(screen, Compare)
        lane = screen.side_by_side.sessions["Paxos"].state
        assert d.app.game is not None
        assert d.app.game.session.world == lane.world
        await d.press("s", "m")
        await d.pilot.pause()
        assert d.where == "Compare"
        assert screen.side_by_side.sessions["Paxos"].state is lane


@on_screen
async def test_a_lane_that_is_played_on_can_be_resumed() -> None:
    async with starting(beside("coordinator_dies")) as d:
        await d.press("space", "space", "3", "enter", "s")
        await d.pilot.pause()
        assert d.app.game is not None
        world = d.app.game.session.world
    [path] = Path(journal.folder()).glob("*.journal")
    assert journal.resume(path).session.world == world


@on_screen
async def test_a_narrow_screen_shows_one_lane_at_a_time() -> None:
    async with starting(beside(), (80, 24)) as d:
        assert "1 ABD (CP)" in d.text() and "2 Causal" not in d.text()
        await d.press("right")
        assert "2 Causal store" in d.text() and "1 ABD (CP)" not in d.text()
        await d.pilot.resize_terminal(50, 12)
        await d.pilot.pause()
        assert "too small" in d.text()


@on_screen
async def test_the_menu_offers_comparisons() -> None:
    async with starting(Playground()) as d:
        await d.type("three ways")
        assert "Side by side:" in d.text() and "registers/abd_mwmr" in d.text()
        await d.press("enter")
        await d.pilot.pause()
        assert d.where == "Compare"
        await d.press("m")
        await d.pilot.pause()
        assert d.where == "Menu"
