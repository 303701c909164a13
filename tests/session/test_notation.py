"""What is printed can be typed: the text form of values and commands."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.protocol import Map, Message, Pid
from playground.session import commands as c
from playground.session.errors import BadInput
from playground.session.grammar import parse
from playground.session.notation import Group, Misfit, Quoted, Tree, Word, read, value
from playground.values import text

Number = tuple[int, Pid]


class Note(Message):
    n: Number
    said: str | None


NUMBERS = st.tuples(st.integers(), st.text())
NOTES = st.builds(Note, NUMBERS, st.none() | st.text())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner).map(tuple) | st.frozensets(st.text(), min_size=1),
)
SAMPLES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers()),
    (str, st.text()),
    (bool, st.booleans()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (int | None, st.none() | st.integers()),
    (str | None, st.none() | st.text()),
    (str | int, st.text() | st.integers()),
    (Literal["commit", "abort"], st.sampled_from(["commit", "abort"])),
    (Number, NUMBERS),
    (tuple[str, ...], st.lists(st.text()).map(tuple)),
    (frozenset[str], st.frozensets(st.text())),
    (Map[str, Number | None], st.dictionaries(st.text(), st.none() | NUMBERS).map(Map)),
    (Annotated[int, "ranked"], st.integers()),
    (Note, NOTES),
    (tuple[Note, ...], st.lists(NOTES).map(tuple)),
    (Any, ANYTHING),
]


@given(st.data())
def test_every_printed_value_reads_back_as_itself(data: st.DataObject) -> None:
    kind, values = data.draw(st.sampled_from(SAMPLES))
    sample = data.draw(values)
    assert value(text(sample), kind, Map({"Note": Note})) == sample


@given(st.text())
def test_a_printed_text_holds_no_control_character(sample: str) -> None:
    assert text(sample).isprintable()


@pytest.mark.parametrize(
    ("line", "kind", "sentence"),
    [
        ("7", Number, "7 is not (a whole number, a node)"),
        ("(1, p1, 2)", Number, "(1, p1, 2) has 3 parts, not 2"),
        ("(a, p1)", Number, "a is not a whole number"),
        ("comit", Literal["commit", "abort"], "did you mean commit?"),
        ("maybe", bool, "maybe is not true or false"),
        ("(1, p1", Number, "ends too early"),
        ("1 2", int, "'2' is left over after 1"),
        ("", int, "ends too early"),
        ("Nte((1, p1), -)", Note, "did you mean Note?"),
        ("{a, b}", Map[str, int], "a in {a, b} is no pair"),
    ],
)
def test_a_value_of_the_wrong_form_is_told_in_a_sentence(
    line: str, kind: Any, sentence: str
) -> None:
    with pytest.raises(BadInput) as error:
        value(line, kind, Map({"Note": Note}))
    assert sentence in str(error.value)


def test_a_name_needs_no_quotes_even_if_it_looks_like_a_number() -> None:
    assert value("1", str) == "1"
    assert value('"1"', int | str) == "1"
    assert value("1", int | str) == 1


def test_none_is_typed_as_a_dash_or_by_its_name() -> None:
    assert value("-", int | None) is None
    assert value("None", int | None) is None
    with pytest.raises(Misfit):
        value("-", int)


# ---- commands

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,3}", fullmatch=True)
IDS = st.from_regex(r"m[1-9][0-9]{0,3}'{0,2}", fullmatch=True)
KINDS = st.from_regex(r"[A-Z][a-zA-Z]{0,6}|1a|2bN", fullmatch=True)
WORDS: st.SearchStrategy[Tree] = st.one_of(
    st.from_regex(r"[A-Za-z0-9_.-]+", fullmatch=True).map(Word), st.text().map(Quoted)
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.builds(Group, st.just("("), st.lists(inner, max_size=3).map(tuple)),
        st.builds(Group, st.just("("), st.lists(inner, max_size=3).map(tuple), KINDS),
        st.builds(Group, st.just("{"), st.lists(inner, max_size=3).map(tuple)),
        st.builds(
            Group,
            st.just("{"),
            st.lists(
                st.builds(Group, st.just(":"), st.tuples(inner, inner)), min_size=1, max_size=3
            ).map(tuple),
        ),
    ),
    max_leaves=6,
)
FIELDS = st.lists(st.tuples(NAMES, TREES), unique_by=lambda f: f[0], max_size=3).map(tuple)
DSTS = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)
STAR = st.just("*")
SELECTORS = st.one_of(
    st.builds(c.Selector, IDS),
    st.builds(c.Selector, st.just(""), KINDS | STAR, NAMES | STAR, DSTS | st.just(("*",)), FIELDS),
)
LINKS = st.tuples(NAMES, NAMES)
COMMANDS: st.SearchStrategy[c.Command] = st.one_of(
    st.builds(
        c.OnMessages,
        st.sampled_from(["deliver", "drop", "duplicate", "hold", "release"]),
        SELECTORS,
    ),
    st.builds(c.Edit, st.builds(c.Selector, IDS), FIELDS.filter(bool)),
    st.builds(c.Forge, KINDS, NAMES, DSTS, FIELDS),
    st.builds(c.Replay, IDS),
    st.builds(c.Fire, NAMES | STAR, KINDS.filter(str.isalpha), FIELDS),
    st.builds(c.Ask, NAMES, KINDS.filter(str.isalpha), FIELDS),
    st.builds(c.Crash, NAMES, st.none() | st.integers(0, 9)),
    st.builds(c.Recover, NAMES, st.booleans()),
    st.builds(c.Cut, st.lists(DSTS, min_size=2, max_size=3).map(tuple)),
    st.builds(c.Cut, st.just(()), LINKS),
    st.builds(c.Heal, st.none() | LINKS),
    st.builds(c.Step),
    st.builds(c.Finish),
    st.builds(c.Run, st.just("fifo"), st.integers(0, 99)),
    st.builds(c.Run, st.just("random"), st.integers(0, 99), st.integers(0, 99)),
    st.builds(c.Undo, st.integers(1, 99)),
    st.builds(c.Redo, st.integers(1, 99)),
    st.builds(c.GoTo, NAMES),
    st.builds(c.Bookmark, NAMES),
)


@given(COMMANDS)
def test_every_printed_command_reads_back_as_itself(command: c.Command) -> None:
    assert parse(str(command)) == command


@given(TREES)
def test_every_printed_tree_reads_back_as_itself(tree: Tree) -> None:
    assert read(str(tree)) == tree


@given(st.text())
def test_any_line_is_a_command_or_bad_input(line: str) -> None:
    try:
        command = parse(line)
    except BadInput:
        return
    assert parse(str(command)) == command


CONTRACT = """\
deliver Prepare p1>a1
deliver *  p1>*
deliver m12
step
run fifo 20
drop Promise a2>p1
duplicate m12
hold m12
release m12
edit m12 n=(9,p2)
forge Accept p1>a2 n=(9,p1) value=X
replay m3
fire p1 Retry
crash a1 after=1
crash a1
recover a1 amnesia
recover a1
cut {p1,a1} | {a2,a3}
cut p1>a2
heal
ask p1 Propose value=A
seed 7 random 100
finish"""


@pytest.mark.parametrize("line", CONTRACT.splitlines())
def test_the_lines_of_the_contract_are_understood(line: str) -> None:
    assert parse(str(parse(line))) == parse(line)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "a command is missing"),
        ("delivr m1", "did you mean deliver?"),
        ("deliver", "say which message"),
        ("deliver m1 m2", "'m2' is left over after m1"),
        ("edit m1", "as in edit m12 n=(9,p2)"),
        ("forge Accept *>a1", "* is not possible"),
        ("forge Accept p1>a1 n=1 n=2", "the field n stands there twice"),
        ("crash a1 after=-1", "crash a1 after=1"),
        ("cut {p1}", "a cut needs two groups"),
        ("cut p1", "say what is cut off"),
        ("run backwards 3", "run fifo 20"),
        ("undo 0", "'0' is no number of steps"),
        ("finish now", "'now' is left over"),
    ],
)
def test_a_line_that_is_no_command_is_told_in_a_sentence(line: str, sentence: str) -> None:
    with pytest.raises(BadInput) as error:
        parse(line)
    assert sentence in str(error.value)
