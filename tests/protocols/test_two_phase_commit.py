"""Facts about two-phase commit: what it promises, what it costs, and when it blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Action, Ask, Crash, Deliver, World, begin, step
from playground.protocol import Input, always
from playground.protocol.commit import Begin, LocalAbort, Lock, PrepareNow, ReadOnly, Refuse
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.schedule import Chance, Fair, Odds
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import bugs
from protocols.commit.two_phase_commit import Coordinator, Decision, Participant
from tests.helpers import played, session
from tests.search.plain import Faults, Report, explore

TPC = load("commit/two_phase_commit")
SAFETY = [p for p in TPC.properties if p.kind != "eventually"]
OBSERVED = [*dict.fromkeys(o for p in TPC.properties for o in p.sees)]
NAME = TPC.name

PRESUMPTIONS = ("nothing", "abort", "commit")
each_presumption = pytest.mark.parametrize("presume", PRESUMPTIONS)


def asked(asks: Iterable[tuple[str, Input]], **setup: Any) -> World:
    nodes = TPC.setup(setup)
    world = begin(nodes, TPC.model(nodes), OBSERVED)
    for pid, what in asks:
        world = step(world, Ask(pid, what))
    return world


def outcomes(report: Report) -> set[frozenset[str]]:
    """The states of the participants, at the ends of all runs."""
    return {frozenset(p.state for p in world.all(Participant)) for world in report.ends}


def state(run: Session, pid: str) -> str:
    [found] = [p.state for p in run.world.all(Participant) if p.pid == pid]
    return found


# ---- every interleaving within stated bounds


class Instance(NamedTuple):
    worlds: int
    asks: tuple[tuple[str, Input], ...]
    faults: Faults
    setup: dict[str, Any]


C = (("c", Begin()),)
P1 = (("p1", Begin()),)
READER = (("p2", ReadOnly()), *C)
UNASKED = (("p1", PrepareNow()), ("p2", PrepareNow()))
VETO: tuple[Action, ...] = (Ask("p2", Refuse()),)
ONCE: dict[str, Any] = {"crashes": 1, "recoveries": 1}
TWICE: dict[str, Any] = {"crashes": 2, "recoveries": 2}
CRASH = Faults(timers=0, crash_points=4, extra=VETO, **ONCE)
CRASH_EARLY = Faults(timers=0, crash_points=3, **ONCE)
CRASH_COLOCATED = Faults(timers=1, crash_points=6, **ONCE)
CRASH_LATE = Faults(timers=1, crash_points=3, **ONCE)


def instance(name: str, worlds: int, asks: Any, faults: Faults, **setup: Any) -> Any:
    whole = Instance(worlds, asks, faults, {"participants": 2, **setup})
    return pytest.param(whole, id=name)


FAST = [
    # name, distinct worlds, what is asked, faults, set-up
    instance("crashes", 2153, C, CRASH, presume="nothing"),
    instance("crashes, presumed abort", 1398, C, CRASH, presume="abort"),
    instance("crashes, presumed commit", 1760, C, CRASH, presume="commit"),
    instance("colocated", 772, P1, CRASH_COLOCATED, colocated=True),
    instance(
        "colocated, presumed abort", 610, P1, CRASH_COLOCATED, colocated=True, presume="abort"
    ),
    instance(
        "colocated, presumed commit", 610, P1, CRASH_COLOCATED, colocated=True, presume="commit"
    ),
    instance("loss and copies", 1223, C, Faults(timers=0, drops=1, duplicates=2)),
    instance(
        "loss, copies, timeouts", 1998, P1, Faults(timers=1, drops=1, duplicates=1), presume="abort"
    ),
    instance("timeouts, presumed abort", 793, C, Faults(timers=2), presume="abort"),
    instance("timeouts, presumed commit", 2134, C, Faults(timers=2), presume="commit"),
    instance("timeouts, cooperative", 1927, C, Faults(timers=1, extra=VETO), cooperative=True),
    instance("reader", 531, READER, Faults(timers=0, **ONCE), cooperative=True),
    instance("unasked", 120, UNASKED, Faults(timers=1), presume="abort"),
]

SLOW = [
    instance("crash and timeout", 30_598, C, CRASH_LATE, cooperative=True),
    instance(
        "crash and timeout, presumed abort",
        17_388,
        C,
        CRASH_LATE,
        cooperative=True,
        presume="abort",
    ),
    instance(
        "crash and timeout, presumed commit",
        22_100,
        C,
        CRASH_LATE,
        cooperative=True,
        presume="commit",
    ),
    instance("two crashes", 32_917, C, Faults(timers=0, crash_points=3, extra=VETO, **TWICE)),
    instance("crash and copy", 15_796, C, Faults(timers=1, duplicates=1, **ONCE), presume="abort"),
    instance(
        "reader and two crashes",
        16_610,
        READER,
        Faults(timers=1, **TWICE),
        cooperative=True,
        presume="abort",
    ),
    instance(
        "three participants", 13_673, P1, Faults(timers=1, **ONCE), participants=3, presume="abort"
    ),
    instance(
        "unasked, then asked",
        17_886,
        UNASKED,
        Faults(timers=1, extra=(Ask("c", Begin()),), **ONCE),
        presume="abort",
    ),
]


def holds_everywhere(instance: Instance) -> None:
    start = asked(instance.asks, **instance.setup)
    report = explore(start, TPC.properties, instance.faults)
    assert report.violation is None
    assert report.complete
    assert "decided" in report.reached
    assert {"committed", "aborted"} <= {state for ends in outcomes(report) for state in ends} or (
        not instance.faults.timers and not instance.faults.crashes
    )
    assert report.worlds == instance.worlds


@pytest.mark.parametrize("instance", FAST)
def test_every_run_is_safe(instance: Instance) -> None:
    holds_everywhere(instance)


@pytest.mark.slow
@pytest.mark.parametrize("instance", SLOW)
def test_every_longer_run_is_safe(instance: Instance) -> None:
    holds_everywhere(instance)


@each_presumption
@pytest.mark.parametrize("colocated", [False, True])
def test_when_nothing_fails_and_all_say_yes_all_commit(presume: str, colocated: bool) -> None:
    asks = P1 if colocated else C
    start = asked(asks, participants=3, presume=presume, colocated=colocated)
    assert outcomes(explore(start, SAFETY, Faults(timers=0))) == {frozenset({"committed"})}


@each_presumption
def test_one_no_is_enough_to_abort(presume: str) -> None:
    start = asked([("p2", Refuse()), *C], participants=3, presume=presume)
    assert outcomes(explore(start, SAFETY, Faults(timers=0))) == {frozenset({"aborted"})}


# ---- blocking


ALL_PREPARED = ("ask c Begin", "deliver PREPARE c>*", "deliver VOTE p1>c", "deliver VOTE p2>c")
EVERYBODY_ASKS = (
    "fire * DecisionTimeout",
    "deliver INQUIRE p1>p2,p3",
    "deliver INQUIRE p2>p1,p3",
    "deliver INQUIRE p3>p1,p2",
    "deliver STATUS *>*",
)
BEFORE = (*ALL_PREPARED, "crash c", *EVERYBODY_ASKS)
AFTER = (*ALL_PREPARED, "deliver VOTE p3>c", "crash c after=1", *EVERYBODY_ASKS)


@always()
def nobody_moves(system: Any) -> bool:
    """All participants stay prepared."""
    return {p.state for p in system.all(Participant)} == {"prepared"}


@pytest.mark.parametrize("cooperative", [False, True])
def test_without_the_coordinator_prepared_participants_never_decide(cooperative: bool) -> None:
    """Whatever arrives, however often they ask."""
    start = asked(C, participants=2, cooperative=cooperative)
    for envelope in start.network.heads():
        start = step(start, Deliver(envelope))
    start = step(start, Crash("c"))
    report = explore(start, [nobody_moves, *TPC.properties], Faults(timers=4, duplicates=1))
    assert report.violation is None and report.complete
    assert report.reached == set()


def test_a_blocked_run_is_called_blocked() -> None:
    for lines in (BEFORE, AFTER):
        blocked = played(NAME, *lines, setup={"cooperative": True})
        assert blocked.verdicts()["decided"] == "blocked"
        blocked.say("finish")
        assert blocked.verdicts()["decided"] == "blocked"
        assert {p.state for p in blocked.world.all(Participant)} == {"prepared"}
        assert blocked.outside() == []


def test_the_participants_cannot_tell_a_logged_commit_from_none() -> None:
    before = played(NAME, *BEFORE, setup={"cooperative": True})
    after = played(NAME, *AFTER, setup={"cooperative": True})
    assert before.world.all(Participant) == after.world.all(Participant)
    for run, outcome in ((before, "aborted"), (after, "committed")):
        run.say("recover c")
        run.say("finish")
        assert {p.state for p in run.world.all(Participant)} == {outcome}
        assert run.verdicts()["decided"] == "reached"


def chaos(seed: int, last: str | None, **setup: Any) -> Session:
    """Some hundred steps of everything that the model allows, and then everybody is repaired.
    last: an input of the last participant."""
    run = session(NAME, setup)
    if last:
        run.say(f"ask p{setup['participants']} {last}")
    for pid, asks in TPC.workload(run.nodes):
        run.history.do(Ask(pid, asks))
    chance = Chance(seed, Odds(loss=0.2, duplicate=0.2, crashes=4, recover=0.5))
    run.run(chance, 40)
    if "p1" not in run.world.down:
        run.say("ask p1 Lock tx=T2")
    run.run(chance, 80)
    for pid in sorted(run.world.down):
        run.say(f"recover {pid}")
    for p in run.world.all(Participant):
        if p.state == "working":  # nobody may ever ask it, and it may give up
            run.history.do(Ask(p.pid, LocalAbort()))
    return run


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    last=st.sampled_from([None, "Refuse", "ReadOnly"]),
    participants=st.integers(1, 4),
    presume=st.sampled_from(PRESUMPTIONS),
    cooperative=st.booleans(),
    colocated=st.booleans(),
)
def test_once_all_failures_are_repaired_everybody_decides(
    seed: int, last: str | None, **setup: Any
) -> None:
    run = chaos(seed, last, **setup)
    run.say("finish")
    assert run.verdicts()["decided"] == "reached"
    assert not any(p.locked for p in run.world.all(Participant))
    assert run.state.broken == () and run.outside() == []


# ---- costs


SIZES = range(2, 7)
FORMS = {"plain": C, "first": P1, "colocated": P1, "unasked": ()}


def happy(n: int, form: str = "plain", presume: str = "nothing") -> Session:
    setup = {"participants": n, "presume": presume, "colocated": form == "colocated"}
    run = session(NAME, setup)
    unasked = [(f"p{i}", PrepareNow()) for i in range(1, n + 1)] if form == "unasked" else []
    for pid, asks in [*FORMS[form], *unasked]:
        run.history.do(Ask(pid, asks))
    run.say("finish")
    assert {p.state for p in run.world.all(Participant)} == {"committed"}
    assert run.verdicts()["decided"] == "reached"
    return run


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(
    ("form", "messages", "delays", "write_delays"),
    [
        ("plain", lambda n: 3 * n, 3, 3),
        ("first", lambda n: 3 * n - 1, 4, 4),
        ("colocated", lambda n: 3 * n - 3, 3, 3),
        ("unasked", lambda n: 2 * n, 2, 3),
    ],
)
def test_it_costs_what_the_formulas_say(
    n: int, form: str, messages: Any, delays: int, write_delays: int
) -> None:
    """Acks are not part of the formulas: they only let the coordinator forget.  Write delays count
    the participants' own record of the outcome, which the formulas leave out."""
    costs = cost(happy(n, form, "abort").state)
    acks = costs["messages"].pop("Ack")
    assert sum(costs["messages"].values()) == messages(n)
    assert acks == (n - 1 if form == "colocated" else n)
    assert costs["delays"] == delays
    assert costs["write_delays"] == write_delays


