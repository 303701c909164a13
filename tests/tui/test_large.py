"""Large letters: facts about their pictures, and about how they are set."""

from __future__ import annotations

from string import ascii_letters, digits, printable

from hypothesis import given
from hypothesis import strategies as st

from playground.session.cells import length, line, plain
from playground.tui.large import BLANK, HEIGHT, QUARTERS, large, pictures

WORDS = st.lists(st.text(ascii_letters + digits + ".,'()", min_size=1, max_size=12), min_size=1)


def dots(rows: list[str]) -> list[str]:
    """Quarter blocks as rows of dots."""
    told = []
    for row in rows:
        bits = [QUARTERS.index(char) for char in row]
        for upper, lower in ((1, 2), (4, 8)):
            told.append(
                "".join(("#" if b & upper else ".") + ("#" if b & lower else ".") for b in bits)
            )
    return told


def test_everything_on_a_keyboard_has_a_picture_of_its_own() -> None:
    found = pictures()
    assert {char for char in printable if char.isprintable() and char != " "} <= set(found)
    drawn = [found[char] for char in ascii_letters + digits]
    assert len(set(drawn)) == len(drawn)
    for char, rows in found.items():
        assert len(rows) == HEIGHT and len({len(row) for row in rows}) == 1, char
        assert {dot for row in rows for dot in row} <= {".", "#"}, char


def test_a_letter_is_drawn_as_its_picture() -> None:
    rows = large(line("g"), 10)
    assert rows is not None
    drawn = dots([plain(row).ljust(3) for row in rows])
    assert [row[:6] for row in drawn] == list(pictures()["g"])


@given(WORDS, st.integers(40, 200))
def test_no_line_is_wider_than_it_may_be(words: list[str], columns: int) -> None:
    rows = large(line(" ".join(words)), columns)
    if rows is None:
        assert any(sum(len(pictures()[c][0]) + 1 for c in w) > 2 * columns for w in words)
    else:
        assert all(length(row) <= columns for row in rows)
        assert all(char in QUARTERS for row in rows for char in plain(row))


@given(WORDS)
def test_words_that_fit_stand_on_one_line_with_their_tags(words: list[str]) -> None:
    rows = large(line((" ".join(words), "now")), 10_000)
    assert rows is not None and len(rows) == HEIGHT // 2
    assert {tag for row in rows for text, tag in row if text.strip()} <= {"now"}
    width = sum(len(pictures()[c][0]) + 1 for word in words for c in word)
    width += BLANK * (len(words) - 1)
    assert max(map(length, rows)) <= (width + 1) // 2


def test_what_has_no_picture_is_not_drawn_at_all() -> None:
    assert large(line("a 漢 b"), 100) is None
