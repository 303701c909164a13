"""Facts about a run seen from further away."""

from __future__ import annotations

from collections import Counter

import pytest

from playground.session.cells import length, plain
from playground.session.diagram import Chronicle, Lanes
from playground.session.overview import ZOOMS, Survey, overview_line, step_at, time_bar
from playground.session.session import Session
from tests.helpers import played

FAULTS = (
    "ask p1 Propose value=A",
    "deliver Prepare p1>*",
    "crash a1",
    "cut {p1} | {a2}",
    "bookmark dark",
    "drop Promise a1>p1",
    "heal",
    "recover a1",
    "forge Decide p2>a3 value=B",
    "deliver Decide p2>a3",
    "run fifo 30",
)


@pytest.fixture
def session() -> Session:
    return played("consensus/paxos", *FAULTS, setup={"proposers": 2})


def test_a_row_counts_what_the_steps_of_it_tell(session: Session) -> None:
    chronicle, survey = Chronicle(session), Survey(session)
    pids = session.world.rules.pids
    for first in range(1, len(survey) + 1, 10):
        last = min(first + 9, len(survey))
        events = [chronicle[n].event for n in range(first, last + 1)]
        span = survey.span(first, last)
        own = Counter(e.pid for e in events if e.action in ("deliver", "ask", "fire", "recover"))
        assert dict(zip(pids, span.ran, strict=True)) == {pid: own[pid] for pid in pids}
        assert dict(span.counts).get("delivered", 0) == sum(e.action == "deliver" for e in events)
        assert dict(span.counts).get("lost", 0) == sum(e.action == "drop" for e in events)


def test_who_is_down_and_what_is_cut_is_as_the_steps_tell_also_on_a_branch(
    session: Session,
) -> None:
    session.say("goto 8")
    session.say("crash a3")
    session.say("cut p1>a2")
    chronicle, survey = Chronicle(session), Survey(session)
    for n in range(1, len(survey) + 1):
        span = survey.span(n, n)
        assert (span.down, span.cut[1]) == (
            chronicle[n].down & (chronicle[n - 1].down if n > 1 else frozenset()),
            chronicle[n].cut,
        )


def test_landmarks_are_in_order_and_a_name_is_one_at_once(session: Session) -> None:
    survey = Survey(session)
    told = [(m.sign, m.what) for m in survey.landmarks()]
    assert told[:6] == [
        ("✖", "a1 crashes"),
        ("═", "links are cut"),
        ("⚑", "bookmark dark"),
        ("─", "all links are mended"),
        ("▲", "a1 recovers"),
        ("!", "forged from p2"),
    ]
    session.say("bookmark end")
    assert ("⚑", "bookmark end") in [(m.sign, m.what) for m in survey.landmarks()]
    session.say("goto 2")
    session.say("crash p1")
    assert [m.sign for m in survey.landmarks()] == ["┴", "✖"]


@pytest.mark.parametrize("size", ZOOMS[1:])
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_row_of_any_size_has_the_width_of_its_lanes(
    session: Session, size: int, columns: int
) -> None:
    survey = Survey(session)
    lanes = Lanes.fit(session.world.rules.pids, columns, len(survey))
    line = overview_line(lanes, survey.span(1, min(size, len(survey))), size, 0)
    assert plain(line)[lanes.left + lanes.x("p2")] in "│┊!█▏▎▍▌▋▊▉"
    assert "delivered" in plain(line)


@pytest.mark.parametrize("columns", [8, 20, 77])
def test_the_bar_of_a_run_shows_now_and_leads_where_it_is_clicked(
    session: Session, columns: int
) -> None:
    survey = Survey(session)
    tip = len(survey)
    for now in (0, 3, tip):
        bar = time_bar(survey, now, now, columns)
        assert length(bar) == columns
        assert step_at(plain(bar).index("●"), tip, columns) == pytest.approx(now, abs=tip / columns)
    assert (step_at(0, tip, columns), step_at(columns - 1, tip, columns)) == (0, tip)