@pytest.mark.parametrize("n", SIZES)
def test_one_message_of_each_kind_for_each_participant(n: int) -> None:
    plain = cost(happy(n).state)["messages"]
    assert plain == {"Prepare": n, "Vote": n, "Decision": n, "Ack": n}
    first = cost(happy(n, "first").state)["messages"]
    assert first == {"Request": 1, "Prepare": n - 1, "Vote": n - 1, "Decision": n, "Ack": n}


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(
    ("presume", "before", "in_all"),
    [
        ("nothing", lambda n: n + 2, lambda n: 2 * n + 3),
        ("abort", lambda n: n + 1, lambda n: 2 * n + 2),
        ("commit", lambda n: n + 2, lambda n: 2 * n + 2),
    ],
)
def test_n_plus_1_disk_writes_come_before_the_decision(
    n: int, presume: str, before: Any, in_all: Any
) -> None:
    """One more with a record before the first request."""
    run = happy(n, presume=presume)
    first = min(run.state.decisions.values(), key=lambda told: told.step)
    assert sum(run.history.at(first.step).writes.values()) == before(n)
    assert sum(run.state.writes.values()) == in_all(n)


@pytest.mark.parametrize(("presume", "acks"), [("nothing", 2), ("abort", 0), ("commit", 2)])
def test_a_presumed_abort_needs_no_acks_and_no_record(presume: str, acks: int) -> None:
    run = played(NAME, "ask p3 Refuse", "ask c Begin", "finish", setup={"presume": presume})
    assert run.state.sent.get("Ack", 0) == acks
    assert run.state.sent["Decision"] == 2
    [c] = run.world.all(Coordinator)
    assert ("ABORT" in c.log) is (presume != "abort")


