"""Facts about goals: dead ends, livelocks, and what can still be decided."""

from __future__ import annotations

from typing import Any

import pytest

from playground.core import World, step
from playground.core.ranks import canonical
from playground.protocol import System, Verdict, eventually
from playground.search.faults import Faults
from playground.search.goals import dead_end, hopeless
from playground.search.livelock import livelock
from playground.search.result import Bounds
from playground.search.valency import valency
from playground.session.asks import asks
from playground.session.hunt import hunt, valence, way_to
from playground.session.quarry import Quarry
from playground.session.session import Session
from tests.helpers import played, session
from tests.search.models import Proposer, paxos

QUICK = Bounds(seconds=0.5)


@eventually()
def success(system: System) -> Verdict:
    """Some proposer succeeds."""
    return any(p.phase == 3 for p in system.all(Proposer))


def pair(**setup: Any) -> Session:
    return session("commit/two_phase_commit", {"participants": 2, **setup})


def test_two_phase_commit_always_gets_there_while_nobody_crashes() -> None:
    found = hunt(pair(), Quarry(properties=["decided"], asks=asks(pair()), bounds=QUICK))
    assert found.result.complete and found.result.violation is None


def test_two_phase_commit_blocks_when_its_coordinator_is_gone() -> None:
    quarry = Quarry(properties=["decided"], asks=asks(pair()), crashes=1, recoveries=0)
    found = hunt(pair(), quarry)
    assert found.result.outcome == "violation"
    assert found.trace[0] == "ask c Begin" and found.trace[-1].startswith("crash c")
    assert "blocked" in found.report()["violation"]["why"]


def test_with_a_recovery_it_does_not_block() -> None:
    quarry = Quarry(
        properties=["decided"], asks=asks(pair()), crashes=1, recoveries=1, bounds=QUICK
    )
    assert hunt(pair(), quarry).result.complete


def test_of_several_goals_none_is_forgotten() -> None:
    """Neither what was seen for the first, nor that it was not all."""
    alone = session("consensus/paxos", {"proposers": 1, "acceptors": 1})
    asked = asks(alone)
    each = [
        hunt(alone, Quarry(properties=goals, asks=asked, bounds=Bounds(states=8))).result
        for goals in (["chosen"], ["decided"], ["chosen", "decided"])
    ]
    assert each[2].states == each[0].states + each[1].states
    assert [r.outcome for r in each] == ["complete", "bounded", "bounded"]


def test_a_traitor_can_keep_generals_from_nothing_as_long_as_they_have_rounds() -> None:
    generals = session("synchronous/om")
    quarry = Quarry(properties=["decided"], asks=asks(generals), corrupt=1, forgeries=1)
    result = hunt(generals, quarry).result
    assert result.complete and result.violation is None
    honest = hunt(generals, Quarry(properties=["decided"], asks=asks(generals))).result
    assert result.states > 4 * honest.states  # each of four may be the traitor


def test_a_dead_end_is_one_and_the_step_before_is_not() -> None:
    asked = played("commit/two_phase_commit", "ask c Begin", setup={"participants": 2})
    goal = asked.protocol.property("decided")
    result = dead_end(asked.world, goal, Faults(crashes=1), copies=True)
    assert result.violation is not None
    trace = result.violation.trace
    assert dead_end(walked(asked.world, trace), goal, copies=True).never_reached == ("decided",)
    before = dead_end(walked(asked.world, trace[:-1]), goal, copies=True)
    assert before.complete and before.never_reached == ()


def walked(world: World, trace: tuple[Any, ...]) -> World:
    for action in trace:
        world = step(world, action)
    return world


def test_ctrl_c_while_it_looks_for_circles_tells_what_was_seen() -> None:
    @eventually()
    def interrupted(system: System) -> Verdict:
        """Packed worlds are asked first, and those of the core when it comes to circles."""
        if isinstance(system, World):
            raise KeyboardInterrupt
        return success(system)

    result = hopeless(paxos(), interrupted, bounds=Bounds(states=50))
    assert (result.outcome, result.stopped) == ("bounded", "interrupt")
    assert result.states >= 50 and result.violation is None


