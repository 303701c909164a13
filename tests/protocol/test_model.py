"""Facts about models: a stack assumes all that its layers assume."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.protocol import Instant, Model
from playground.protocol.model import AUTHS, LINKS, Assumption

models = st.builds(
    Model,
    timing=st.sampled_from(["async", "timed"]),
    links=st.sets(st.sampled_from(LINKS[:3])).map(lambda s: tuple(x for x in LINKS if x in s)),
    crashes=st.integers(0, 3),
    byzantine=st.integers(0, 2),
    auth=st.sampled_from(AUTHS),
    recovery=st.booleans(),
)

TOLD_BY_LINKS: dict[Assumption, str] = {
    "reliable links": "lossy",
    "no duplication": "duplicating",
}


@given(models, models)
def test_a_stack_makes_each_assumption_that_a_layer_makes(upper: Model, lower: Model) -> None:
    stack = upper.over(lower)
    for assumption in TOLD_BY_LINKS:
        assert stack.makes(assumption) == (upper.makes(assumption) or lower.makes(assumption))
    assert stack.makes("crash-stop") == (upper.makes("crash-stop") or lower.makes("crash-stop"))
    assert stack.crashes == min(upper.crashes, lower.crashes)
    assert stack.byzantine == min(upper.byzantine, lower.byzantine)
    assert AUTHS.index(stack.auth) == max(map(AUTHS.index, (upper.auth, lower.auth)))
    assert (stack.timing == "timed") == ("timed" in (upper.timing, lower.timing))


@given(models, models)
def test_it_does_not_matter_for_the_assumptions_which_layer_is_above(a: Model, b: Model) -> None:
    assert a.over(b) == b.over(a)
    assert a.over(a) == a


def test_a_layer_that_needs_order_gives_the_stack_ordered_links() -> None:
    stack = Model(links=("lossy", "reordering")).over(Model(links=("lossy", "fifo")))
    assert stack.fifo and stack.links == ("lossy", "fifo")


def test_only_layers_with_clocks_bound_delays_and_drift() -> None:
    timed = Model(timing="timed", delay=Instant(5), drift=Fraction(1, 10))
    strict = Model(timing="timed", delay=Instant(3), drift=Fraction(1, 5))
    stack = Model().over(timed)
    assert stack == timed
    assert timed.over(strict).delay == Instant(3)
    assert timed.over(strict).drift == Fraction(1, 10)


def test_what_a_set_up_gives_up_is_for_the_upper_layer_to_say() -> None:
    upper, lower = Model(gives_up=("agreement",)), Model(gives_up=("validity",), partitions="drop")
    assert upper.over(lower).gives_up == ("agreement",)
    assert upper.over(lower).partitions == "hold"


def test_rounds_and_clocks_do_not_go_together() -> None:
    with pytest.raises(ValueError, match="one layer works in rounds and another one by clocks"):
        Model(timing="rounds").over(Model(timing="timed"))
    assert Model(timing="rounds").over(Model()).timing == "rounds"