def test_a_presumed_commit_needs_no_acks() -> None:
    assert "Ack" not in happy(3, presume="commit").state.sent


# ---- stale messages


@each_presumption
@pytest.mark.parametrize("form", FORMS)
def test_replaying_every_message_of_a_happy_run_breaks_nothing(presume: str, form: str) -> None:
    if presume == "commit" and form in ("first", "unasked"):
        return  # nobody prepares unasked under presumed commit
    run = happy(3, form, presume)
    for number in range(1, run.state.numbers + 1):
        run.say(f"replay m{number}")
    run.run(Fair(), 200)
    assert not run.state.flights
    assert run.state.broken == ()
    assert {p.state for p in run.world.all(Participant)} == {"committed"}


def test_a_late_question_may_get_a_wrong_answer_that_does_not_matter() -> None:
    """The coordinator has forgotten the commit, since all know it; it presumes an abort."""
    lines = ["ask c Begin", "deliver PREPARE c>*", "fire p1 DecisionTimeout", "hold INQUIRE p1>c"]
    lines += ["deliver VOTE *>c", "deliver DECISION c>*", "deliver ACK *>c", "release INQUIRE p1>c"]
    run = played(NAME, *lines, "deliver INQUIRE p1>c", setup={"presume": "abort"})
    [answer] = run.state.in_flight()
    assert answer.envelope.message == Decision("abort")
    run.say("deliver DECISION c>p1")
    assert state(run, "p1") == "committed"
    assert run.state.broken == () and not run.state.flights


