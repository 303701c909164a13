"""Forms: what can be filled in, what is wrong with it, and the command that it comes to."""

from collections.abc import Callable
from typing import Any

import pytest

from playground.session import fault_forms as faults
from playground.session import message_forms as messages
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.forms import Form
from playground.session.session import Session


@pytest.fixture
def session() -> Session:
    session = Session(load("consensus/paxos"), {"proposers": 2})
    session.say("ask p1 Propose value=A")
    return session


def test_a_forged_message_has_the_fields_of_its_kind_with_their_choices(session: Session) -> None:
    form = messages.forge(session, {"kind": "Accept", "src": "p2", "dst": "a1,a3"})
    assert [f.name for f in form.fields] == ["kind", "from", "to", "n", "value", "differs"]
    values = form.values() | {"field.n": "(9,p2)", "field.value": "X"}
    assert str(form.command(values)) == "forge Accept p2>a1,a3 n=(9, p2) value=X"


def test_a_forgery_starts_as_a_copy_of_what_is_highlighted(session: Session) -> None:
    [m1, *_] = session.state.in_flight()
    form = messages.forge(session, {}, m1)
    assert str(form.command(form.values())) == "forge Prepare p1>a1 n=(1, p1)"


def test_each_wrong_field_says_what_is_wanted(session: Session) -> None:
    form = messages.forge(session, {"kind": "Accept"})
    values = form.values() | {"field.n": "nine", "dst": ""}
    problems = form.problems(values)
    assert problems["field.n"] == "nine is not (a whole number, a node)"
    assert problems["dst"] == "choose at least one"
    with pytest.raises(BadInput):
        form.command(values)


def test_another_kind_asks_for_other_fields(session: Session) -> None:
    form = messages.forge(session, messages.forge(session, {}).values() | {"kind": "Decide"})
    assert [f.name for f in form.fields] == ["kind", "from", "to", "value", "differs"]


def test_fields_of_few_values_are_choices() -> None:
    session = Session(load("commit/two_phase_commit"))
    form = messages.forge(session, {"kind": "Vote"})
    vote = next(f for f in form.fields if f.name == "vote")
    assert vote.choices == ("yes", "no", "readonly")


def test_an_edit_spells_only_what_is_changed(session: Session) -> None:
    [m1, *_] = session.state.in_flight()
    form = messages.edit(session, {}, m1)
    with pytest.raises(BadInput, match="nothing is changed yet"):
        form.command(form.values())
    assert str(form.command({"field.n": "(9,p2)"})) == "edit m1 n=(9, p2)"


def test_a_node_is_asked_what_its_workload_says(session: Session) -> None:
    form = messages.ask(session, {})
    assert str(form.command(form.values())) == "ask p1 Propose value=A"


Make = Callable[[Session, dict[str, str]], Form]


@pytest.mark.parametrize(
    ("make", "values", "command"),
    [
        (faults.fire, {}, "fire p1 Retry"),
        (faults.crash, {"pid": "a2"}, "crash a2"),
        (faults.crash, {"pid": "a2", "after": "1"}, "crash a2 after=1"),
        (faults.cut, {"side": "p1,a1"}, "cut {p1,a1} | {p2,a2,a3}"),
        (faults.cut, {"how": faults.ONE_WAY, "src": "p1", "dst": "a2"}, "cut p1>a2"),
        (faults.random, {"seed": "7", "steps": "100"}, "seed 7 random 100"),
        (faults.bookmark, {"name": "here"}, "bookmark here"),
        (faults.goto, {"where": "1"}, "goto 1"),
        (faults.corrupt, {"pid": "a3"}, "corrupt a3"),
        (messages.replay, {"id": "m2"}, "replay m2"),
    ],
)
def test_a_form_comes_to_a_command_that_can_be_done(
    session: Session, make: Make, values: dict[str, str], command: str
) -> None:
    form = make(session, values)
    assert str(form.command(form.values())) == command
    session.do(form.command(form.values()))


def test_forms_after_a_fault_offer_its_repair(session: Session) -> None:
    session.say("crash a1")
    session.say("cut p1>a2")
    recover, heal = faults.recover(session, {"disk": "lost"}), faults.heal(session, {})
    assert str(recover.command(recover.values())) == "recover a1 amnesia"
    assert str(heal.command(heal.values())) == "heal"
    assert heal.fields[0].choices == ("all", "p1>a2")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (faults.recover, "no node is down"),
        (faults.heal, "no link is cut"),
        (faults.advance, "there is no time here: timing is async"),
        (faults.clock, "there are no clocks here: timing is async"),
    ],
)
def test_a_form_that_makes_no_sense_now_says_why(session: Session, make: Any, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        make(session, {})


@pytest.mark.parametrize(
    ("make", "values", "key"),
    [
        (faults.crash, {"after": "soon"}, "after"),
        (faults.random, {"seed": "-1"}, "seed"),
        (faults.goto, {"where": "99"}, "where"),
        (faults.bookmark, {"name": "a b"}, "name"),
        (messages.replay, {"id": "m99"}, "id"),
    ],
)
def test_free_text_is_checked(
    session: Session, make: Make, values: dict[str, str], key: str
) -> None:
    form = make(session, values)
    assert list(form.problems(form.values() | values)) == [key]


def test_equivocation_tells_each_receiver_something_else_by_a_line_for_each() -> None:
    session = Session(load("consensus/paxos"), {"proposers": 2, "acceptors": 3})
    form = messages.forge(session, {"kind": "Accept", "src": "p1", "differs": "value"})
    values = form.values() | {"dst": "a1,a2"}
    form = messages.forge(session, values)
    values = form.values() | {"to.a1": "A", "to.a2": "B"}
    assert form.spell(values).splitlines() == [
        "forge Accept p1>a1 n=(1, p1) value=A",
        "forge Accept p1>a2 n=(1, p1) value=B",
    ]
    assert [str(each) for each in form.commands(values)] == form.spell(values).splitlines()
    assert not form.problems(values)


def test_to_equivocate_begins_with_all_others_who_would_hear_it_as_receivers() -> None:
    session = Session(load("consensus/paxos"), {"proposers": 2, "acceptors": 3})
    form = messages.forge(session, {"kind": "Accept", "src": "p1", "differs": "value"})
    assert form.values()["dst"] == "a1,a2,a3"
