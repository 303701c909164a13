"""The rows that a screen shows of a moment, and what it says of what could be."""

from contextlib import suppress

from playground.session import aims
from playground.session.aims import VERBS
from playground.session.catalog import load
from playground.session.cells import plain
from playground.session.diagram import Chronicle, Lanes, diagram_line
from playground.session.errors import BadInput
from playground.session.grammar import parse
from playground.session.preview import arrivals, preview, preview_lines
from playground.session.session import Session
from playground.session.suggest import completions, possible
from playground.session.until import until
from playground.session.view import (
    down_since,
    happened,
    node_view,
    property_rows,
    queue_row,
    quick_words,
)
from tests.helpers import played


def paxos(*lines: str) -> Session:
    session = Session(load("consensus/paxos"), {"proposers": 2})
    for line in lines:
        session.say(line)
    return session


# ---- nodes and queue


def test_a_node_shows_what_is_on_disk_what_changed_and_what_it_was() -> None:
    session = paxos("ask p1 Propose value=A", "deliver Prepare p1>a1")
    view = node_view("a1", session.history.at(1), session.state, moved=True)
    rows = {row.name: row for row in view.rows}
    assert (view.role, view.up, view.moved) == ("acceptor", True, True)
    assert (rows["promised"].now, rows["promised"].was) == ("(1,p1)", "(0,none)")
    assert rows["promised"].stable and not rows["learned"].stable
    assert rows["accepted"].was is None


def test_a_timer_that_was_just_set_is_told_as_new() -> None:
    session = paxos("ask p1 Propose value=A")
    assert node_view("p1", session.history.at(0), session.state).timers == (("Retry", True),)
    assert node_view("p1", session.state, session.state).timers == (("Retry", False),)


def test_a_node_that_is_down_tells_since_when() -> None:
    session = paxos("ask p1 Propose value=A", "crash a1", "deliver Prepare p1>a2", "step")
    assert not node_view("a1", None, session.state).up
    assert down_since(session.history, "a1") == 2


def test_a_message_tells_its_age_its_origin_and_why_it_cannot_arrive() -> None:
    session = paxos(
        "ask p1 Propose value=A",
        "duplicate m1",
        "hold m2",
        "crash a3",
        "forge Prepare p2>a1 n=(7,p2)",
    )
    rows = {f.name: queue_row(session.state, f) for f in session.state.in_flight()}
    assert rows["m1"].sent == 1 and rows["m1"].label == "1a"
    assert rows["m1'"].flags == ("copy of m1",)
    assert rows["m2"].flags == ("held",)
    assert rows["m3"].why == "a3 is down"
    assert rows["m4"].flags == ("forged",)
    assert rows["m4"].what == "Prepare (7,p2)"


# ---- verdicts


def test_a_violation_with_something_outside_is_no_bug() -> None:
    session = paxos(
        "ask p1 Propose value=A", "run fifo 15", "forge Accept p2>a1,a2 n=(9,p2) value=X",
        "deliver Accept p2>*",
    )  # fmt: skip
    words = quick_words(session.state, session.properties)
    agreement = next(r for r in property_rows(session, words) if r.name == "agreement")
    assert agreement.word == "violated" and not agreement.bug
    assert "ballot 9 of p2 chose X" in agreement.why


def test_a_violation_with_nothing_outside_is_a_bug() -> None:
    session = Session(load("consensus/paxos"), {"bug": "decide_on_accept"})
    for command in ("ask p1 Propose value=A", "deliver *", "deliver *", "deliver Accept p1>a1"):
        session.say(command)
    rows = property_rows(session, quick_words(session.state, session.properties))
    assert [(r.name, r.bug) for r in rows if r.word == "violated"] == [("only_chosen", True)]


# ---- what would happen


def test_a_preview_tells_the_change_and_marks_the_lines_that_would_run() -> None:
    session = paxos("ask p1 Propose value=A")
    [m1, *_] = session.state.in_flight()
    found = preview(session, m1)
    assert found.title == "a1 · Acceptor.promise"
    assert found.effects == ("promised: (0, none) → (1, p1)", "sends Promise (1,p1) - to p1")
    ran = [code.strip() for code, runs in found.code if runs]
    assert ran == [
        "if n >= self.promised:",
        "self.promised = n",
        "self.send(Promise(n, self.accepted), to=src)",
    ]
    assert session.state.step == 1


def test_a_refusal_runs_the_other_branch() -> None:
    session = paxos("ask p1 Propose value=A", "ask p2 Propose value=B", "deliver Prepare p2>a1")
    [m1, *_] = session.state.in_flight()
    text = "\n".join(map(plain, preview_lines(preview(session, m1))))
    assert "→ sends PrepareRefused (1,p1) (1,p2) to p1" in text
    assert "▸     self.send(PrepareRefused(n, self.promised), to=src)" in text
    assert "▸     self.promised = n" not in text