def test_under_presumed_commit_nobody_prepares_unasked() -> None:
    for what in ("Begin", "PrepareNow"):
        run = played(NAME, f"ask p1 {what}", setup={"presume": "commit"})
        assert state(run, "p1") == "working" and not run.state.flights


# ---- beyond the model


@pytest.mark.parametrize(
    ("auth", "word"),
    [("none", "violated"), ("channel", "violated"), ("mac", "holds"), ("sig", "holds")],
)
def test_a_forged_vote_breaks_the_veto_unless_it_is_seen_to_be_forged(auth: str, word: str) -> None:
    run = with_auth(auth)
    for line in ("ask p3 Refuse", "ask c Begin", "deliver PREPARE c>*", "hold VOTE p3>c"):
        run.say(line)
    for line in ("forge VOTE p3>c vote=yes", "deliver VOTE p3>c vote=yes", "finish"):
        run.say(line)
    verdicts = run.verdicts()
    assert verdicts["unanimity"] == verdicts["agreement"] == word
    assert bugs(run.state, run.properties) == []


@pytest.mark.parametrize(
    ("auth", "word"),
    [("none", "violated"), ("channel", "violated"), ("mac", "holds"), ("sig", "holds")],
)
def test_a_forged_decision_breaks_agreement_unless_it_is_seen_to_be_forged(
    auth: str, word: str
) -> None:
    run = with_auth(auth)
    for line in ("ask c Begin", "deliver PREPARE c>*", "forge DECISION c>p1 outcome=commit"):
        run.say(line)
    for line in ("deliver DECISION c>p1", "fire c VoteTimeout", "finish"):
        run.say(line)
    assert run.verdicts()["agreement"] == run.verdicts()["commit_point"] == word
    assert bugs(run.state, run.properties) == []


