"""Facts about the pane of a node: nothing that is missing looks as if it were all."""

from __future__ import annotations

import pytest

from playground.session.cells import plain
from playground.session.view import NodeView, Row
from playground.tui.widgets.nodes import Nodes, pane_lines
from tests.tui.driver import on_screen, playing


def pane(*rows: Row, columns: int = 24, lines: int = 3) -> list[str]:
    view = NodeView("p2", "proposer", True, rows, moved=True)
    return [plain(cells) for cells in pane_lines(view, columns, lines)]


PHASE = Row("phase", "accept", stable=False, was="prepare-to-go")


def test_an_old_value_stands_below_the_new_one_where_it_has_room() -> None:
    assert pane(PHASE, lines=4)[1:3] == [
        "│ ▸phase accept        │",
        "│    ← prepare-to-go   │",
    ]


def test_an_old_value_without_room_leaves_its_arrow_behind() -> None:
    assert pane(PHASE)[1] == "│ ▸phase accept ←…     │"


def test_a_value_that_is_cut_short_says_so() -> None:
    long = Row("log", "((1,p1),A),((2,p2),B)", stable=True)
    assert pane(long)[1] == "│■ log ((1,p1),A),((2… │"


def test_a_long_value_is_broken_between_its_entries() -> None:
    heard = Row("heard", "{(c,):ATTACK,(c,l2):RETREAT}", stable=False)
    assert pane(heard, columns=28, lines=4)[1:3] == [
        "│  heard {(c,):ATTACK,     │",
        "│        (c,l2):RETREAT}   │",
    ]


def test_of_a_field_of_a_layer_the_end_of_its_name_is_kept() -> None:
    deep = Row("ofcons.read_ballot", "20", stable=True)
    assert pane(deep)[1] == "│■ …ad_ballot 20       │"


@on_screen
@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_all_votes_of_a_general_are_in_sight(size: tuple[int, int]) -> None:
    async with playing("synchronous/om1_n4_commander", size) as d:
        before = d.play.query_one(Nodes).size.height
        for _ in range(11):
            await d.press("space")
        await d.press("1")
        for vote in ("{(c,):RETREAT,", "(c,l1):ATTACK,", "(c,l2):ATTACK}"):
            assert vote in d.text()
        if size[0] == 120:
            after = d.play.query_one(Nodes).size.height
            assert before < after
            await d.press("U")
            assert d.play.query_one(Nodes).size.height == after


@on_screen
async def test_a_clock_that_goes_wrong_says_at_which_rate() -> None:
    async with playing("leases/lease_drift") as d:
        assert "clock 0 " in d.text() and "×" not in d.text()
        await d.press("space", "space")
        assert "clock 5.5 ×0.5" in d.text()
        assert "last: advance 11 · it is 11 now" in d.text()


@on_screen
async def test_a_forgery_is_refused_or_rejected_before_everybodys_eyes() -> None:
    async with playing("synchronous/sm1_n3") as d:
        await d.command("ask c Command value=ATTACK")
        await d.command("tick")
        await d.command("forge Order c>l2 order=Signed(RETREAT,c)")
        assert "refused: c never signed RETREAT, and you do not hold" in d.text()
        await d.command("forge Order l1>l2 order=Signed(ATTACK,c)")
        assert "! forged ✗ bad tag" in d.text()
        await d.command("deliver m3")
        assert "○" in d.text() and "rejected: bad tag (sig: whoever forged it" in d.text()


@on_screen
async def test_badges_tell_which_detectors_the_outputs_may_come_from() -> None:
    async with playing("detectors/scripted") as d:
        await d.command("leader * p1")
        assert "detector may be ✓P ✓S ✓◇P ✓◇S ✓Ω" in d.text()
        await d.command("suspect p1 p2")
        assert "detector may be ✗P ✓S ✗◇P ✓◇S ✓Ω" in d.text()
        await d.press("u")
        assert "detector may be ✓P" in d.text()


@on_screen
async def test_the_title_tells_whether_the_generals_are_enough() -> None:
    async with playing("synchronous/om1_n4_two_traitors", (160, 40)) as d:
        assert "byzantine 0/1, n=4 > 3f" in d.text()
        await d.press("space", "space", "space")
        assert "byzantine 2/1, n=4 ≤ 3f" in d.text()


@on_screen
async def test_one_pane_can_have_the_whole_screen_and_goes_on() -> None:
    async with playing() as d:
        await d.press("space", "3", "M")
        text = d.text()
        assert "space-time" in text and "in flight" not in text and "╭ p1" not in text
        await d.press("s")
        assert d.step == 8 and "8 of 8" in d.text()
        await d.press("1", "right")  # another pane takes its place, and another node
        text = d.text()
        assert "▶p2" in text and "p1 proposer" not in text and "space-time" not in text
        assert "acceptors (a1,a2,a3)" in text  # what never changes has room here
        await d.pilot.resize_terminal(70, 20)
        assert "▶p2" in d.text()
        await d.pilot.resize_terminal(120, 40)
        await d.press("escape")
        assert all(word in d.text() for word in ("space-time", "in flight", "p1 proposer"))


@on_screen
async def test_help_begins_with_the_pane_that_has_the_keys() -> None:
    async with playing() as d:
        await d.press("3", "question_mark")
        text = d.text()
        assert "A double click travels to a step" in text and "back in time" in text
        await d.press("escape", "1", "question_mark")
        text = d.text()
        assert "what each remembers" in text and "previous node" in text
        assert "back in time" not in text


def test_the_only_line_of_a_pane_says_what_has_changed_and_that_a_timer_is_set() -> None:
    row = Row("round", "2", stable=True, was="1")
    view = NodeView("p2", "proposer", True, (row,), timers=(("Retry", True),), moved=True)
    assert [plain(cells) for cells in pane_lines(view, 30, 3)][
        1
    ] == "│■▸round 2 ← 1     ◷ Retry   │"
    assert [plain(cells) for cells in pane_lines(view, 20, 3)][1].endswith("← 1   ◷ │")


@on_screen
async def test_where_the_title_is_short_it_tells_of_traitors_and_time_alone() -> None:
    async with playing("synchronous/om1_n4_commander", (80, 24)) as d:
        assert "byzantine 0/1, n=4 > 3f · outside: -" in d.text().splitlines()[0]
        await d.command("corrupt c")
        assert "byzantine 1/1, n=4 > 3f · outside: -" in d.text().splitlines()[0]
        await d.press("o")
        shown = " ".join(d.text().replace("│", " ").split())
        assert "reliable links · crashes 0/0 · byzantine 1/1, n=4 > 3f" in shown
    async with playing("leases/lease_drift", (80, 24)) as d:
        await d.press("space", "space")
        assert "time 11 · outside: 1" in d.text().splitlines()[0]
