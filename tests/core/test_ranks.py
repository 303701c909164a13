"""Facts about worlds modulo the rank of their ballots."""

from __future__ import annotations

from typing import Annotated

from hypothesis import given
from hypothesis import strategies as st

from playground.core import Crash, Cut, Envelope, Forge, World, begin, step
from playground.core.ranks import canonical, overtaking
from playground.protocol import Map, Message, Model, Pid, Role, Timer, ranked, upon

Round = Annotated[int, ranked]
Number = tuple[Round, Pid]


class Bid(Message):
    n: Number
    size: int


class Retry(Timer):
    n: Round


class Voter(Role):
    """Remembers ballots in every way in which a field can hold some."""

    plain: Round = 0
    number: Number | None = None
    seen: frozenset[Number] = frozenset()
    votes: Map[Pid, Number] = Map()
    history: tuple[Round, ...] = ()
    size: int = 0

    @upon(Bid)
    def bid(self, src: Pid, n: Number, size: int) -> None:
        pass


def world(*nodes: Voter, bids: tuple[Envelope, ...] = ()) -> World:
    result = begin(nodes, Model(links=("reordering",)))
    for envelope in bids:
        result = step(result, Forge(envelope))
    return result


def voter(a: int, b: int) -> Voter:
    """One that holds both ballots in many places."""
    return Voter(
        "v", a, (b, "p"), frozenset({(a, "q"), (b, "p")}), Map({"q": (a, "q")}), (a, b, a), size=7
    )


def bid(n: int, dst: Pid = "v", size: int = 0) -> Envelope:
    return Envelope("w", dst, Bid((n, "w"), size))


ROUNDS = st.integers(1, 1000)


@given(ROUNDS, ROUNDS, ROUNDS, ROUNDS)
def test_only_the_order_of_ballots_counts(a: int, b: int, c: int, d: int) -> None:
    same_order = (a < b, a == b) == (c < d, c == d)
    assert (canonical(world(voter(a, b))) == canonical(world(voter(c, d)))) == same_order


@given(ROUNDS, ROUNDS)
def test_ballots_in_nodes_and_in_messages_are_ranked_together(a: int, b: int) -> None:
    one = world(voter(a, a), Voter("w"), bids=(bid(b),))
    two = world(voter(5, 5), Voter("w"), bids=(bid(9),))
    assert (canonical(one) == canonical(two)) == (a < b)


def test_numbers_up_to_zero_mean_none_and_stay() -> None:
    assert canonical(world(voter(0, 3))) == canonical(world(voter(0, 8)))
    assert canonical(world(voter(0, 3))) != canonical(world(voter(1, 3)))


def test_other_numbers_are_not_renamed() -> None:
    one, two = (world(Voter("v"), Voter("w"), bids=(bid(1, size=s),)) for s in (1, 2))
    assert canonical(one) != canonical(two)
    assert canonical(world(Voter("v", size=1))) != canonical(world(Voter("v", size=2)))


def test_a_timer_may_carry_a_ballot() -> None:
    class Sleeper(Role):
        round: Round = 0

        def start(self) -> None:
            self.set_timer(Retry(self.round))

    def sleeper(n: int, node_round: int) -> World:
        return begin([Sleeper("s", n), Voter("v", node_round)])

    assert canonical(sleeper(3, 5)) == canonical(sleeper(10, 11))
    assert canonical(sleeper(3, 5)) != canonical(sleeper(5, 3))


def test_messages_that_can_not_arrive_do_not_count() -> None:
    nodes = Voter("v", 1), Voter("w", 1)
    down = [step(world(*nodes, bids=b), Crash("v")) for b in ((), (bid(4),))]
    assert canonical(down[0]) == canonical(down[1])
    cut = [step(world(*nodes, bids=b), Cut(frozenset({("w", "v")}))) for b in ((), (bid(4),))]
    assert canonical(cut[0]) == canonical(cut[1])
    assert canonical(world(*nodes)) != canonical(world(*nodes, bids=(bid(4),)))


def test_copies_of_a_message_count_once() -> None:
    nodes = Voter("v"), Voter("w")
    one, two = world(*nodes, bids=(bid(1),)), world(*nodes, bids=(bid(1), bid(1)))
    assert canonical(one) == canonical(two)


def test_who_is_down_counts() -> None:
    up = world(Voter("v"), Voter("w"))
    assert canonical(up) != canonical(step(up, Crash("v")))


@given(ROUNDS, ROUNDS, ROUNDS, ROUNDS)
def test_a_ballot_that_comes_closer_to_the_one_above_it_will_overtake_it(
    low: int, gap: int, later: int, then: int
) -> None:
    before, after = world(voter(low, low + gap)), world(voter(later, later + then))
    assert canonical(before) == canonical(after)
    assert overtaking(before, after) == (then < gap)
