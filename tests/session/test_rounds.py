"""Facts about sessions in rounds, and with traitors."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.protocol import Model
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.playback import Playback
from playground.session.scenario import parse
from playground.session.schedule import Chance, Odds
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import bugs
from playground.session.view import assumptions
from tests.helpers import played, session

PROPOSALS = ("ask p1 Propose value=A", "ask p2 Propose value=B", "ask p3 Propose value=B")


def flooded(*lines: str, **setup: object) -> Session:
    return played("synchronous/flood_set", *PROPOSALS, *lines, setup=setup)


def test_a_delay_is_a_round_also_for_who_hears_nothing_in_it() -> None:
    run = flooded("tick", "crash p2", "drop * p2>*", "crash p3", "drop * p3>*", "tick", "tick")
    assert (cost(run.state)["delays"], run.state.decisions["p1"].depth) == (2, 2)


def test_a_tick_that_is_cut_short_at_one_node_is_whole_at_the_others() -> None:
    run = flooded("tick", "crash p1 after=1")
    assert [f"{f.envelope.src}>{f.envelope.dst}" for f in run.state.in_flight()] == [
        "p1>p2", "p2>p1", "p2>p3", "p3>p1", "p3>p2",
    ]  # fmt: skip
    assert run.outside() == []


def test_finish_ends_round_after_round_till_all_have_decided() -> None:
    run = flooded("finish", f=2)
    assert run.verdicts()["decided"] == "reached"
    assert run.state.ticks == 4


def test_when_nobody_has_proposed_anything_rounds_go_by_and_nothing_is_decided() -> None:
    run = played("synchronous/flood_set", "finish")
    assert run.verdicts()["decided"] == "blocked"


def test_by_chance_a_node_that_crashes_in_a_round_reaches_some_of_the_others() -> None:
    reached = set()
    for seed in range(40):
        run = flooded("tick", "crash p1")
        run.run(Chance(seed, Odds()), 6)
        assert run.outside() == []
        heard = {c.pid for e in run.past() for c in e.changes if e.src == "p1" and c.field == "W"}
        reached.add(frozenset(heard))
    assert reached == {frozenset(), frozenset({"p2"}), frozenset({"p3"}), frozenset({"p2", "p3"})}


def test_where_nobody_comes_back_nobody_does_so_by_chance() -> None:
    for seed in range(20):
        run = flooded(n=5, f=3)
        run.run(Chance(seed, Odds(crashes=3)), 60)
        assert run.outside() == []


def test_the_budget_of_faults_tells_how_much_of_it_is_spent() -> None:
    run = played("synchronous/om", "corrupt c")
    assert "byzantine 1/1, n=4 > 3f" in assumptions(run.world)
    run.say("undo")
    assert "byzantine 0/1" in assumptions(run.world)
    three = played("synchronous/om", "corrupt c", setup={"n": 3})
    assert "byzantine 1/0" in assumptions(three.world)


def test_a_strategy_is_one_of_the_sibling_module_or_silence() -> None:
    with pytest.raises(BadInput, match=r"strategy for l1 .two_faced.; there are silent, turncoat"):
        played("synchronous/om", "corrupt l1 two_faced")


def test_a_role_with_a_bug_has_the_strategies_of_its_role() -> None:
    run = played("synchronous/om", "corrupt l1 turncoat", setup={"bug": "tie_own"})
    assert type(run.world.nodes["l1"]).__name__ == "Turncoat"


def test_what_a_model_gives_up_is_no_bug_when_it_breaks() -> None:
    lines = (
        *PROPOSALS, "tick", "crash p1 after=1", "deliver * *>p2", "deliver * *>p3",
        "tick", "crash p2 after=1", "finish",
    )  # fmt: skip
    run = played("synchronous/early_stopping", *lines, setup={"rule": "nonuniform"})
    assert [b.property for b in run.state.broken] == ["agreement"]
    assert bugs(run.state, run.properties) == []
    promised = Session(load("synchronous/early_stopping"), {"rule": "nonuniform"}, Model("rounds"))
    assert promised.world.rules.model.gives_up == ()


# ---- what is refused


FORGED = "forge Order l2>l1 order=Signed(Signed(RETREAT, c), l2)"
LESSON = """
title = "Refused"
protocol = "synchronous/sm"

[[step]]
say = "l2 would like to."
do = ["corrupt l2", "ask c Command value=ATTACK", "tick"]
expect = { refused = ['%s'] }
"""


def test_a_refusal_says_why_and_leaves_no_trace() -> None:
    run = played("synchronous/sm", "corrupt l2", "ask c Command value=ATTACK")
    before = run.state, run.history.branches[:]
    assert run.refusal(FORGED) == "refused: c never signed RETREAT, and you do not hold its key"
    assert run.refusal("forge Order l2>l1 order=Signed(RETREAT, l2)") is None
    assert (run.state, run.history.branches) == before


def test_a_line_that_makes_no_sense_is_not_refused_but_wrong() -> None:
    with pytest.raises(BadInput, match=r"unknown node .l7."):
        session("synchronous/sm").refusal("crash l7")


@pytest.mark.parametrize(
    ("line", "ok"), [(FORGED, True), (FORGED.replace("RETREAT, c", "RETREAT, l2"), False)]
)
def test_a_scenario_may_expect_that_something_is_refused(line: str, ok: bool) -> None:
    playback = Playback(parse(LESSON % line, Path("lesson.toml")))
    [played] = playback.play()
    [compared] = played.expectations
    assert (compared.what, compared.expected, compared.ok) == ("refused", line, ok)


def test_refused_takes_lines() -> None:
    wrong = parse(LESSON.replace("['%s']", "true"), Path("lesson.toml"))
    with pytest.raises(BadInput, match="refused takes a list of texts"):
        Playback(wrong)
