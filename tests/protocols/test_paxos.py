"""Facts about Paxos: what it costs, what no adversary inside its model can break, and which slip
breaks what."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask, World
from playground.protocol import Map
from playground.protocol.consensus import Propose
from playground.session import scenarios
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.playback import Playback
from playground.session.scenario import load as load_scenario
from playground.session.schedule import Chance, Odds
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import bugs
from protocols.consensus.paxos import NONE, Proposal, Proposer
from tests.helpers import played, session
from tests.search.plain import Faults, Report, explore

PAXOS = load("consensus/paxos")

A = Ask("p1", Propose("A"))
B = Ask("p2", Propose("B"))
QUIET = Faults(timers=0)


def started(*lines: str, **arguments: Any) -> World:
    return played("consensus/paxos", *lines, setup=arguments).world


def search(world: World, faults: Faults, limit: int = 1_000_000) -> Report:
    return explore(world, PAXOS.properties, faults, limit)


def fields(run: Session, pid: str) -> dict[str, Any]:
    return vars(run.world.nodes[pid])


# ---- costs


@pytest.mark.parametrize("acceptors", range(1, 8))
def test_n_acceptors_and_one_leader_cost_5n_messages_and_5_delays(acceptors: int) -> None:
    run = played(
        "consensus/paxos", "ask p1 Propose value=A", "finish", setup={"acceptors": acceptors}
    )
    costs = cost(run.state)
    assert set(costs["messages"].values()) == {acceptors}
    assert (costs["total"], costs["delays"]) == (5 * acceptors, 5)
    assert costs["first_decision"] == 4
    assert costs["stable_writes_by_node"] == {"p1": 1} | {
        f"a{i}": 2 for i in range(1, acceptors + 1)
    }


@pytest.mark.parametrize("n", range(2, 8))
def test_n_nodes_in_all_roles_cost_5_times_n_less_1_messages(n: int) -> None:
    run = played("consensus/paxos", "ask p1 Propose value=A", "finish", setup={"n": n})
    costs = cost(run.state)
    assert set(costs["messages"].values()) == {n - 1}
    assert (costs["total"], costs["delays"], costs["first_decision"]) == (5 * (n - 1), 5, 4)


@pytest.mark.parametrize(("acceptors", "learners"), [(1, 1), (3, 1), (3, 4), (5, 2)])
def test_learners_of_their_own_are_told_in_place_of_the_acceptors(
    acceptors: int, learners: int
) -> None:
    sizes = {"acceptors": acceptors, "learners": learners}
    run = played("consensus/paxos", "ask p1 Propose value=A", "finish", setup=sizes)
    costs = cost(run.state)
    assert (costs["total"], costs["delays"]) == (4 * acceptors + learners, 5)
    assert (fields(run, "l1")["learned"], fields(run, "a1")["learned"]) == ("A", None)


# ---- every run of a small system, counted


def run_of_two(**arguments: Any) -> World:
    return started("ask p1 Propose value=A", "ask p2 Propose value=B", **arguments)


def run_of_one(**arguments: Any) -> World:
    return started("ask p1 Propose value=A", **arguments)


LOST = replace(QUIET, drops=1, duplicates=1)
DOWN = Faults(timers=1, crashes=1, recoveries=1)
TORN = replace(DOWN, crash_points=3)


@pytest.mark.parametrize(
    ("start", "faults", "worlds"),
    [
        pytest.param(run_of_one(proposers=1), QUIET, 1_076, id="one leader, any order"),
        pytest.param(run_of_one(proposers=1, acceptors=2), TORN, 5_483, id="torn steps"),
        pytest.param(run_of_two(acceptors=1), Faults(timers=1), 673, id="duel for one"),
        pytest.param(run_of_two(acceptors=2), QUIET, 966, id="duel for two"),
        pytest.param(run_of_two(n=2), DOWN, 1_213, id="two in all roles, one down"),
        pytest.param(run_of_one(n=3), QUIET, 216, id="three in all roles"),
    ],
)
def test_no_run_breaks_a_property(start: World, faults: Faults, worlds: int) -> None:
    report = search(start, faults)
    assert report.complete and report.violation is None
    assert report.reached == {"chosen", "decided"}
    assert report.worlds == worlds


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("start", "faults", "worlds"),
    [
        pytest.param(run_of_one(proposers=1), LOST, 58_936, id="one leader, one lost, one doubled"),
        pytest.param(
            run_of_one(proposers=1), replace(QUIET, crashes=1), 5_036, id="one leader, one down"
        ),
        pytest.param(run_of_two(acceptors=1), TORN, 13_807, id="duel for one, torn steps"),
        pytest.param(run_of_two(acceptors=2), Faults(timers=1), 50_047, id="duel for two, a retry"),
        pytest.param(
            run_of_two(acceptors=2), replace(QUIET, duplicates=1), 17_254, id="duel, one doubled"
        ),
        pytest.param(
            run_of_two(acceptors=2), replace(DOWN, timers=0), 7_813, id="duel for two, one down"
        ),
        pytest.param(run_of_two(n=3), QUIET, 27_482, id="duel among three in all roles"),
        pytest.param(
            run_of_two(n=3), replace(QUIET, crashes=1), 103_418, id="three in all roles, one down"
        ),
    ],
)
def test_no_run_of_a_larger_system_breaks_a_property(
    start: World, faults: Faults, worlds: int
) -> None:
    test_no_run_breaks_a_property(start, faults, worlds)


# ---- random runs with every fault of the model

sizes = st.sampled_from(
    [
        {"acceptors": 3},
        {"proposers": 3, "acceptors": 4},
        {"proposers": 2, "acceptors": 5, "learners": 2},
        {"n": 3},
        {"n": 4},
    ]
)


def stormy(setup: Mapping[str, Any], seed: int, steps: int) -> Session:
    """Everybody who can lead does so, again and again, in a network that does its worst."""
    run = session("consensus/paxos", setup)
    leaders = [node.pid for node in run.nodes if isinstance(node, Proposer)]
    odds = Odds(loss=0.1, duplicate=0.1, crashes=run.world.rules.model.crashes)
    for i, pid in enumerate(leaders * 2):
        if pid not in run.world.down:
            run.history.do(Ask(pid, Propose("ABCDEFGH"[i])))
        run.run(Chance(seed + i, odds), steps)
        for down in sorted(run.world.down):
            run.say(f"recover {down}")
    return run


@settings(max_examples=15)
@given(sizes, st.integers(0, 2**32))
def test_no_storm_breaks_a_property(setup: Mapping[str, Any], seed: int) -> None:
    run = stormy(setup, seed, 40)
    assert (run.outside(), run.state.broken) == ([], ())


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("setup", [{"acceptors": 3}, {"n": 3}], ids=["apart", "in one"])
def test_a_thousand_storms_break_no_property(setup: Mapping[str, Any]) -> None:
    for seed in range(500):
        run = stormy(setup, 1000 * seed, 60)
        assert (run.outside(), run.state.broken) == ([], ())


@settings(max_examples=10)
@given(sizes, st.integers(0, 2**32))
def test_after_a_storm_one_leader_is_enough(setup: Mapping[str, Any], seed: int) -> None:
    run = stormy(setup, seed, 20)
    run.say("ask p1 Propose value=Z")
    run.say("finish")
    assert run.verdicts()["decided"] == "reached"


numbers = st.builds("({},p{})".format, st.integers(1, 4), st.integers(1, 2))
values = st.sampled_from("ABX")
proposals = st.just("-") | st.builds("({},{})".format, numbers, values)
forgeries = st.one_of(
    st.builds("forge Prepare p{}>a{} n={}".format, *[st.integers(1, 2)] * 2, numbers),
    st.builds("forge Accept p1>a{} n={} value={}".format, st.integers(1, 3), numbers, values),
    st.builds(
        "forge Promise a{}>p1 n={} accepted={}".format, st.integers(1, 3), numbers, proposals
    ),
    st.builds("forge Accepted a{}>p1 n={} value={}".format, st.integers(1, 3), numbers, values),
    st.builds("forge AcceptRefused a1>p2 n={} seen={}".format, numbers, numbers),
    st.builds("forge Decide p1>a{} value={}".format, st.integers(1, 3), values),
    st.builds("seed {} random 8".format, st.integers(0, 99)),
)


@settings(max_examples=30)
@given(st.lists(forgeries, min_size=5, max_size=15))
def test_no_forgery_makes_a_node_break_a_promise_or_use_a_ballot_twice(lines: list[str]) -> None:
    run = played("consensus/paxos", "ask p1 Propose value=A", "ask p2 Propose value=B", *lines)
    run.say("seed 1 random 40")
    assert {b.property for b in run.state.broken}.isdisjoint(
        {"promises_kept", "one_value_per_ballot", "irrevocable"}
    )


# ---- known bugs

FOUND_BY_SEARCH: dict[str, tuple[World, Faults]] = {
    "no_log_round": (
        started(proposers=1, acceptors=1, bug="no_log_round"),
        replace(QUIET, crashes=1, recoveries=1, extra=(A, Ask("p1", Propose("B")))),
    ),
    "count_twice": (run_of_one(bug="count_twice"), replace(QUIET, duplicates=1)),
    "second_command": (
        started(
            "ask p1 Propose value=A",
            "deliver Prepare p1>*",
            "deliver Promise *>p1",
            "deliver Accept p1>a1",
            "drop * *>*",
            "ask p2 Propose value=B",
            bug="second_command",
        ),
        QUIET,
    ),
    "pick_frequent": (
        started(
            "ask p1 Propose value=A",
            "deliver Prepare p1>*",
            "deliver Promise *>p1",
            "deliver Accept p1>a1,a2",
            "drop * *>*",
            "ask p2 Propose value=B",
            "deliver Prepare p2>a3,a4,a5",
            "deliver Promise *>p2",
            "deliver Accept p2>a3,a4,a5",
            "drop * *>*",
            "ask p1 Propose value=A",
            "drop Prepare p1>a4,a5",
            acceptors=5,
            bug="pick_frequent",
        ),
        QUIET,
    ),
    "reply_before_log": (
        run_of_one(acceptors=1, bug="reply_before_log"),
        replace(QUIET, crashes=1, crash_points=2),
    ),
    "stale_promise": (run_of_one(bug="stale_promise"), QUIET),
    "decide_on_accept": (run_of_one(bug="decide_on_accept"), QUIET),
}

SHORTEST = {
    "no_log_round": 8,
    "count_twice": 4,
    "second_command": 6,
    "pick_frequent": 6,
    "reply_before_log": 5,
    "stale_promise": 5,
    "decide_on_accept": 5,
}


def test_there_is_a_search_for_every_known_bug() -> None:
    assert set(FOUND_BY_SEARCH) == set(SHORTEST) == set(PAXOS.bugs)


@pytest.mark.parametrize("bug", SHORTEST)
def test_a_search_finds_what_a_known_bug_breaks_first(bug: str) -> None:
    report = search(*FOUND_BY_SEARCH[bug])
    assert report.violation is not None
    assert report.violation.property.ids[0] == PAXOS.bugs[bug].breaks[0]
    assert len(report.violation.trace) == SHORTEST[bug]


BUGGY = [
    name
    for name in scenarios.names()
    if "/px_" in name and "bug" in load_scenario(scenarios.find(name)).scenario.setup
]


def without_bug(name: str) -> Session:
    """The script of a scenario, as far as it makes sense, with the right Paxos."""
    scenario = load_scenario(scenarios.find(name)).scenario
    arguments = {k: v for k, v in scenario.setup.items() if k != "bug"}
    run = session(scenario.protocol, arguments)
    for line in (line for step in scenario.step for line in step.do):
        with suppress(BadInput):  # what the bug alone would have sent is not in flight
            run.say(line)
    return run


@pytest.mark.parametrize("name", BUGGY)
def test_a_scenario_breaks_by_all_that_its_bug_breaks(name: str) -> None:
    playback = Playback(load_scenario(scenarios.find(name)))
    list(playback.play())
    bug = PAXOS.bugs[playback.scenario.setup["bug"]]
    broken = {b.property for b in bugs(playback.session.state, playback.session.properties)}
    assert {PAXOS.property(p).name for p in bug.breaks} <= broken


@pytest.mark.parametrize("name", BUGGY)
def test_without_its_bug_the_same_script_breaks_nothing(name: str) -> None:
    assert without_bug(name).state.broken == ()


def test_the_most_recent_value_is_suitable_not_the_most_frequent_one() -> None:
    run = without_bug("consensus/px_most_frequent")
    old, new = ((1, "p1"), "A"), ((1, "p2"), "B")
    assert fields(run, "p1")["promises"] == Map({"a1": old, "a2": old, "a3": new})
    assert fields(run, "p1")["value"] == "B"


# ---- the rules, one by one


ballots = st.tuples(st.integers(1, 5), st.sampled_from(["p1", "p2"]))


@given(st.dictionaries(st.sampled_from("abcde"), st.none() | ballots, min_size=1))
def test_the_suitable_value_is_that_of_the_highest_ballot_that_was_told(
    told: dict[str, tuple[int, str] | None],
) -> None:
    promises: Map[str, Proposal | None] = Map(
        (pid, n and (n, f"{n[1]}'s in {n[0]}")) for pid, n in told.items()
    )
    leader = Proposer("p1", (), (), value="own", promises=promises)
    highest = max((n for n in told.values() if n), default=None)
    expected = "own" if highest is None else f"{highest[1]}'s in {highest[0]}"
    assert leader.suitable_value() == expected


def test_an_acceptor_that_is_asked_again_promises_again_and_writes_nothing() -> None:
    run = played("consensus/paxos", "ask p1 Propose value=A", "deliver Prepare p1>a1", "replay m1")
    run.say("deliver Prepare p1>a1")
    assert cost(run.state)["messages"]["Promise"] == 2
    assert cost(run.state)["stable_writes_by_node"] == {"a1": 1, "p1": 1}


def test_an_acceptor_that_missed_the_request_obeys_the_command_with_one_write() -> None:
    run = played(
        "consensus/paxos",
        "ask p1 Propose value=A",
        "deliver Prepare p1>a1,a2",
        "deliver Promise *>p1",
        "deliver Accept p1>a3",
    )
    assert fields(run, "a3")["promised"] == (1, "p1")
    assert cost(run.state)["stable_writes_by_node"]["a3"] == 1


def test_a_refusal_ends_the_round_and_the_next_try_is_above_all_that_was_seen() -> None:
    run = played(
        "consensus/paxos",
        *["ask p2 Propose value=B"] * 3,
        "deliver Prepare p2>a1 n=(3,p2)",
        "ask p1 Propose value=A",
        "deliver Prepare p1>a1",
        "deliver PrepareRefused a1>p1",
    )
    assert (fields(run, "p1")["phase"], fields(run, "p1")["round"]) == ("idle", 3)
    run.say("fire p1 Retry")
    assert fields(run, "p1")["n"] == (4, "p1")


def test_a_refusal_of_an_older_ballot_changes_nothing() -> None:
    run = played(
        "consensus/paxos",
        "ask p2 Propose value=B",
        "deliver Prepare p2>a1",
        "ask p1 Propose value=A",
        "deliver Prepare p1>a1",
        "ask p1 Propose value=C",
        "deliver PrepareRefused a1>p1",
    )
    assert (fields(run, "p1")["phase"], fields(run, "p1")["n"]) == ("prepare", (2, "p1"))


@pytest.mark.parametrize(
    ("lost", "again"),
    [("Prepare", "Prepare"), ("Promise", "Prepare"), ("Accept", "Accept"), ("Accepted", "Accept")],
)
def test_a_leader_that_hears_nothing_says_the_same_again(lost: str, again: str) -> None:
    run = played("consensus/paxos", "ask p1 Propose value=A")
    while not any(type(f.envelope.message).__name__ == lost for f in run.state.in_flight()):
        run.say("deliver * *>*")
    run.say("drop * *>*")
    run.say("fire p1 Retry")
    assert [type(f.envelope.message).__name__ for f in run.state.in_flight()] == [again] * 3
    run.say("finish")
    assert fields(run, "p1")["n"] == (1, "p1")
    assert run.verdicts()["decided"] == "reached"


def test_a_leader_tells_what_it_commanded_whatever_an_acceptance_claims() -> None:
    run = played(
        "consensus/paxos",
        "ask p1 Propose value=A",
        "deliver Prepare p1>*",
        "deliver Promise *>p1",
        "deliver Accept p1>a1",
        "deliver Accepted a1>p1",
        "forge Accepted a2>p1 n=(1,p1) value=X",
        "deliver Accepted a2>p1",
    )
    assert fields(run, "p1")["learned"] == "A"


def test_a_decision_is_told_again_to_whoever_missed_it() -> None:
    run = played("consensus/paxos", "crash a3", "ask p1 Propose value=A", "finish")
    assert run.verdicts()["decided"] == "reached"
    run.say("recover a3")
    assert run.verdicts()["decided"] == "open"
    run.say("finish")
    assert fields(run, "a3")["learned"] == "A"


def test_a_crash_takes_all_but_the_round_the_promise_and_the_accepted_proposal() -> None:
    run = played("consensus/paxos", "ask p1 Propose value=A", "finish", setup={"n": 3})
    run.say("crash p1")
    left = {k: v for k, v in fields(run, "p1").items() if k not in ("pid", "acceptors", "learners")}
    assert left == {
        "learned": None,
        "promised": (1, "p1"),
        "accepted": ((1, "p1"), "A"),
        "round": 1,
        "value": "",
        "n": NONE,
        "phase": "idle",
        "promises": Map(),
        "accepts": frozenset(),
    }


@pytest.mark.parametrize(
    ("acceptors", "minority"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (7, 3)]
)
def test_the_model_allows_a_minority_of_the_acceptors_to_be_down(
    acceptors: int, minority: int
) -> None:
    assert (
        session("consensus/paxos", {"acceptors": acceptors}).world.rules.model.crashes == minority
    )


@pytest.mark.parametrize("sizes", [{"proposers": 0}, {"acceptors": 0}, {"learners": -1}, {"n": -1}])
def test_a_system_in_which_nobody_can_lead_or_accept_is_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="at least one proposer and one acceptor"):
        session("consensus/paxos", sizes)


def test_colocated_means_as_many_nodes_in_all_roles_as_there_would_be_acceptors() -> None:
    assert session("consensus/paxos", {"colocated": True, "acceptors": 5}).world.rules.pids == (
        "p1", "p2", "p3", "p4", "p5",
    )  # fmt: skip
