"""Searches from the screen: a process of its own, an answer, and a branch to walk."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from playground.session.cells import plain
from playground.tui.pick_screen import PickList
from playground.tui.widgets.bars import PropertyBar
from playground.tui.widgets.prose import Log
from tests.tui.driver import Driver, on_screen, playing

BUG = "consensus/px_decide_on_accept"
"""A run of 6 steps breaks it."""

LONG = "search time=60 crashes=1 timers=3"
"""Takes longer than any test."""


async def answered(d: Driver) -> None:
    await d.until(lambda: d.where == "PickScreen")


def log(d: Driver) -> str:
    return "\n".join(map(plain, d.play.query_one(Log)._told))


@on_screen
async def test_a_violation_is_found_and_walked_step_by_step() -> None:
    async with playing(BUG) as d:
        await d.press("S")
        assert d.where == "FormScreen" and "look for" in d.text()
        await d.press("enter")
        await answered(d)
        assert "only_chosen breaks, after 6 steps: a1 decided A" in d.text()
        assert "BUG: the run is inside the model" in d.text() and "A shortest run" in d.text()
        await d.press("enter")
        assert d.step == 0 and "breaks-only_chosen · 0 of 6" in d.text()
        for done in range(1, 7):
            await d.press("space")
            assert d.step == done
        assert "only_chosen VIOLATED at step 6" in d.text()
        assert "breaks-only_chosen" in d.session.history.bookmarks
        assert "ask p1 Propose value=A" in d.log()
        await d.press("u")
        assert d.step == 5 and "breaks-only_chosen · 5 of 6" in d.text()


@on_screen
async def test_one_may_stand_after_any_step_of_what_was_found_and_undo_it_all() -> None:
    async with playing(BUG) as d:
        await d.command("search only_chosen")
        await answered(d)
        picks = d.app.screen.query_one(PickList)
        picks.cursor = picks._of.index(len(picks._items) - 1)
        await d.press("enter")
        assert d.step == 6 and "only_chosen VIOLATED" in d.text()
        await d.press("U")
        assert d.step == 0


@on_screen
async def test_what_is_found_is_a_branch_from_the_moment_where_the_search_began() -> None:
    async with playing() as d:
        await d.press("space")
        began = d.step
        d.play.act("way a3.accepted != - and a2.accepted != -")
        d.play.action_command()  # whoever types is not interrupted
        await d.until(lambda: "S shows" in d.text())
        assert d.where == "Play"
        await d.press("escape", "x", "x")
        assert d.step == began + 2
        tip = d.session.history.branch
        await d.press("S")
        assert "2 steps from here" in d.text()
        await d.press("enter")
        assert d.step == began and d.session.history.branch is not tip
        await d.press("space", "space")
        assert d.session.state.step == began + 2
        assert [n.pid for n in d.session.world.nodes.values() if getattr(n, "accepted", 0)] == [
            "a2",
            "a3",
        ]


@on_screen
async def test_keys_are_free_while_it_searches_and_esc_stops_it_at_once() -> None:
    async with playing() as d:
        await d.press("space")
        await d.command(LONG)
        await d.until(lambda: "to be tried" in d.text())
        child = d.play._hunter.pid
        assert child is not None
        before = d.step
        await d.press("enter", "x")
        assert d.step == before + 2
        await d.press("escape")
        assert "The search is stopped: nothing in" in d.notices()
        assert "to be tried" not in d.text()
        await d.until(lambda: not alive(child))
        await d.command("reach chosen")
        await answered(d)


@on_screen
async def test_the_key_that_begins_a_search_stops_it_and_only_one_runs_at_a_time() -> None:
    async with playing() as d:
        await d.press("space")
        await d.command(LONG)
        await d.command("search")
        assert "a search is under way; esc stops it" in d.notices()
        await d.press("escape", "S")
        assert "The search is stopped" in d.notices()


@on_screen
async def test_a_search_whose_process_is_killed_is_a_sentence() -> None:
    async with playing() as d:
        await d.press("space")
        await d.command(LONG)
        await d.until(lambda: "to be tried" in d.text())
        assert d.play._hunter.pid is not None
        os.kill(d.play._hunter.pid, signal.SIGKILL)
        await d.until(lambda: "lost" in d.notices())
        assert "the search is lost, since its process has ended by signal 9" in d.notices()
        assert "the search is lost" in log(d)
        await d.command("reach chosen")
        await answered(d)


@on_screen
async def test_when_nothing_is_found_it_says_how_far_it_looked() -> None:
    async with playing("consensus/paxos") as d:
        await d.command("search crashes=0 recoveries=0 timers=0")
        await answered(d)
        text = d.text()
        assert "Nothing breaks within these bounds: everything was tried." in text
        assert "a proof within the bounds" in text and "states" in text
        await d.press("enter", "escape")
        assert d.where == "Play" and d.step == 1


@on_screen
async def test_a_goal_that_is_blocked_is_told_to_be() -> None:
    async with playing("commit/two_phase_commit") as d:
        for line in ("deliver Prepare *", "crash c"):
            assert d.play.say(line) is None
        await d.command("reach decided recoveries=0 crashes=0 timers=1")
        await answered(d)
        assert "It can't be reached from here, within these bounds: decided." in d.text()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("search agreemnt", "did you mean agreement?"),
        ("reach agreement", "there are chosen, decided"),
        ("way", "is no condition"),
        ("way p1.fase == done", "did you mean phase?"),
        ("show off", "there are duel, split_votes"),
        ("search crashes=any", "crashes should be a number"),
        ("search time=soon", "time should be a number or any"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_in_a_sentence(line: str, why: str) -> None:
    @on_screen
    async def refused() -> None:
        async with playing() as d:
            assert why in (d.play.say(line) or "")
            assert d.play._hunter.pid is None

    refused()


@on_screen
async def test_what_is_worth_seeing_is_a_key_away() -> None:
    async with playing("consensus/paxos") as d:
        await d.press("I")
        assert "Two leaders at once" in d.text()
        await d.press("enter")
        await d.until(lambda: "steps from here" in d.text())
        await d.press("enter")
        while d.session.state.step < 10:
            await d.press("space")
        nodes = d.session.world.nodes
        assert [getattr(nodes[p], "phase", "") for p in ("p1", "p2")] == ["accept", "accept"]


@on_screen
async def test_without_a_showpiece_the_key_says_so() -> None:
    async with playing("detectors/heartbeat") as d:
        await d.press("I")
        assert "names no showpiece; S searches for anything" in d.notices()


# ---- valence


@on_screen
async def test_valence_is_found_out_when_nothing_is_pressed() -> None:
    async with playing() as d:
        await d.until(lambda: "bivalent A|B" in d.text())
        while "p1 learned" not in d.text() and d.play.game.scripted:
            await d.press("space")
        await d.command("goto 0")
        assert "bivalent A|B" in d.text()  # it is known already


@on_screen
async def test_only_where_something_is_decided_there_is_a_valence() -> None:
    async with playing("available/rowaa") as d:
        await asyncio.sleep(0.5)
        assert "valence" not in str(d.play.query_one(PropertyBar)._valence)
        assert d.play._thinker.pid is None


@on_screen
async def test_no_process_is_left_when_the_session_is() -> None:
    async with playing() as d:
        await d.press("space")
        await d.command(LONG)
        await d.until(lambda: "to be tried" in d.text() and d.play._thinker.pid)
        children = [d.play._hunter.pid, d.play._thinker.pid]
        await d.press("m")
        assert d.where == "Menu"
        await d.until(lambda: not any(map(alive, children)))


def alive(pid: int | None) -> bool:
    try:
        os.kill(pid or 0, 0)
    except ProcessLookupError:
        return False
    return True