def test_what_cannot_arrive_is_previewed_with_its_reason() -> None:
    session = paxos("ask p1 Propose value=A", "crash a1")
    [m1, *_] = session.state.in_flight()
    assert preview(session, m1).alarms == ("it can't arrive: a1 is down",)


def test_the_preview_of_a_message_for_a_layer_is_that_of_its_handler_there() -> None:
    run = played("consensus/omega_consensus", "ask p1 Propose value=A", "leader p1 p1")
    [first, *_] = run.state.in_flight()
    found = preview(run, first)
    assert found.title == "p2.ofcons · Process.read"
    assert found.rule.startswith("Promise to accept nothing of an older ballot")
    assert "ofcons.read_ballot: 0 → 1" in found.effects


def test_a_message_that_would_break_a_property_says_so() -> None:
    session = paxos(
        "ask p1 Propose value=A", "run fifo 15", "forge Accept p2>a1,a2 n=(9,p2) value=X",
        "deliver Accept p2>a1",
    )  # fmt: skip
    flight = next(f for f in session.state.in_flight() if f.origin == "forged")
    assert any("it would break agreement" in alarm for alarm in preview(session, flight).alarms)


def test_a_forgery_is_previewed_at_each_receiver() -> None:
    session = paxos("ask p1 Propose value=A")
    command = parse("forge Accept p2>a1,a2 n=(9,p2) value=X")
    found = arrivals(session, command)
    assert [dst for dst, _ in found] == ["a1", "a2"]
    assert "sends Accepted (9,p2) X to p2" in found[0][1].effects
    assert len(session.state.flights) == 3


# ---- the diagram


def test_the_diagram_draws_arrivals_losses_crashes_and_cuts() -> None:
    session = paxos(
        "ask p1 Propose value=A", "deliver m1", "drop m2", "crash a2", "cut {p1,a1} | {p2,a2,a3}"
    )
    chronicle, lanes = Chronicle(session), Lanes.fit(session.world.rules.pids, 120)
    drawn = [plain(diagram_line(lanes, chronicle[n], 5)) for n in range(1, 6)]
    assert drawn[0].split() == ["1", "●", "Propose", "A", *"││││", "sends", "m1", "m2", "m3"]
    assert "├─────────────┼────────m1──▶●" in drawn[1] and drawn[1].endswith("sends m4")
    assert "m2──× │" in drawn[2]
    assert "✖ crash" in drawn[3]
    assert "═╪═" in drawn[4] and "◀ now" in drawn[4]


def test_the_lane_of_a_node_that_is_down_is_broken() -> None:
    session = paxos("crash a1", "ask p1 Propose value=A")
    lanes = Lanes.fit(session.world.rules.pids, 120)
    assert "┊" in plain(diagram_line(lanes, Chronicle(session)[2], 2))


def test_the_chronicle_follows_the_line_when_it_branches() -> None:
    session = paxos("ask p1 Propose value=A", "deliver m1")
    chronicle = Chronicle(session)
    assert chronicle[2].event.command == "deliver m1"
    session.say("undo")
    assert chronicle[2].event.command == "deliver m1" and len(chronicle) == 2
    session.say("drop m1")
    assert chronicle[2].event.command == "drop m1"
    session.say("goto 1")
    assert len(chronicle) == 2


def test_a_step_is_told_in_a_sentence() -> None:
    session = paxos("ask p1 Propose value=A", "deliver m1")
    [event] = session.past(range(2, 3))
    assert happened(event) == "Prepare (1,p1) p1>a1 · a1.promised (0,none) → (1,p1) · sends m4"


# ---- what can be typed


def test_everything_that_is_suggested_can_be_done() -> None:
    lines = [line for line, _ in possible(paxos("ask p1 Propose value=A", "crash a3", "cut p1>a2"))]
    for line in lines:
        session = paxos("ask p1 Propose value=A", "crash a3", "cut p1>a2")
        verb, _, rest = line.partition(" ")
        if verb == "until":  # a run that is found before it is carried out
            with suppress(BadInput):  # this one may never come to be
                session.do(until(session, rest))
        elif verb in VERBS:
            assert str(aims.read(session, line)) == line
        else:
            session.say(line)
    assert {"deliver m1", "fire p1 Retry", "recover a3", "crash a1", "heal"} <= set(lines)
    assert "deliver m2" not in lines and "deliver m3" not in lines


def test_a_line_that_is_begun_is_completed_from_what_is_possible() -> None:
    session = paxos("ask p1 Propose value=A")
    assert list(completions(session, "deliver m"))[:2] == ["deliver m1", "deliver m2"]
    assert next(completions(session, "cra")) == "crash p1"
    assert next(completions(session, "deliver P")).startswith("deliver Prepare p1>a")
    assert list(completions(session, "fini")) == ["finish"]
    assert not list(completions(session, "nonsense")) and not list(completions(session, " "))