def test_what_the_bounds_leave_unexplored_counts_as_hopeful() -> None:
    result = dead_end(paxos(), success, bounds=Bounds(states=3_000))
    assert (result.outcome, result.stopped) == ("bounded", "states")


def test_two_leaders_starve_each_other_for_ever() -> None:
    duel = played(
        "consensus/paxos",
        "ask p1 Propose value=A",
        "ask p2 Propose value=B",
        setup={"acceptors": 1},
    )
    found = livelock(duel.world, duel.protocol.property("chosen"), Bounds(seconds=1))
    assert found is not None and found.minimal == "circle"
    length = int(found.why().split("last ")[1].split()[0])
    begins = walked(duel.world, found.trace[:-length])
    assert canonical(begins) == canonical(found.world) and begins != found.world


def test_a_session_that_follows_it_calls_it_a_livelock() -> None:
    duel = session("consensus/paxos", {"acceptors": 1})
    asked = asks(duel, ["p1 Propose value=A", "p2 Propose value=B"])
    found = hunt(duel, Quarry(properties=["chosen"], asks=asked, bounds=Bounds(states=2_000)))
    for line in found.trace:
        duel.say(line)
    assert duel.verdicts()["chosen"] == "livelock"


def test_one_leader_alone_goes_round_in_no_circle() -> None:
    alone = played("consensus/paxos", "ask p1 Propose value=A", setup={"proposers": 1})
    chosen = alone.protocol.property("chosen")
    assert livelock(alone.world, chosen, Bounds(seconds=0.2), walks=20) is None


def test_two_proposals_leave_everything_open_until_a_majority_has_accepted() -> None:
    asked = ("ask p1 Propose value=A", "ask p2 Propose value=B")
    open_ = played("consensus/paxos", *asked, setup={"acceptors": 2})
    assert valence(open_).word == "bivalent"
    for line in ("deliver Prepare p1>*", "deliver Promise *>p1", "deliver Accept p1>a1,a2"):
        open_.say(line)
    assert valence(open_).word == "A-valent"


def test_one_proposal_can_only_be_decided_and_none_cannot() -> None:
    assert valence(played("consensus/paxos", "ask p1 Propose value=A")).word == "A-valent"
    assert valence(session("consensus/paxos")).word == "no decision"


def test_valence_is_unknown_where_the_bound_is_too_narrow() -> None:
    asked = played("consensus/paxos", "ask p1 Propose value=A")
    assert valency(asked.world, Faults(timers=0), Bounds(states=10)).word == "unknown"


def test_the_shortest_way_to_a_goal_is_told() -> None:
    happy = played("consensus/paxos", "ask p1 Propose value=A")
    found = way_to(happy, happy.protocol.property("chosen"), Quarry(timers=0))
    assert found.result.violation is not None
    assert found.trace[-1].startswith("deliver Accept p1>a") and len(found.trace) == 6
    assert happy.state.step == 1  # the session has not moved


def test_what_can_not_be_reached_any_more_has_no_way() -> None:
    down = played("consensus/paxos", "ask p1 Propose value=A", "crash p1")
    found = way_to(down, down.protocol.property("chosen"))
    assert found.result.complete and found.trace == ()


@pytest.mark.parametrize("goal", ["chosen", "decided"])
def test_paxos_never_comes_to_a_dead_end_while_a_majority_can_work(goal: str) -> None:
    start = session("consensus/paxos", {"proposers": 1, "acceptors": 2})
    found = hunt(
        start, Quarry(properties=[goal], asks=asks(start), bounds=Bounds(3_000, seconds=0.5))
    )
    assert found.result.violation is None
