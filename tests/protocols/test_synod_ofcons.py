"""Facts about Synod: what holds beyond the lecture's model, what breaks, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from math import floor
from typing import Any

import pytest

from playground.core import Action, Ask, Deliver, World, begin, step
from playground.protocol import Message, Pid
from playground.protocol.consensus import Decided, Propose
from playground.protocol.events import Emit
from playground.session import scenarios
from playground.session.catalog import load
from playground.session.deeds import OnFlight
from playground.session.playback import Playback
from playground.session.scenario import load as load_scenario
from playground.session.schedule import Chance, Fair, Odds
from playground.session.session import Session
from playground.session.state import cost
from protocols.consensus.synod_ofcons import Aborted, Decide, Literal, Process, model, setup
from tests.helpers import played
from tests.search.plain import Faults, Report, explore

PROTOCOL = load("consensus/synod_ofcons")
PROPERTIES = PROTOCOL.properties
SAFETY = [p for p in PROPERTIES if p.kind != "eventually"]
OBSERVED = list(dict.fromkeys(o for p in PROPERTIES for o in p.sees))

ONE = [Ask("p1", Propose("v1"))]
TWO = [*ONE, Ask("p2", Propose("v2"))]


class Quiet(Process):
    """Tells DECIDE to nobody else.  The broadcast copies a value that is chosen, so it decides
    nothing new; without it there are a hundred times fewer worlds."""

    def send(self, message: Message, to: Pid | Iterable[Pid]) -> None:
        super().send(message, self.pid if isinstance(message, Decide) else to)


class QuietLiteral(Literal):
    """The same for the lecture's form."""

    def send(self, message: Message, to: Pid | Iterable[Pid]) -> None:
        super().send(message, self.pid if isinstance(message, Decide) else to)


def world(asks: Iterable[Action], role: type[Process] | None = None, **options: Any) -> World:
    """The asks have just been made; `role` takes the place of the role that setup chooses."""
    nodes = PROTOCOL.setup(options)
    if role is not None:
        nodes = [role(*(getattr(node, f.name) for f in fields(node))) for node in nodes]
    result = begin(nodes, model(nodes), OBSERVED)
    for ask in asks:
        result = step(result, ask)
    return result


def processes(at: World) -> list[Process]:
    return list(at.all(Process))


def holds(report: Report) -> bool:
    return report.complete and report.violation is None


def broken_first(report: Report) -> str | None:
    return report.violation.property.name if report.violation else None


# ---- every world within the bounds


@pytest.mark.parametrize(
    ("asks", "options", "worlds"),
    [
        (ONE, {"n": 2}, 9),
        (TWO, {"n": 2}, 27),
        (ONE, {"n": 3, "skip_first_read": True}, 634),
        (ONE, {"n": 3}, 5290),
    ],
)
def test_everybody_decides_the_same_in_every_order_of_messages(
    asks: list[Action], options: dict[str, Any], worlds: int
) -> None:
    report = explore(world(asks, **options), PROPERTIES)
    assert holds(report) and report.worlds == worlds
    assert report.reached == {"chosen", "decided", "returns"}
    for end in report.ends:
        assert not len(end.network)
        assert all(process.phase == "idle" for process in processes(end))


@pytest.mark.parametrize(
    ("faults", "worlds"),
    [
        (Faults(drops=2, duplicates=2), 2839),
        (Faults(crashes=1, recoveries=1, crash_points=4), 465),
        (Faults(duplicates=1, crashes=1, recoveries=1), 1163),
    ],
)
def test_two_proposers_of_two_agree_whatever_the_network_and_crashes_do(
    faults: Faults, worlds: int
) -> None:
    report = explore(world(TWO, n=2), PROPERTIES, faults)
    assert holds(report) and report.worlds == worlds


