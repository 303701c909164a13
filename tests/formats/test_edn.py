"""The reader of EDN: what it reads, and what it says about the rest."""

from __future__ import annotations

import json
from collections.abc import Hashable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.formats.edn import DEEPEST, Keyword, Symbol, Tagged, read
from playground.formats.places import Source
from playground.session.errors import BadInput
from playground.values import Map


def values(string: str) -> list[Hashable]:
    return [form.value for form in read(Source(string, "h.edn"))]


@pytest.mark.parametrize(
    ("string", "value"),
    [
        ("nil", None),
        ("true", Symbol("true")),
        ("-12", -12),
        ("+3", 3),
        ("12N", 12),
        ("0x1F", 31),
        ("-2.5e3", -2500.0),
        ("1.50M", Decimal("1.50")),
        ("2/4", Fraction(1, 2)),
        ("##NaN", Symbol("##NaN")),
        (":type", Keyword("type")),
        (":a/b", Keyword("a/b")),
        ("a.b/c-d?", Symbol("a.b/c-d?")),
        (r'"a\n\"\\\u0041"', 'a\n"\\A'),
        ('"two\nlines"', "two\nlines"),
        (r"\a", "a"),
        (r"\newline", "\n"),
        (r"\u00e9", "é"),
        ("[1 (2 [])]", (1, (2, ()))),
        ("{:a 1, :b [2]}", Map({Keyword("a"): 1, Keyword("b"): (2,)})),
        ("#{1 2}", frozenset({1, 2})),
        ('#inst "1985"', Tagged("inst", "1985")),
        ("#a.Op{:f :read}", Tagged("a.Op", Map({Keyword("f"): Keyword("read")}))),
        ("#:op{:f 1 :x/y 2}", Map({Keyword("op/f"): 1, Keyword("x/y"): 2})),
        ("#object[java.lang.Foo 0x12 \"a\"]", Tagged("object", (Symbol("java.lang.Foo"), 18, "a"))),
        ("; a comment\n 1 ; another", 1),
        ("#_ gone #_ #_ (a) b ,,, 1", 1),
    ],
)  # fmt: skip
def test_each_form_is_read(string: str, value: Hashable) -> None:
    assert values(string) == [value]


def test_true_is_not_one_and_a_keyword_is_no_text() -> None:
    for one, other in (("true", "1"), (":a", '"a"'), ("a", '"a"'), (":a", "a")):
        assert values(one) != values(other)


@pytest.mark.parametrize(
    ("string", "place", "words"),
    [
        ("{:a 1", "1:1", "the map that begins here has no end"),
        ("[1\n (2}", "2:4", "found }, but the list of line 2 ends with )"),
        ("1 ]", "1:3", "this ] closes nothing"),
        ("{:a}", "1:2", "this map has a key without a value"),
        ("{:a 1 :a 2}", "1:7", ":a is twice in this map"),
        ("#{1 1}", "1:5", "1 is twice in this set"),
        ('\n"abc', "2:1", "the text that begins here has no end"),
        (r'"a\qb"', "1:3", r"\q means nothing in a text"),
        (r"\nowhere", "1:1", r"\nowhere is no character"),
        ("007", "1:1", "007 is no number"),
        ("12monkeys", "1:1", "12monkeys is no number"),
        ("1/0", "1:1", "1/0 is no number"),
        ("9" * 5000, "1:1", "is no number"),
        ("##Nan", "1:1", "##Nan is no number"),
        ("[1 #_ ]", "1:4", "#_ needs a form after it, not ]"),
        ("#inst", "1:1", "the form #inst that begins here has no end"),
        ("#:a [1]", "1:1", "#:a needs a map after it"),
        (" @a", "1:2", '"@a" is nothing that EDN knows'),
        ("::a", "1:1", '"::a" is nothing that EDN knows'),
        ("\x00", "1:1", r'"\u0000" is nothing that EDN knows'),
        ("[" * 3000, f"1:{DEEPEST + 1}", "forms are nested more than 200 deep"),
    ],
)
def test_each_error_tells_where_it_is(string: str, place: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        values(string)
    assert str(caught.value).startswith(f"h.edn:{place}: ")
    assert words in str(caught.value)


# ---- whatever is written can be read


def written(value: Hashable) -> str:
    match value:
        case None:
            return "nil"
        case Keyword() | Symbol() | int() | float():
            return repr(value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\\u007f", "\x7f")
        case tuple():
            return f"[{' '.join(map(written, value))}]"
        case frozenset():
            return f"#{{{' '.join(map(written, value))}}}"
        case Map():
            return f"{{{', '.join(f'{written(k)} {written(v)}' for k, v in value.items())}}}"
        case Tagged(tag, inner):
            return f"#{tag} {written(inner)}"
    raise AssertionError(value)


NAMES = st.from_regex(r"[a-z][a-z0-9.*+!?_-]{0,8}(/[a-z]{1,3})?", fullmatch=True)
ATOMS = (
    st.none()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | NAMES.map(Keyword)
    | NAMES.filter(lambda n: n != "nil").map(Symbol)
)
VALUES: st.SearchStrategy[Hashable] = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | st.frozensets(inner, max_size=4)
        | st.dictionaries(inner, inner, max_size=4).map(Map)
        | st.builds(Tagged, NAMES, inner)
    ),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=4))
def test_what_is_written_is_read_as_it_was(given: list[Hashable]) -> None:
    assert values("\n, ".join(map(written, given))) == given


@given(st.text(alphabet=st.sampled_from("[](){}#_:;\"\\ \n,a1/-.^@~`'\t%&é𝄞")))
def test_any_text_is_read_or_refused_in_a_sentence_with_its_place(string: str) -> None:
    try:
        forms = read(Source(string, "h.edn"))
    except BadInput as bad:
        said, forms = str(bad), []
    else:
        said = "h.edn:"
    assert said.startswith("h.edn:")
    assert all(0 <= form.at < len(string) for form in forms)
