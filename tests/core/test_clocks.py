"""Facts about timed worlds: what clocks show, when timers are due, and what is too late."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.core import (
    Crash,
    Cut,
    Deliver,
    Elapse,
    Fire,
    SetClock,
    World,
    begin,
    enabled,
    perform,
    step,
)
from playground.core.clocks import Clock
from playground.core.monitor import Monitor
from playground.core.outside import breaches
from playground.core.ranks import canonical
from playground.core.step import Step, until_due
from playground.protocol import (
    Deadline,
    Instant,
    Message,
    Model,
    Moment,
    Pid,
    Role,
    System,
    Timer,
    Verdict,
    always,
    upon,
)
from tests.search.plain import Faults, explore


class Beat(Message):
    pass


class Time(Timer):
    pass


class Heart(Role):
    """Beats every 10, and remembers when it heard a beat."""

    others: tuple[Pid, ...]
    heard: Moment | None = None

    def start(self) -> None:
        self.set_timer(Time(), after=10)

    @upon(Time)
    def beat(self) -> None:
        self.send(Beat(), to=self.others)
        self.set_timer(Time(), after=10)

    @upon(Beat)
    def hear(self, src: Pid) -> None:
        self.heard = self.local_time()


TIMED = Model(timing="timed")
BOUND = replace(TIMED, delay=Instant(2))


def hearts(model: Model = TIMED, n: int = 2) -> World:
    pids = [f"p{i}" for i in range(1, n + 1)]
    return begin([Heart(p, tuple(q for q in pids if q != p)) for p in pids], model)


def elapsed(world: World, *spans: int | str) -> World:
    for span in spans:
        world = step(world, Elapse(Instant(span)))
    return world


def outside(world: World, action: Elapse | Fire | SetClock) -> list[str]:
    return [b.what for b in breaches(world, action, perform(world, action))]


def fire(pid: Pid) -> Fire:
    return Fire(pid, Time())


def period(world: World) -> World:
    """The next beat of all, heard by all."""
    world = elapsed(world, 10)
    for pid in world.rules.pids:
        world = step(world, fire(pid))
    while arriving := world.network.heads():
        world = step(world, Deliver(arriving[0]))
    return world


# ---- clocks

times = st.fractions(0, 100, max_denominator=8)
rates = st.fractions(Fraction(1, 8), 4, max_denominator=8)


@given(at=times, reading=times, rate=rates, later=times)
def test_a_clock_shows_a_time_exactly_when_it_says(
    at: Instant, reading: Instant, rate: Fraction, later: Instant
) -> None:
    clock = Clock(at, reading, rate)
    assert clock.when(clock.shows(at + later)) == at + later


def test_a_clock_that_stands_still_never_shows_a_later_time() -> None:
    assert Clock(rate=Fraction(0)).when(Instant(1)) is None


def test_another_rate_holds_from_now_on() -> None:
    world = elapsed(hearts(), 4)
    world = elapsed(step(world, SetClock("p1", rate=Fraction(1, 2))), 4)
    assert [world.local_time(p) for p in ("p1", "p2")] == [6, 8]


def test_a_strobe_sets_a_clock_to_the_real_time_and_leaves_its_rate() -> None:
    world = elapsed(step(hearts(), SetClock("p1", rate=Fraction(1, 2))), 8)
    world = elapsed(step(world, SetClock("p1", strobe=True)), 2)
    assert world.local_time("p1") == 9


def test_only_where_timing_is_timed_there_are_clocks() -> None:
    with pytest.raises(AttributeError, match="p1 has no clock: timing is not timed"):
        hearts(Model()).local_time("p1")


# ---- what can happen, and what is too late


def test_a_timer_can_fire_from_the_instant_on_at_which_it_is_due() -> None:
    world = hearts()
    assert list(enabled(world)) == [Elapse(Instant(10))]
    assert list(enabled(elapsed(world, 10)))[:2] == [fire("p1"), fire("p2")]


def test_a_slow_clock_makes_a_timer_late_by_real_time() -> None:
    world = step(hearts(), SetClock("p1", rate=Fraction(1, 2)))
    assert list(enabled(elapsed(world, 10))) == [fire("p2"), Elapse(Instant(10))]


def test_where_no_bound_is_known_messages_and_timers_may_take_any_time() -> None:
    world = step(elapsed(hearts(), 10), fire("p1"))
    assert until_due(world) == 10
    assert outside(world, Elapse(Instant(1_000))) == []


def test_where_delays_are_bounded_what_is_due_can_not_wait() -> None:
    world = elapsed(hearts(BOUND), 10)
    assert until_due(world) == 0
    world = step(step(world, fire("p1")), fire("p2"))
    assert until_due(world) == 2
    assert until_due(elapsed(world, 2)) == 0


def test_a_message_is_late_once_as_its_bound_goes_by() -> None:
    world = step(step(elapsed(hearts(BOUND), 10), fire("p1")), fire("p2"))
    assert outside(world, Elapse(Instant(2))) == []
    assert outside(world, Elapse(Instant(3))) == ["a message takes more than 2"]
    assert outside(elapsed(world, 3), Elapse(Instant(3))) == []


def test_a_message_that_waits_at_a_cut_is_as_late() -> None:
    world = step(step(elapsed(hearts(BOUND), 10), fire("p1")), fire("p2"))
    world = step(world, Cut(frozenset({("p1", "p2"), ("p2", "p1")})))
    assert outside(world, Elapse(Instant(3))) == ["a message takes more than 2"]


def test_a_message_to_a_node_that_is_down_is_lost_as_its_bound_goes_by() -> None:
    world = step(step(elapsed(hearts(BOUND), 10), fire("p1")), Crash("p2"))
    assert len(elapsed(world, 2).network) == 1
    late = perform(world, Elapse(Instant(3)))
    assert [e.dst for e in late.lost] == ["p2"] and not late.world.network
    assert breaches(world, Elapse(Instant(3)), late) == []


def test_where_no_bound_is_known_a_message_waits_for_a_node_that_is_down() -> None:
    world = step(step(elapsed(hearts(), 10), fire("p1")), Crash("p2"))
    assert len(elapsed(world, 1_000).network) == 1


def test_where_delays_are_bounded_a_timer_that_waits_is_late() -> None:
    assert outside(hearts(BOUND), Elapse(Instant(10))) == []
    assert outside(hearts(BOUND), Elapse(Instant(11))) == [
        "Time of p1 is late",
        "Time of p2 is late",
    ]


def test_a_timer_that_fires_before_it_is_due_is_outside() -> None:
    assert outside(elapsed(hearts(), 9), fire("p1")) == ["Time of p1 went off early"]


@pytest.mark.parametrize("rate", ["0.9", "1.1"])
def test_a_rate_beyond_the_bound_on_drift_is_outside(rate: str) -> None:
    change = SetClock("p1", rate=Fraction(rate))
    assert outside(hearts(), change) == [f"clock of p1 at rate {rate}"]
    assert outside(hearts(replace(TIMED, drift=Fraction(1, 10))), change) == []


def test_a_clock_that_jumps_is_outside_by_hand_or_by_strobe() -> None:
    world = elapsed(step(hearts(), SetClock("p1", rate=Fraction(1, 2))), 10)
    assert outside(world, SetClock("p1", offset=Instant(-2))) == ["clock of p1 set by -2"]
    assert outside(world, SetClock("p1", strobe=True)) == ["clock of p1 set by 5"]
    assert outside(world, SetClock("p2", strobe=True)) == []
    both = SetClock("p1", rate=Fraction(2), strobe=True)
    assert outside(world, both) == ["clock of p1 at rate 2", "clock of p1 set by 5"]


# ---- what repeats


def test_a_run_that_only_beats_hearts_repeats_but_for_the_hour() -> None:
    once = period(hearts())
    assert once != period(once)
    assert canonical(once) == canonical(period(once))


def test_a_moment_counts_by_how_far_it_is_from_now() -> None:
    once = period(hearts())
    assert canonical(once) != canonical(elapsed(once, 5)) != canonical(elapsed(once, 6))


class Waiter(Role):
    """Waits till 10."""

    until: Deadline


def test_a_deadline_that_is_past_counts_for_nothing_more() -> None:
    world = begin([Waiter("p1", Instant(10))], TIMED)
    forms = [canonical(elapsed(world, by)) for by in (0, 9, 10, 99)]
    assert forms[0] != forms[1] != forms[2] == forms[3]


# ---- properties and searches


@always()
def silence_is_short(system: System) -> Verdict:
    """Nobody is alone for more than 10."""
    hearts = system.up(Heart)
    return all(system.local_time(h.pid) - (h.heard or 0) <= 10 for h in hearts)


def test_a_property_that_reads_clocks_is_asked_as_time_passes() -> None:
    before = hearts()
    monitor = Monitor([silence_is_short], ())
    monitor.first(before)
    [(_, verdict)] = monitor.next(before, Step(elapsed(before, 11)))
    assert not verdict


def test_a_search_goes_through_time_to_its_end() -> None:
    report = explore(hearts(BOUND), [], Faults(until=Instant(22)))
    assert report.complete
    assert report.worlds == 58
    assert {world.local_time("p1") for world in report.ends} == {20, 22}


def test_a_search_finds_the_delay_that_breaks_a_property() -> None:
    report = explore(hearts(BOUND), [silence_is_short], Faults(until=Instant(22)))
    assert report.violation is not None
    *_, last = report.violation.trace
    assert last == Elapse(Instant(2))