@pytest.mark.parametrize(
    ("options", "faults", "worlds"),
    [
        ({}, Faults(), 8296),
        ({"skip_first_read": True}, Faults(), 1500),
        ({"skip_first_read": True}, Faults(crashes=1), 5847),
    ],
)
def test_two_proposers_of_three_agree_and_every_propose_returns(
    options: dict[str, Any], faults: Faults, worlds: int
) -> None:
    report = explore(world(TWO, Quiet, n=3, **options), PROPERTIES, faults)
    assert holds(report) and report.worlds == worlds
    assert all(process.phase == "idle" for end in report.ends for process in end.up(Process))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("options", "faults", "worlds"),
    [
        ({"skip_first_read": True}, Faults(duplicates=1), 20156),
        ({"skip_first_read": True}, Faults(crashes=1, recoveries=1), 11015),
        ({"idempotent_read": True}, Faults(duplicates=1), 90878),
        ({}, Faults(duplicates=1), 125395),
    ],
)
def test_two_proposers_of_three_agree_beyond_the_model_of_the_lecture(
    options: dict[str, Any], faults: Faults, worlds: int
) -> None:
    report = explore(world(TWO, Quiet, n=3, **options), PROPERTIES, faults)
    assert holds(report) and report.worlds == worlds


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_proposer_may_crash_anywhere_come_back_and_propose_again() -> None:
    again = Ask("p1", Propose("w1"))
    faults = Faults(crashes=1, recoveries=1, crash_points=6, extra=(again,))
    report = explore(world(ONE, Quiet, n=3, skip_first_read=True), PROPERTIES, faults)
    assert holds(report) and report.worlds == 61738


# ---- the lecture's form


@pytest.mark.parametrize(
    ("skip", "worlds"), [(True, 1200), pytest.param(False, 7364, marks=pytest.mark.slow)]
)
def test_the_literal_form_holds_inside_its_own_model(skip: bool, worlds: int) -> None:
    start = world(TWO, QuietLiteral, n=3, mode="literal", skip_first_read=skip)
    report = explore(start, PROPERTIES)
    assert holds(report) and report.worlds == worlds


def test_one_duplicate_makes_the_literal_form_impose_twice() -> None:
    start = world([Ask("p2", Propose("v2"))], QuietLiteral, n=3, mode="literal")
    for _ in ("READ p2>p1", "GATHER p1>p2"):
        start = step(start, Deliver(start.network.heads()[0]))
    start = step(start, Ask("p3", Propose("v3")))
    assert processes(start)[1].estimate == "v2"
    report = explore(start, SAFETY, Faults(duplicates=1))
    assert broken_first(report) == "one_value_per_ballot"


@pytest.mark.parametrize("seed", range(5))
def test_the_literal_form_holds_in_random_runs_inside_its_own_model(seed: int) -> None:
    session = random_run(seed, Odds(crashes=1, recover=0), n=3, mode="literal")
    assert session.outside() == []
    assert session.state.broken == ()


def test_the_bug_and_the_mode_are_the_same_form() -> None:
    assert PROTOCOL.setup({"bug": "literal"}) == PROTOCOL.setup({"mode": "literal"})


# ---- seeded random runs


def random_run(seed: int, odds: Odds, **options: Any) -> Session:
    """Somebody proposes every few steps of a random run with faults, which ends without any."""
    session = Session(PROTOCOL, options)
    chance, n = Chance(seed, odds), len(session.nodes)
    for turn in range(6):
        pid = f"p{1 + (seed + turn * turn) % n}"
        if pid not in session.world.down:
            session.history.do(Ask(pid, Propose(f"v{turn}")))
        session.run(chance, 25)
    session.run(Fair(), 500)
    return session


