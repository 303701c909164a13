"""Facts about docs/reference.md: it is what the program knows of itself."""

from __future__ import annotations

import re

from docs.reference import FILE, NOTATION, reference, unexplained
from playground.session.grammar import parse
from playground.tui.actions import PLAY
from tests.helpers import ROOT


def test_the_reference_is_up_to_date() -> None:
    kept = FILE.read_text(encoding="utf-8").splitlines()
    assert kept == reference().splitlines(), "run make docs"


def test_each_line_of_the_notation_is_one_and_prints_as_it_stands_there() -> None:
    assert [line for line, _ in NOTATION if str(parse(line)) != line] == []


def test_each_word_of_the_notation_is_explained() -> None:
    assert unexplained() == set()


def test_each_key_that_the_readme_names_is_one() -> None:
    names = {"question_mark": "?", "colon": ":"}
    known = {names.get(key, key) for action in PLAY for key in action.keys.split(",")}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-zA-Z?:]|space|enter|ctrl\+\w)`", readme))
    assert len(named) > 10 and named <= known
