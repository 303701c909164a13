"""A session on a real protocol: commands, ids, provenance, faults, errors."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.session.errors import BadInput
from playground.session.playback import Playback
from playground.session.save import save
from playground.session.scenario import load
from playground.session.schedule import Fair
from playground.session.state import cost
from tests.helpers import played, session

ASK = "ask p1 Propose value=A"

DEEDS = ("step", "step", "step", "undo", "hold m2", "release m2", "crash a1", "recover a1",
         "cut p1>a3", "heal", "drop *", "fire p1 Retry", "run fifo 2", "run fifo 200",
         "goto 3")  # fmt: skip


def names(*lines: str) -> list[str]:
    return [f.name for f in played("consensus/paxos", *lines).state.in_flight()]


def test_messages_are_numbered_in_the_order_of_sending() -> None:
    assert names(ASK) == ["m1", "m2", "m3"]
    assert names(ASK, "deliver m2") == ["m1", "m3", "m4"]


def test_a_copy_is_named_after_its_original() -> None:
    assert names(ASK, "duplicate m2", "duplicate m2", "duplicate m2'") == [
        "m1", "m2", "m3", "m2'", "m2''", "m2'''",
    ]  # fmt: skip


def test_copies_of_equal_content_have_their_own_provenance() -> None:
    one = played("consensus/paxos", ASK, "duplicate m1", "replay m1", "edit m2 n=(9,p2)")
    assert {f.name: f.origin for f in one.state.in_flight()} == {
        "m1": "",
        "m3": "",
        "m1'": "copy of m1",
        "m4": "replay of m1",
        "m5": "edited from m2",
    }


def test_a_message_that_was_delivered_long_ago_can_be_replayed() -> None:
    one = played("consensus/paxos", ASK, "deliver m1", "deliver m2", "replay m1")
    assert [f.origin for f in one.state.in_flight()][-1] == "replay of m1"


@given(st.lists(st.sampled_from(DEEDS), max_size=30))
def test_a_step_is_what_a_fair_schedule_would_do_that_looks_at_all_again(lines: list[str]) -> None:
    one, other = played("consensus/paxos", ASK), played("consensus/paxos", ASK)
    for line in lines:
        for each in (one, other):
            with suppress(BadInput):
                if line == "step" and each is other:
                    each.run(Fair(), 1)
                else:
                    each.say(line)
        assert one.state == other.state


def test_a_wild_selector_takes_what_was_in_flight_oldest_first() -> None:
    one = played("consensus/paxos", ASK)
    taken = one.say("deliver Prepare p1>*")
    assert [e.command for e in one.past(taken)] == ["deliver m1", "deliver m2", "deliver m3"]


def test_one_selector_may_name_several_receivers() -> None:
    one = played("consensus/paxos", ASK)
    taken = one.say("deliver Prepare p1>a1,a3")
    assert [e.dst for e in one.past(taken)] == ["a1", "a3"]


def test_the_label_of_a_paper_is_understood() -> None:
    assert len(played("consensus/paxos", ASK).say("deliver 1a p1>*")) == 3


def test_fields_tell_messages_of_one_kind_apart() -> None:
    one = played("consensus/paxos", ASK, "forge Prepare p1>a1 n=(7,p1)")
    with pytest.raises(BadInput, match=r"may mean m1 .* or m4 .*; name one by its id"):
        one.say("deliver Prepare p1>a1")
    one.say("deliver Prepare p1>a1 n=(7,p1)")
    assert "m4" not in [f.name for f in one.state.in_flight()]


def test_a_held_message_waits_until_it_is_released() -> None:
    one = played("consensus/paxos", ASK, "hold m1")
    with pytest.raises(BadInput, match="it is held"):
        one.say("deliver m1")
    assert len(one.say("deliver Prepare p1>*")) == 2
    one.say("release m1")
    assert len(one.say("deliver m1")) == 1


def test_nothing_arrives_at_a_node_that_is_down_or_across_a_cut() -> None:
    one = played("consensus/paxos", ASK, "crash a1", "cut p1>a2")
    with pytest.raises(BadInput, match="a1 is down"):
        one.say("deliver m1")
    with pytest.raises(BadInput, match="the link p1>a2 is cut"):
        one.say("deliver m2")
    assert [e.dst for e in one.past(one.say("deliver Prepare p1>*"))] == ["a3"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("deliver m77", "m77 is not in flight; there are m1"),
        ("deliver Accept p1>a1", "no Accept p1>a1 is in flight; there are m1"),
        ("deliver Prepare p1>a9", "unknown node 'a9'; there are p1, p2, a1"),
        ("deliver Prepair p1>a1", "did you mean Prepare?"),
        ("deliver * p1>* n=(1,p1)", "for one kind of message"),
        ("fire p1 Retri", "did you mean Retry?"),
        ("fire a1 Retry", "a1 has not set Retry"),
        ("ask a1 Propose value=A", "takes no Propose"),
        ("ask p1 Propose value=A other=1", "unknown field of Propose 'other'"),
        ("crash a9", "unknown node 'a9'"),
        ("recover a1", "a1 is not down"),
        ("cut {p1,a1} | {a1}", "a1 can't be on both sides of a cut"),
        ("heal p1>a1", "the link p1>a1 is not cut"),
        ("edit m1 n=7", "Prepare.n: 7 is not (a whole number, a node)"),
        ("replay m99", "no message m99 has been sent yet"),
        ("goto 99", "there is no step 99; this line has 0 to 1"),
        ("goto nowhere", "nowhere is no step and no bookmark"),
        ("undo 5", "only 1 can be undone"),
        ("redo", "there is nothing to redo"),
        ("release m1", "it is not held"),
    ],
)
def test_a_command_that_can_not_be_carried_out_says_why_and_changes_nothing(
    line: str, sentence: str
) -> None:
    one = played("consensus/paxos", ASK)
    before = one.state
    with pytest.raises(BadInput) as error:
        one.say(line)
    assert sentence in str(error.value)
    assert one.state is before


def test_a_crash_after_some_effects_cuts_short_the_step_just_taken() -> None:
    one = played("consensus/paxos", ASK, "crash p1 after=2")
    assert [f.envelope.dst for f in one.state.in_flight()] == ["a1"]
    assert one.world.down == {"p1"} and one.world.nodes["p1"].__dict__["round"] == 1


def test_undoing_such_a_crash_gives_the_whole_step_back() -> None:
    one = played("consensus/paxos", ASK)
    whole = one.state
    one.say("crash p1 after=0")
    assert not one.state.in_flight()
    one.say("undo")
    assert one.state is whole or one.state == whole


def test_a_crash_after_some_effects_waits_for_the_next_step_of_a_node_that_has_not_run() -> None:
    one = played("consensus/paxos", ASK, "crash a1 after=1")
    assert not one.world.down
    one.say("deliver m1")
    assert one.world.down == {"a1"}
    assert one.world.nodes["a1"].__dict__["promised"] == (1, "p1")
    assert names(ASK, "crash a1 after=1", "deliver m1") == ["m2", "m3"]


def test_what_leaves_the_model_is_told_and_what_does_not_is_not() -> None:
    one = played("consensus/paxos", ASK, "drop m1", "duplicate m2", "crash a1")
    assert one.outside() == []
    one.say("forge Accept p2>a2 n=(9,p2) value=X")
    one.say("crash a2")
    one.say("recover a2 amnesia")
    assert one.outside() == ["forged Accept", "2 crashes > 1", "amnesia of a2"]


def test_a_goal_is_reached_or_blocked_or_open() -> None:
    assert played("consensus/paxos", ASK).verdicts()["chosen"] == "open"
    assert played("consensus/paxos", ASK, "finish").verdicts()["chosen"] == "reached"
    dead = played("consensus/paxos", ASK, "crash a1", "crash a2")
    assert dead.verdicts()["chosen"] == "blocked"
    dead.say("finish")
    assert dead.verdicts()["chosen"] == "blocked"


def test_costs_are_those_of_the_present_line() -> None:
    one = played("consensus/paxos", ASK, "deliver Prepare p1>*")
    assert cost(one.state)["messages"] == {"Prepare": 3, "Promise": 3}
    one.say("undo 3")
    assert cost(one.state)["messages"] == {"Prepare": 3}


def test_the_same_seed_is_the_same_run() -> None:
    runs = [played("consensus/paxos", ASK, "ask p2 Propose value=B") for _ in range(2)]
    for one in runs:
        one.say("seed 7 random 60")
    assert list(runs[0].past()) == list(runs[1].past())


def test_a_saved_session_replays_to_the_same_state(tmp_path: Path) -> None:
    one = played("consensus/paxos", ASK, "ask p2 Propose value=B", "seed 3 random 40")
    one.say("crash a1")
    one.say("recover a1")
    one.say("cut {p1,a1} | {p2,a2,a3}")
    one.say('forge Accept p1>a2 n=(99,p1) value="X Y"')
    one.say("heal")
    one.say("run fifo 10")
    path = tmp_path / "saved.toml"
    save(one, path, "Saved")
    again = Playback(load(path))
    list(again.play())
    assert [e for e in again.end() if not e.ok] == []
    assert again.session.world == one.world


def test_bookmarks_are_places_to_go_back_to() -> None:
    one = session()
    one.say("bookmark start")
    one.say(ASK)
    one.say("goto start")
    assert one.state.step == 0


def test_a_refused_command_leaves_nothing_to_redo() -> None:
    one = played("consensus/paxos", ASK, "crash a2")
    with pytest.raises(BadInput, match="a2 is down"):
        one.say("deliver Prepare p1>a1,a2")
    assert one.state.step == 2 and one.history.branch.tip == 2
    with pytest.raises(BadInput, match="nothing to redo"):
        one.say("redo")


def test_a_refused_command_leaves_what_could_be_redone() -> None:
    one = played("consensus/paxos", ASK, "deliver m1", "deliver m2", "crash a3", "undo 3")
    with pytest.raises(BadInput):
        one.say("deliver Prepare p1>a1,p2")
    assert len(one.history.branches) == 1
    one.say("redo 3")
    assert one.world.down == {"a3"}


def test_a_receiver_that_is_named_must_get_its_message() -> None:
    one = played("consensus/paxos", ASK, "deliver m2")
    with pytest.raises(BadInput, match="no Prepare p1>a2 is in flight"):
        one.say("deliver Prepare p1>a1,a2")
    assert [e.dst for e in one.past(one.say("deliver Prepare p1>a1,a3"))] == ["a1", "a3"]


def test_a_kind_alone_means_all_of_its_messages() -> None:
    assert len(played("consensus/paxos", ASK).say("deliver Prepare *")) == 3


def test_a_text_may_stand_in_single_quotes() -> None:
    one = played("consensus/paxos", "ask p1 Propose value='A B'")
    assert one.world.nodes["p1"].__dict__["value"] == "A B"


def test_a_look_ahead_that_meets_a_fault_of_the_protocol_is_no_fault_of_the_moment(
    tmp_path: Path,
) -> None:
    path = tmp_path / "faulty.py"
    path.write_text(FAULTY)
    one = played(str(path), "ask n Go")
    assert one.verdicts() == {"done": "open"}
    with pytest.raises(BadInput, match=r"n failed on Later\(\): ZeroDivisionError"):
        one.say("step")
    assert one.state.step == 1


def test_a_property_that_fails_is_named_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "failing.py"
    path.write_text(FAULTY + "@always()\ndef sound(s): return not s.all(Node)[0].asked or 1 / 0\n")
    one = played(str(path))
    with pytest.raises(BadInput, match="the property sound failed: ZeroDivisionError"):
        one.say("ask n Go")
    assert one.state.step == 0


FAULTY = '''\
"""A node whose timer fails."""

from playground.protocol import *


class Go(Input):
    why: str = "go"


class Later(Timer):
    pass


class Node(Role):
    asked: bool = False

    @upon(Go)
    def go(self, why):
        self.asked = True
        self.set_timer(Later())

    @upon(Later)
    def later(self):
        1 / 0


def setup(): return [Node("n")]
def model(nodes): return Model()
def workload(nodes): return [("n", Go())]


@eventually()
def done(s): return False


'''