@pytest.mark.parametrize(
    "options",
    [
        {"n": 3},
        {"n": 5},
        {"n": 3, "skip_first_read": True},
        {"n": 3, "idempotent_read": True, "jump": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", range(6))
def test_no_random_run_breaks_anything_though_messages_and_processes_fail(
    seed: int, options: dict[str, Any]
) -> None:
    session = random_run(seed, Odds(loss=0.05, duplicate=0.2, crashes=1), **options)
    assert session.outside() == []
    assert session.state.broken == ()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", [3, 5])
def test_no_random_run_of_hundreds_breaks_anything(n: int) -> None:
    for seed in range(300):
        session = random_run(seed, Odds(loss=0.05, duplicate=0.3, crashes=2), n=n)
        assert session.state.broken == (), seed


# ---- known bugs


@pytest.mark.parametrize(
    ("bug", "options", "asks", "faults", "broken"),
    [
        ("skip_all", {}, TWO, Faults(), "chosen_stays"),
        ("ids_from_zero", {"skip_first_read": True}, TWO, Faults(), "chosen_stays"),
        ("decide_on_accept", {}, TWO, Faults(), "agreement"),
        (
            "forgotten_ballot",
            {"skip_first_read": True},
            ONE,
            Faults(crashes=1, recoveries=1, extra=(Ask("p1", Propose("w1")),)),
            "one_value_per_ballot",
        ),
    ],
)
def test_each_bug_breaks_what_it_should(
    bug: str, options: dict[str, Any], asks: list[Action], faults: Faults, broken: str
) -> None:
    report = explore(world(asks, n=3, bug=bug, **options), SAFETY, faults)
    assert broken_first(report) == broken
    right = explore(world(asks, Quiet, n=3, **options), SAFETY, faults, limit=1500)
    assert right.violation is None


# ---- every propose returns (C3)


def behind(n: int, highest: int, **options: Any) -> Session:
    """p1 has not proposed yet, and all others have promised the ballot `highest` to p2, which has
    crashed."""
    run = played("consensus/synod_ofcons", setup={"n": n, **options})
    for _ in range((highest - 2) // n + 1):
        run.say("ask p2 Propose value=v2")
    for pid in ("p1", *(f"p{i}" for i in range(3, n + 1))):
        run.say(f"deliver READ p2>{pid} ballot={highest}")
    run.say("crash p2")
    return run


def proposes_until_decided(run: Session, bound: int) -> int:
    for count in range(1, bound + 1):
        run.say("ask p1 Propose value=v1")
        run.run(Fair(), 100)
        if isinstance(run.state.told["p1"].output, Decided):
            return count
    raise AssertionError(f"p1 has not decided after {bound} proposes")


@pytest.mark.parametrize(("n", "highest"), [(3, 2), (3, 8), (3, 29), (5, 2), (5, 17), (5, 32)])
def test_who_proposes_alone_often_enough_decides(n: int, highest: int) -> None:
    own = 1 - n
    assert proposes_until_decided(behind(n, highest), 99) <= floor((highest - own) / n) + 1


@pytest.mark.parametrize(("n", "highest"), [(3, 2), (3, 29), (5, 17), (5, 32)])
def test_who_jumps_decides_with_the_second_propose(n: int, highest: int) -> None:
    assert proposes_until_decided(behind(n, highest, jump=True), 99) == 2


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("highest", range(1, 40))
def test_after_a_jump_the_next_ballot_is_the_own_next_one_above_all_that_was_seen(
    n: int, highest: int
) -> None:
    run = played("consensus/synod_ofcons", "ask p1 Propose value=v1", setup={"n": n, "jump": True})
    run.say(f"forge Abort p2>p1 ballot=1 seen={highest}")
    run.say("deliver ABORT p2>p1")
    run.say("ask p1 Propose value=v1")
    [p1, *_] = processes(run.world)
    assert p1.ballot % n == 1 % n
    assert highest < p1.ballot <= max(highest, 1) + n


def test_in_the_duel_every_propose_returns_and_none_decides() -> None:
    playback = Playback(load_scenario(scenarios.find("consensus/synod_duel")))
    list(playback.play())
    run = playback.session
    outputs = [
        effect.output
        for _, result in run.history.walk(1, run.history.step)
        for happening in result.step.happenings
        for effect in happening.effects
        if isinstance(effect, Emit)
    ]
    assert outputs == [Aborted(1), Aborted(2), Aborted(4), Aborted(5), Aborted(7)]
    assert run.verdicts()["decided"] == "livelock"
    assert [p.phase for p in processes(run.world)] == ["idle", "imposing", "idle"]


# ---- costs


def spent(**options: Any) -> dict[str, object]:
    run = played("consensus/synod_ofcons", "ask p1 Propose value=v1", "finish", setup=options)
    assert {p.decided for p in processes(run.world)} == {"v1"}
    return cost(run.state)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 7, 9])
@pytest.mark.parametrize("mode", ["hardened", "literal"])
def test_a_propose_costs_what_the_lecture_says(n: int, mode: str) -> None:
    found = spent(n=n, mode=mode)
    phases = dict.fromkeys(["Read", "Gather", "Impose", "Ack"], n - 1)
    assert found["messages"] == {**phases, "Decide": (n - 1) * (n + 1)}
    assert found["total"] == (n - 1) * (n + 5)
    assert (found["first_decision"], found["delays"]) == (4, 5)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 7, 9])
