"""Text that a screen shows: measured in columns, clipped, wrapped, and never obeyed."""

from hypothesis import given
from hypothesis import strategies as st

from playground.session.cells import (
    Line,
    clip,
    clip_line,
    length,
    line,
    pad,
    plain,
    prose,
    short,
    spread,
    visible,
    width,
    wrap,
    wrap_value,
)
from playground.session.notation import read
from playground.values import Map

texts = st.text(st.characters(codec="utf-8"), max_size=60).map(visible)
lines = st.lists(st.tuples(texts, st.sampled_from(["", "now", "dim"])), max_size=4).map(tuple)


values = st.recursive(
    st.sampled_from(["A", "-", '"a, b"', "(2,p1)"]),
    lambda inner: st.lists(inner, max_size=4).map(lambda each: "{" + ",".join(each) + "}"),
)


@given(values, st.integers(4, 30))
def test_a_value_in_lines_loses_nothing_and_fits(value: str, columns: int) -> None:
    found = wrap_value(value, columns)
    assert all(width(part) <= columns for part in found)
    assert "".join(found).replace(" ", "") == value.replace(" ", "")


def test_a_collection_is_broken_between_its_entries() -> None:
    assert wrap_value("{(1,p1):A,(2,p2):B}", 12) == ["{(1,p1):A,", "(2,p2):B}"]
    assert wrap_value("(Signed(A,c),)", 14) == ["(Signed(A,c),)"]
    assert wrap_value('{"a, b",c}', 7) == ['{"a,', 'b",', "c}"]


@given(texts)
def test_what_is_shown_can_be_printed_and_commands_no_terminal(text: str) -> None:
    assert visible(text).isprintable()


def test_an_escape_is_shown_as_a_sign() -> None:
    assert visible("\x1b[31mred\x07\u202e") == "␛[31mred␇\\u202e"


@given(texts, st.integers(0, 40))
def test_what_is_clipped_or_padded_fits(text: str, columns: int) -> None:
    assert width(clip(text, columns)) <= columns
    assert width(pad(text, columns)) == columns


@given(lines, st.integers(1, 40))
def test_a_clipped_line_fits_and_keeps_its_beginning(cells: Line, columns: int) -> None:
    clipped = clip_line(cells, columns)
    assert length(clipped) <= columns
    assert plain(cells).startswith(plain(clipped).removesuffix("…"))


@given(lines, st.integers(8, 40), st.integers(0, 3))
def test_wrapping_loses_nothing_but_blanks(cells: Line, columns: int, indent: int) -> None:
    wrapped = wrap(cells, columns, indent)
    assert all(length(part) <= columns for part in wrapped)
    assert _letters(wrapped) == _letters([cells])


def _letters(parts: list[Line]) -> list[tuple[str, str]]:
    return [(char, tag) for part in parts for text, tag in part for char in text if char.strip()]


def test_a_line_with_two_ends_keeps_the_right_one() -> None:
    assert plain(spread(line("a long title"), line("end"), 10)) == "a lon… end"


def test_emphasis_and_code_are_marked_as_in_markdown_and_nothing_else_is() -> None:
    said = prose("**Two** *leaders*, `m1`: 2*3*4 [red]no[/red]")
    assert said == (
        ("Two", "strong"),
        (" ", ""),
        ("leaders", "strong"),
        (", ", ""),
        ("m1", "code"),
        (": 2*3*4 [red]no[/red]", ""),
    )


def test_a_short_value_can_be_typed() -> None:
    value = Map({"a1": (1, "a, b: c"), "a2": None})
    assert short(value) == '{a1:(1,"a, b: c"),a2:-}'
    assert str(read(short(value))) == '{a1: (1, "a, b: c"), a2: -}'
