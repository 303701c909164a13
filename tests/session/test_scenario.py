"""Scenario files: what they say, and how they are told that they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.session import scenarios
from playground.session.errors import BadInput
from playground.session.places import locate
from playground.session.playback import Playback
from playground.session.scenario import dump, load, parse
from tests.helpers import playback

DUEL = """\
title    = "A duel"
protocol = "consensus/paxos"
seeds    = ["A:411"]

[setup]
proposers = 2
acceptors = 3

[model]
links = ["lossy"]
crashes = 1

[[step]]
say = "p1 asks."
do  = ["ask p1 Propose value=A", "deliver Prepare p1>*"]
[step.expect]
"p1.n" = "(1, p1)"
in_flight = { Promise = 3 }

[[step]]
ask = { question = "Who wins?", choices = ["A", "B"], answer = "A" }

[end]
agreement = "holds"
outside = []
"""


def test_a_scenario_plays_and_its_expectations_are_compared() -> None:
    duel = playback(DUEL)
    first, second = duel.play()
    assert [e.ok for e in first.expectations] == [True, True]
    assert list(first.taken) == [1, 2, 3, 4]
    assert second.step.ask is not None and second.step.ask.answer == "A"
    assert all(e.ok for e in duel.end())


def test_the_model_is_the_protocols_but_for_what_the_scenario_says() -> None:
    model = playback(DUEL).session.world.rules.model
    assert model.links == ("lossy",) and model.crashes == 1
    assert (
        model.auth == playback(DUEL.replace('links = ["lossy"]', "")).session.world.rules.model.auth
    )


def test_after_an_undo_the_steps_of_the_script_come_again() -> None:
    duel = playback(DUEL)
    list(duel.play())
    assert duel.done == 2
    duel.session.say("undo 2")
    assert duel.done == 0
    duel.session.say("redo 2")
    assert duel.done == 2


def test_on_another_branch_the_script_goes_on_after_what_is_shared() -> None:
    duel = playback(DUEL)
    list(duel.play())
    duel.session.say("undo 2")
    duel.session.say("drop Prepare p1>a3")
    assert duel.done == 0


BAD = [
    ('title = "A duel', "this is no TOML", 1),
    (DUEL.replace("consensus/paxos", "consensus/paxs"), "did you mean consensus/paxos?", 2),
    (DUEL.replace("seeds ", "seds "), "unknown key 'seds'; did you mean seeds?", 3),
    (DUEL.replace("proposers = 2", "propsers = 2"), "did you mean proposers?", 6),
    (DUEL.replace("proposers = 2", 'proposers = "two"'), "two is not a whole number", 6),
    (DUEL.replace('"lossy"', '"losy"'), "'losy' is not possible here; did you mean lossy?", 10),
    (DUEL.replace("crashes = 1", "crashes = -1"), "model.crashes", 11),
    (DUEL.replace("crashes = 1", "crashs = 1"), "did you mean crashes?", 11),
    (DUEL.replace("ask p1", "ask p7"), "unknown node 'p7'", 15),
    (DUEL.replace("ask p1", "aks p1"), "unknown command 'aks'; did you mean ask?", 15),
    (DUEL.replace("Propose value", "Propos value"), "did you mean Propose?", 15),
    (DUEL.replace("value=A", "vlaue=A"), "did you mean value?", 15),
    (DUEL.replace("value=A", ""), "Propose needs value, which is a text", 15),
    (DUEL.replace("deliver Prepare p1", "deliver Prepare p2"), "no Prepare p2>* is in flight", 15),
    (DUEL.replace("deliver Prepare", "deliver Prepar"), "did you mean Prepare?", 15),
    (DUEL.replace('"p1.n"', '"p1.nn"'), "unknown field of p1 'nn'", 17),
    (DUEL.replace('"(1, p1)"', '"(one, p1)"'), "p1.n: one is not a whole number", 17),
    (DUEL.replace("agreement", "agrement"), "did you mean agreement?", 24),
    (DUEL.replace('answer = "A"', 'answer = "C"'), "the answer 'C' is none of the choices", 21),
    (DUEL.replace("outside = []", "outside = 3"), "outside takes a list of texts", 25),
    (DUEL.replace("say =", "say = 3 #"), "step.0.say: expected str, got int", 14),
]


def ended(source: str) -> Playback:
    played = playback(source)
    list(played.play())
    played.end()
    return played


@pytest.mark.parametrize(("source", "sentence", "line"), BAD, ids=[b[1] for b in BAD])
def test_bad_input_is_told_with_its_line(source: str, sentence: str, line: int) -> None:
    with pytest.raises(BadInput) as error:
        ended(source)
    assert sentence in str(error.value)
    assert str(error.value).startswith(f"lesson.toml:{line}:")


def test_a_scenario_that_is_missing_a_key_names_it() -> None:
    with pytest.raises(BadInput, match="the key 'protocol' is missing"):
        playback('title = "x"')


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="no UTF-8"):
        load(path)


def test_a_dumped_scenario_reads_back_as_itself() -> None:
    scenario = parse(DUEL, Path("x.toml")).scenario
    assert parse(dump(scenario), Path("x.toml")).scenario == scenario


def test_the_place_of_each_key_and_item_is_found() -> None:
    def line(*path: str | int) -> str:
        found = locate(DUEL, path)
        assert found
        row, column = found
        return DUEL.splitlines()[row - 1][column - 1 :]

    assert line("step", 0, "do", 1).startswith('"deliver Prepare')
    assert line("step", 0, "expect", "p1.n").startswith('"p1.n"')
    assert line("step", 0, "expect", "in_flight", "Promise").startswith("Promise")
    assert line("step", 1, "ask", "answer").startswith("answer")
    assert line("model", "links", 0).startswith('"lossy"')
    assert line("end", "outside").startswith("outside")


SHIPPED = [scenarios.find(name).read_text() for name in scenarios.names()]


@given(data=st.data())
def test_no_mutation_of_a_shipped_scenario_ends_in_a_traceback(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from([*SHIPPED, DUEL]))
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(start + 40, len(source))))
    piece = data.draw(
        st.text(max_size=20) | st.sampled_from([source[start:end] * 2, "[", '"', "="])
    )
    mutant = source[:start] + piece + source[end:]
    said = ""
    try:
        list(playback(mutant).play(until=3))
    except BadInput as error:
        said = str(error)
    assert "\n" not in said