def test_without_read_it_costs_two_phases_less(n: int) -> None:
    found = spent(n=n, skip_first_read=True)
    assert found["total"] == (n - 1) * (n + 3)
    assert (found["first_decision"], found["delays"]) == (2, 3)


@pytest.mark.parametrize("n", [3, 5])
def test_the_disk_is_written_for_each_promise_each_acceptance_and_the_decision(n: int) -> None:
    """And by the proposer for its ballot.  The lecture's form has no disk."""
    assert spent(n=n)["stable_writes"] == 3 * n + 1
    assert spent(n=n, skip_first_read=True)["stable_writes"] == 2 * n + 1
    assert spent(n=n, mode="literal")["stable_writes"] == 0


def test_the_writes_on_the_way_to_the_decision_are_ballot_promise_acceptance_decision() -> None:
    assert spent(n=3)["write_delays"] == 4
    assert spent(n=3, skip_first_read=True)["write_delays"] == 3


# ---- freshness, options and sizes


@pytest.mark.parametrize(
    "options",
    [
        {"n": 5},
        {"skip_first_read": True},
        {"idempotent_read": True},
        {"jump": True},
        {"mode": "literal"},
    ],
    ids=str,
)
def test_replaying_every_message_of_a_happy_run_changes_no_decision(
    options: dict[str, Any],
) -> None:
    run = played("consensus/synod_ofcons", "ask p1 Propose value=v1", "finish", setup=options)
    decided = [process.decided for process in processes(run.world)]
    for number in range(1, run.state.numbers + 1):
        run.say(f"replay m{number}")
    while run.state.flights:
        run.history.do(OnFlight("deliver", min(run.state.flights)))
    assert [process.decided for process in processes(run.world)] == decided
    assert run.state.broken == ()


def test_a_propose_after_the_decision_returns_it_at_once() -> None:
    run = played("consensus/synod_ofcons", "ask p1 Propose value=v1", "finish")
    total = cost(run.state)["total"]
    run.say("ask p2 Propose value=v2")
    assert run.state.told["p2"].output == Decided("v1")
    assert cost(run.state)["total"] == total


def test_a_process_alone_decides_without_a_message() -> None:
    run = played("consensus/synod_ofcons", "ask p1 Propose value=v1", setup={"n": 1})
    assert run.verdicts()["decided"] == "reached"
    assert cost(run.state)["total"] == 0


def test_only_ballot_1_skips_read() -> None:
    lines = ["ask p1 Propose value=v1", "ask p1 Propose value=v1", "ask p2 Propose value=v2"]
    run = played("consensus/synod_ofcons", *lines, setup={"skip_first_read": True})
    assert cost(run.state)["messages"] == {"Impose": 2, "Read": 4}


def test_first_ballots_are_as_in_the_lecture() -> None:
    assert [p.ballot for p in processes(world([], n=5))] == [-4, -3, -2, -1, 0]


def test_amnesia_starts_again_from_the_first_ballot() -> None:
    lines = ["ask p1 Propose value=v1", "crash p1", "recover p1 amnesia"]
    run = played("consensus/synod_ofcons", *lines)
    assert processes(run.world)[0].ballot == -2
    assert run.verdicts()["ballots_never_fall"] == "violated"
    assert run.outside() == ["amnesia of p1"]


def test_the_lecture_assumes_perfect_links_and_no_return_the_hardened_form_neither() -> None:
    literal, hardened = model(setup(5, "literal")), model(setup(5))
    assert (literal.links, literal.recovery, literal.crashes) == ((), False, 2)
    assert {"lossy", "duplicating"} <= {*hardened.links} and hardened.recovery
    assert hardened.crashes == 2


@pytest.mark.parametrize("options", [{"idempotent_read": True}, {"jump": True}])
def test_the_literal_form_knows_no_options_that_are_not_in_the_lecture(
    options: dict[str, bool],
) -> None:
    with pytest.raises(ValueError, match="the lecture's code knows neither"):
        setup(3, "literal", **options)


def test_no_process_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one process"):
        setup(0)
