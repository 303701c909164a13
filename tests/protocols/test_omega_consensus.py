"""Facts about consensus from Omega: it is safe whatever Omega says, and gets as far as Omega lets
it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from playground.core import Action, Ask, World, begin, step
from playground.protocol import Message, Pid
from playground.protocol.consensus import Decided, Propose
from playground.protocol.detector import Appoint
from playground.session import scenarios
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.playback import Playback
from playground.session.scenario import load as load_scenario
from playground.session.schedule import Chance, Odds
from playground.session.session import Session
from playground.session.state import cost
from protocols.consensus import synod_ofcons as synod
from protocols.consensus.omega_consensus import Process
from tests.helpers import played
from tests.search.plain import Faults, Report, explore

PROTOCOL = load("consensus/omega_consensus")
PROPERTIES = PROTOCOL.properties
SAFETY = [p for p in PROPERTIES if p.kind != "eventually"]
OBSERVED = list(dict.fromkeys(o for p in PROPERTIES for o in p.sees))

NAME = "consensus/omega_consensus"
ALL_PROPOSE = [f"ask p{i} Propose value=v{i}" for i in (1, 2, 3)]


def propose(pid: Pid) -> Ask:
    return Ask(pid, Propose(f"v{pid[1:]}"))


def lead(pid: Pid, who: Pid) -> Ask:
    return Ask(pid, Appoint(who))


TWO: list[Action] = [propose("p1"), propose("p2")]
RIVALS: list[Action] = [*TWO, lead("p1", "p1"), lead("p2", "p2")]


class Quiet(synod.Process):
    """Tells DECIDE to nobody else, as in the tests of Synod: a hundred times fewer worlds."""

    def send(self, message: Message, to: Pid | Iterable[Pid]) -> None:
        super().send(message, self.pid if isinstance(message, synod.Decide) else to)


def quiet(node: Process) -> Process:
    ofcons = Quiet(*(getattr(node.ofcons, f.name) for f in fields(node.ofcons)))
    return Process(node.pid, node.backoff, node.omega, ofcons)


def world(asks: Iterable[Action], hush: bool = False, **options: Any) -> World:
    """The asks have just been made; if `hush`, nobody hears DECIDE but who says it."""
    nodes = PROTOCOL.setup(options)
    if hush:
        nodes = [quiet(node) for node in nodes if isinstance(node, Process)]
    result = begin(nodes, PROTOCOL.model(nodes), OBSERVED)
    for ask in asks:
        result = step(result, ask)
    return result


def processes(run: Session) -> list[Process]:
    return list(run.world.all(Process))


def holds(report: Report) -> bool:
    return report.complete and report.violation is None


# ---- every world within the bounds


@pytest.mark.parametrize(
    ("asks", "options", "worlds"),
    [
        ([propose("p1"), lead("p1", "p1")], {"n": 2}, 9),
        (RIVALS, {"n": 2}, 27),
        ([propose("p1"), lead("p1", "p1")], {"n": 3, "skip_first_read": True}, 634),
    ],
)
def test_with_leaders_that_call_once_there_are_just_the_worlds_of_synod(
    asks: list[Action], options: dict[str, Any], worlds: int
) -> None:
    report = explore(world(asks, **options), PROPERTIES, Faults(timers=0))
    assert holds(report) and report.worlds == worlds
    assert {"chosen", "decided"} <= report.reached


@pytest.mark.parametrize(
    ("faults", "worlds"),
    [
        (Faults(timers=1), 164),
        (Faults(timers=2), 780),
        (Faults(timers=1, drops=1), 349),
        (Faults(timers=1, duplicates=1), 2172),
    ],
)
def test_two_leaders_of_two_agree_however_often_they_try(faults: Faults, worlds: int) -> None:
    report = explore(world(RIVALS, n=2), PROPERTIES, faults)
    assert holds(report) and report.worlds == worlds


LIES = (lead("p1", "p1"), lead("p2", "p2"))
FICKLE = (*LIES, lead("p1", "p2"), lead("p2", "p1"))


@pytest.mark.parametrize(
    ("faults", "worlds"),
    [
        (Faults(timers=1, extra=LIES), 1032),
        (Faults(timers=0, extra=FICKLE), 1633),
        (Faults(timers=0, crashes=1, recoveries=1, extra=LIES), 1351),
    ],
)
def test_two_of_two_agree_whatever_omega_says_and_when(faults: Faults, worlds: int) -> None:
    report = explore(world(TWO, n=2), PROPERTIES, faults)
    assert holds(report) and report.worlds == worlds
    assert {"chosen", "decided"} <= report.reached


def test_two_leaders_of_three_agree() -> None:
    start = world(RIVALS, hush=True, n=3, skip_first_read=True)
    report = explore(start, PROPERTIES, Faults(timers=0))
    assert holds(report) and report.worlds == 1500


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("asks", "options", "faults", "worlds"),
    [
        pytest.param(TWO, {"n": 2}, Faults(timers=1, extra=FICKLE), 9427, id="any leader"),
        pytest.param(
            RIVALS, {"n": 2}, Faults(timers=1, drops=1, duplicates=1), 4578, id="bad links"
        ),
        pytest.param(
            TWO,
            {"n": 2},
            Faults(timers=1, crashes=1, recoveries=1, crash_points=4, extra=LIES),
            20_924,
            id="torn steps",
        ),
        pytest.param(RIVALS, {"n": 3}, Faults(timers=0), 8296, id="two of three"),
        pytest.param(
            RIVALS,
            {"n": 3, "skip_first_read": True},
            Faults(timers=0, crashes=1),
            5847,
            id="two of three, one down",
        ),
    ],
)
def test_leaders_agree_in_larger_worlds(
    asks: list[Action], options: dict[str, Any], faults: Faults, worlds: int
) -> None:
    report = explore(world(asks, hush=options["n"] == 3, **options), PROPERTIES, faults)
    assert holds(report) and report.worlds == worlds


# ---- random runs, in which Omega says anything

SAYINGS = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=12)


def deceived(sayings: list[tuple[int, int]], seed: int, odds: Odds, **options: Any) -> Session:
    """Everybody proposes, and Omega names somebody to somebody every few steps of a random run."""
    run = played(NAME, *ALL_PROPOSE, setup=options)
    chance = Chance(seed, odds)
    for pid, who in sayings:
        if f"p{pid}" not in run.world.down:
            run.say(f"leader p{pid} p{who}")
        run.run(chance, 12)
    return run


@settings(max_examples=30)
@given(SAYINGS, st.integers(0, 2**32))
def test_nobody_decides_anything_wrong_whatever_omega_says(
    sayings: list[tuple[int, int]], seed: int
) -> None:
    run = deceived(sayings, seed, Odds(loss=0.1, duplicate=0.2, crashes=2))
    assert run.state.broken == ()


@settings(max_examples=20)
@example([(2, 2), (2, 1)], 3861761, "p1", False)  # its next ballot is the first above all others
@given(SAYINGS, st.integers(0, 2**32), st.sampled_from(["p1", "p2", "p3"]), st.booleans())
def test_once_omega_comes_to_rest_everybody_decides(
    sayings: list[tuple[int, int]], seed: int, leader: Pid, jump: bool
) -> None:
    run = deceived(sayings, seed, Odds(duplicate=0.2), jump=jump)
    run.say(f"leader * {leader}")
    run.say("finish")
    assert run.verdicts()["decided"] == "reached"
    assert (run.outside(), run.state.broken) == ([], ())


@settings(max_examples=10)
@given(st.integers(0, 2**32), st.floats(0, 0.3))
def test_heartbeats_elect_a_leader_who_decides(seed: int, duplicate: float) -> None:
    run = played(NAME, *ALL_PROPOSE, setup={"omega": "detectors/omega", "backoff": "3"})
    run.run(Chance(seed, Odds(duplicate=duplicate, crashes=1, recover=0)), 80)
    run.say("finish")
    assert run.verdicts()["decided"] == "reached"
    assert (run.outside(), run.state.broken) == ([], ())


# ---- progress is Omega's


@pytest.mark.parametrize("sayings", [[], ["leader * p3"], ["leader p1 p2", "leader p2 p1"]])
def test_without_a_leader_that_proposes_nothing_is_sent_and_nobody_decides(
    sayings: list[str],
) -> None:
    run = played(NAME, *ALL_PROPOSE[:2], *sayings)
    assert run.verdicts()["decided"] == run.verdicts()["chosen"] == "blocked"
    assert cost(run.state)["total"] == 0
    assert not any(process.calling for process in processes(run))


def test_a_leader_begins_as_soon_as_it_is_told_a_value() -> None:
    run = played(NAME, *ALL_PROPOSE[:2], "leader * p3", ALL_PROPOSE[2], "finish")
    assert [process.decided for process in processes(run)] == ["v3"] * 3


def test_while_all_follow_the_dead_nobody_calls() -> None:
    run = played(NAME, *ALL_PROPOSE, "leader * p1", "crash p1", "drop * *>*")
    assert run.verdicts()["decided"] == "blocked"
    run.say("leader * p2")
    run.say("finish")
    assert run.verdicts()["decided"] == "reached"


def test_a_leader_that_comes_back_has_kept_its_value_and_calls_again() -> None:
    run = played(NAME, *ALL_PROPOSE, "leader * p1", "crash p1", "drop * *>*", "recover p1")
    assert processes(run)[0].mine == "v1"
    run.say("leader * p1")
    run.say("finish")
    assert [process.decided for process in processes(run)] == ["v1"] * 3


def test_who_comes_back_after_the_decision_is_told_it_by_its_own_ofcons() -> None:
    run = played(NAME, *ALL_PROPOSE, "leader * p1", "finish", "crash p1", "recover p1")
    sent = cost(run.state)["total"]
    assert processes(run)[0].decided is None
    run.say("leader p1 p1")
    assert processes(run)[0].decided == "v1"
    assert cost(run.state)["total"] == sent


def duel() -> Session:
    """p1 and p2 have aborted each other three times; p2 is under way with ballot 5."""
    playback = Playback(load_scenario(scenarios.find("consensus/omega_stabilises")))
    list(playback.play(5))
    return playback.session


@pytest.mark.parametrize(("leader", "ballots"), [("p1", 2), ("p2", 1), ("p3", 2)])
def test_a_duel_ends_within_one_more_sequence_of_ballots(leader: Pid, ballots: int) -> None:
    run = duel()
    before = cost(run.state)["messages"]["Read"]
    run.say(f"leader * {leader}")
    run.say("finish")
    assert run.verdicts()["decided"] == "reached"
    assert cost(run.state)["messages"]["Read"] - before <= 2 * ballots


# ---- costs


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("skip", [False, True], ids=["all phases", "no READ"])
def test_a_stable_leader_decides_at_the_cost_of_synod_alone(n: int, skip: bool) -> None:
    options = {"n": n, "skip_first_read": skip}
    alone = cost(played("consensus/synod_ofcons", ALL_PROPOSE[0], "finish", setup=options).state)
    run = played(NAME, ALL_PROPOSE[0], "leader * p1", "finish", setup=options)
    found = cost(run.state)
    assert found["total"] == (n - 1) * (n + 3 if skip else n + 5)
    assert {k: found[k] for k in ("messages", "delays", "first_decision")} == {
        k: alone[k] for k in ("messages", "delays", "first_decision")
    }
    assert found["stable_writes"] == alone["stable_writes"] + 1
    assert found["per_decision"]["messages"] == found["total"], "to say who leads is no demand"


# ---- known bugs

FOUND_BY_SEARCH: dict[str, tuple[list[Action], Faults]] = {
    "never_looks_again": ([*RIVALS, lead("p1", "p2")], Faults(timers=1)),
    "impatient": ([propose("p1"), lead("p1", "p1")], Faults(extra=(lead("p1", "p2"), *LIES))),
    "sure_of_itself": (TWO, Faults(extra=LIES)),
    "own_value": (RIVALS, Faults(timers=2)),
}

BLOCKED = {
    "forgotten_value": ["leader * p1", "crash p1", "recover p1", "leader * p1"],
    "no_relay": [
        "leader * p1",
        "deliver READ p1>*",
        "deliver GATHER *>p1",
        "deliver IMPOSE p1>*",
        "crash p1 after=2",
        "deliver ACK p2>p1",
        "leader * p2",
    ],
}


def test_there_is_a_run_for_every_known_bug() -> None:
    assert {*FOUND_BY_SEARCH, *BLOCKED} == set(PROTOCOL.bugs)


@pytest.mark.parametrize("bug", FOUND_BY_SEARCH)
def test_a_search_finds_what_a_known_bug_breaks(bug: str) -> None:
    asks, faults = FOUND_BY_SEARCH[bug]
    report = explore(world(asks, n=2, bug=bug), SAFETY, faults)
    assert report.violation is not None
    broken = report.violation.property
    assert {PROTOCOL.property(p) for p in PROTOCOL.bugs[bug].breaks} == {broken}
    assert explore(world(asks, n=2), SAFETY, faults, limit=2_000).violation is None


@pytest.mark.parametrize("bug", BLOCKED)
def test_a_known_bug_keeps_everybody_from_deciding(bug: str) -> None:
    assert PROTOCOL.bugs[bug].breaks == ("decided",)
    wrong = played(NAME, *ALL_PROPOSE, *BLOCKED[bug], setup={"bug": bug})
    right = played(NAME, *ALL_PROPOSE, *BLOCKED[bug])
    for run in (wrong, right):
        run.say("finish")
        assert run.state.broken == ()
    assert wrong.verdicts()["leadership"] == "reached"
    assert wrong.verdicts()["decided"] == "blocked"
    assert right.verdicts()["decided"] == "reached"


# ---- the stack


def test_a_stack_assumes_all_that_its_layers_assume() -> None:
    scripted = PROTOCOL.model(PROTOCOL.setup({"n": 5}))
    beating = PROTOCOL.model(PROTOCOL.setup({"n": 5, "omega": "detectors/omega"}))
    assert (scripted.timing, beating.timing) == ("async", "timed")
    assert scripted.links == beating.links == ("duplicating", "reordering")
    assert scripted.crashes == beating.crashes == 2


@pytest.mark.parametrize(
    ("omega", "why"),
    [
        ("detectors/heartbeat", "detectors/heartbeat elects no leader of p1 to p3"),
        ("consensus/paxos", "consensus/paxos elects no leader of p1 to p3"),
        ("detectors/omeg", "did you mean detectors/omega"),
    ],
)
def test_what_elects_no_leader_is_no_omega(omega: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        PROTOCOL.setup({"omega": omega})


def test_a_decision_is_told_once_and_a_propose_after_it_returns_it() -> None:
    run = played(NAME, *ALL_PROPOSE, "leader * p1", "finish", "ask p2 Propose value=w")
    assert run.state.told["p2"].output == Decided("v1")
    assert processes(run)[1].mine == "v2"
