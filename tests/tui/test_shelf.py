"""Facts about what the menu offers, and what it is found by."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from playground.session import comparisons, scenarios, shelves
from playground.session.cells import plain
from playground.tui.shelf import Book, books, preview


@pytest.fixture(scope="module")
def offered() -> list[Book]:
    return [book for book in books() if book.kind != "continue"]


def test_the_menu_offers_everything_once(offered: list[Book]) -> None:
    found = sorted(book.name for book in offered)
    compared = [f"compare/{name}" for name in comparisons.names()]
    assert found == sorted([*shelves.names(), *scenarios.names(), *compared])


def test_a_scenario_stands_below_the_protocol_that_it_plays(offered: list[Book]) -> None:
    above = ""
    for book in offered:
        above = book.name if book.kind == "protocol" else above
        if book.protocol.split("/")[0] == book.family:
            assert book.protocol == above


def test_what_the_menu_proposes_to_type_finds_something(offered: list[Book]) -> None:
    menu = Path(scenarios.ROOT.parent, "playground/tui/menu.py").read_text("utf-8")
    proposed = re.search(r"type to filter: (.*?) …", menu)
    assert proposed
    for words in proposed.group(1).split(", "):
        assert any(book.fits(words) for book in offered), words


def test_a_protocol_is_told_in_paragraphs_that_the_width_may_break(offered: list[Book]) -> None:
    for book in (b for b in offered if b.kind == "protocol"):
        told = [plain(line) for line in preview(book)]
        assert any(line.startswith("Promise. ") for line in told), book.name
        assert not any(re.search(r"\w\s{3,}", line) for line in told), book.name