def with_auth(auth: Any) -> Session:
    return Session(TPC, {}, replace(TPC.model(TPC.setup()), auth=auth))


def test_an_operator_leaves_the_model() -> None:
    run = played(NAME, *AFTER, "ask p2 Heuristic outcome=abort", setup={"cooperative": True})
    assert run.outside() == ["Heuristic at p2"]
    run.say("recover c")
    run.say("finish")
    assert run.verdicts()["agreement"] == run.verdicts()["no_unilateral_abort"] == "violated"
    assert bugs(run.state, run.properties) == []


def test_no_operator_decides_before_the_vote() -> None:
    run = played(NAME, "ask p2 Heuristic outcome=commit")
    assert state(run, "p2") == "working"


# ---- known bugs


BUGS: dict[str, tuple[Any, Faults, dict[str, Any]]] = {
    "vote_before_log": (C, CRASH_EARLY, {}),
    "coop_guess": (C, Faults(timers=1), {"cooperative": True}),
    "timeout_aborts": (C, Faults(timers=1), {}),
    "lost_locks": (C, Faults(timers=0, extra=(Ask("p1", Lock("T2")),), **ONCE), {}),
    "eager_prepare": (
        (("p1", PrepareNow()), ("p2", Refuse())),
        Faults(timers=1, **ONCE),
        {"presume": "commit"},
    ),
    "reader_testifies": (
        READER,
        Faults(timers=1, **ONCE),
        {"cooperative": True, "presume": "abort"},
    ),
    "tell_before_log": (C, CRASH_EARLY, {}),
    "hasty_answer": (C, Faults(timers=1), {}),
    "counts_twice": (C, Faults(timers=0, duplicates=1), {}),
    "forgets_early": (C, Faults(timers=1), {}),
    "begins_again": (C, Faults(timers=1, duplicates=1), {"presume": "abort"}),
    "collects_unlogged": (C, Faults(timers=1, **ONCE), {"presume": "commit"}),
    "two_faced": (C, Faults(timers=0), {}),
}


def test_every_known_bug_is_tried() -> None:
    assert set(BUGS) == set(TPC.bugs)


@pytest.mark.parametrize("bug", BUGS)
def test_a_known_bug_breaks_what_it_says_and_the_protocol_does_not(bug: str) -> None:
    asks, faults, setup = BUGS[bug]
    right = explore(asked(asks, participants=2, **setup), SAFETY, faults)
    assert right.violation is None and right.complete
    wrong = asked(asks, participants=2, bug=bug, **setup)
    for broken in TPC.bugs[bug].breaks:
        violation = explore(wrong, [TPC.property(broken)], faults).violation
        assert violation is not None, broken


# ---- set-up


def test_a_transaction_needs_a_participant() -> None:
    with pytest.raises(BadInput, match="needs a participant"):
        TPC.setup({"participants": 0})
