"""The space-time diagram outside of the screen."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from playground.formats.drawing import as_svg, as_text
from playground.session import scenario, scenarios
from playground.session.catalog import load
from playground.session.playback import Playback
from playground.session.session import Session

SVG = "{http://www.w3.org/2000/svg}"


def paxos(*lines: str) -> Session:
    session = Session(load("consensus/paxos"), {"proposers": 2, "acceptors": 3})
    for line in lines:
        session.say(line)
    return session


def test_the_text_is_the_diagram_of_the_screen_without_colours() -> None:
    drawn = as_text(paxos("ask p1 Propose value=A", "deliver m1", "drop m2", "crash a3"))
    rows = drawn.splitlines()
    assert rows[0].split() == ["p1", "p2", "a1", "a2", "a3"]
    assert len(rows) == 5 and not any(row != row.rstrip() for row in rows)
    assert "m1──▶●" in rows[2] and "×" in rows[3] and "✖ crash" in rows[4]
    assert not any("◀ now" in row for row in rows)


def test_an_arrow_of_the_picture_begins_where_its_message_was_sent() -> None:
    picture = ElementTree.fromstring(as_svg(paxos("ask p1 Propose value=A", "cut p1>a1",
                                                  "deliver m2"), "late"))  # fmt: skip
    [arrow] = [e for e in picture.iter(f"{SVG}line") if e.get("class") == "arrow"]
    numbers = {e.text: float(e.get("y", "")) - 4 for e in picture.iter(f"{SVG}text")
               if e.get("text-anchor") == "end"}  # fmt: skip
    assert (float(arrow.get("y1", "")), float(arrow.get("y2", ""))) == (numbers["1"], numbers["3"])
    assert len([e for e in picture.iter(f"{SVG}line") if e.get("class") == "flying"]) == 3


def test_a_lane_is_dotted_while_its_node_is_down() -> None:
    drawn = as_svg(paxos("crash a1", "ask p1 Propose value=A", "recover a1"), "down")
    assert drawn.count('class="down"') == 1
    assert drawn.count('class="lane"') == 6


@pytest.mark.parametrize("name", [n for n in scenarios.names() if n.startswith("commit/")][:4])
def test_pictures_of_scenarios_are_valid_and_load_nothing(name: str) -> None:
    playback = Playback(scenario.load(scenarios.find(name)))
    for _ in playback.play():
        pass
    drawn = as_svg(playback.session, playback.scenario.title)
    ElementTree.fromstring(drawn)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|<script|@import", drawn)


def test_what_messages_say_can_do_nothing_to_the_picture() -> None:
    hostile = 'ask p1 Propose value="</text><script>alert(1)</script>"'
    drawn = as_svg(paxos(hostile, "deliver m1"), "<b>title")
    ElementTree.fromstring(drawn)
    assert "<script" not in drawn and "<b>" not in drawn
