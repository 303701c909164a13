"""What can be searched for, as a line that is typed, and what the answer says."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.protocol import Map
from playground.session.aims import BOUNDS, COUNTED, Aim, pursue, read, usual
from playground.session.answers import answer, walk
from playground.session.errors import BadInput
from playground.session.job import Moment, Request, Searcher, Told
from playground.session.search_form import search_form
from playground.session.session import Session
from tests.helpers import played, session

LIMITS = st.dictionaries(
    st.sampled_from([b for b in BOUNDS if b not in ("horizon", "traitors", "forgeries")]),
    st.integers(0, 10**9 - 1),
)


def paxos() -> Session:
    return played("consensus/paxos", "ask p1 Propose value=A")


@given(LIMITS, st.sampled_from(["search", "search agreement validity", "reach chosen"]))
def test_an_aim_is_read_back_from_what_it_prints(limits: dict[str, int], line: str) -> None:
    verb, _, what = line.partition(" ")
    aim = Aim(verb, what, Map(limits))  # type: ignore[arg-type]  # one of the verbs
    assert read(paxos(), str(aim)) == aim


@pytest.mark.parametrize("name", [b for b in BOUNDS if b not in COUNTED])
def test_a_bound_may_be_lifted(name: str) -> None:
    protocol = "consensus/paxos" if name != "horizon" else "leases/lease_service"
    aim = read(session(protocol), f"search {name}=any")
    assert aim.given == Map({name: None})


@pytest.mark.parametrize(
    ("protocol", "line", "why"),
    [
        ("consensus/paxos", "search horizon=3", "unknown bound here 'horizon'"),
        ("leases/lease_service", "search timers=3", "unknown bound here 'timers'"),
        ("commit/two_phase_commit", "search traitors=1", "unknown bound here 'traitors'"),
    ],
)
def test_a_bound_that_makes_no_sense_here_is_refused(protocol: str, line: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        read(session(protocol), line)


def test_the_form_spells_only_what_differs_from_the_usual() -> None:
    form = search_form(paxos(), {})
    assert form.spell(form.values()) == "search"
    filled = form.values() | {"what": "agreement", "limit.crashes": "2", "limit.timers": "any"}
    assert form.spell(filled) == "search agreement crashes=2 timers=any"


@pytest.mark.parametrize(
    ("kind", "spelled"),
    [
        ("a dead end", "search chosen"),
        ("a way to a goal", "reach chosen"),
        ("a way to a condition", "way p1 down"),
        ("a showpiece", "show duel"),
    ],
)
def test_each_kind_of_search_has_its_fields(kind: str, spelled: str) -> None:
    form = search_form(paxos(), {"kind": kind})
    assert form.spell(form.values()) == spelled


def test_a_crash_is_usual_only_while_the_model_allows_another() -> None:
    here = paxos()
    assert usual(here, Aim("search"))["crashes"] == 1
    here.say("crash a1")
    assert usual(here, Aim("search"))["crashes"] == 0
    assert usual(here, Aim("search"))["recoveries"] == 1


def test_the_way_that_was_found_begins_where_the_search_did() -> None:
    here = paxos()
    found = asked(here, "way a3 decided").what
    began = here.history.branch
    here.say("drop m1")
    here.say("run fifo 5")
    trail = walk(here, found, began, 1)
    assert here.state.step == trail.last == 1 + len(found.lines)
    assert "a3" in here.state.decisions and "way" in here.history.bookmarks
    assert trail.at(here) == len(found.lines)
    here.say("undo")
    assert trail.at(here) == len(found.lines) - 1
    here.say(f"goto b{began.number}.{began.tip}")
    assert trail.at(here) is None


# ---- in another process, which has but the moment


def asked(here: Session, line: str) -> Told:
    request = pickle.loads(pickle.dumps(Request(Moment.of(here), line)))
    return Searcher().answer(request, lambda _: None)


def test_an_answer_from_a_moment_alone_is_the_same() -> None:
    here = paxos()
    for line in ("run fifo 3", "crash a1", "forge Promise a2>p1 n=(1,p1) accepted=-"):
        here.say(line)
    for line in ("search", "reach chosen", "way p1.phase == done"):
        aim = read(here, line)
        there = asked(here, line).what
        assert there.lines == answer(here, aim, pursue(here, aim)).lines


@pytest.mark.parametrize(
    ("protocol", "bug"),
    [("consensus/paxos", "decide_on_accept"), ("commit/two_phase_commit", "timeout_aborts")],
)
def test_a_session_with_a_bug_in_it_can_go_elsewhere(protocol: str, bug: str) -> None:
    here = session(protocol, {"bug": bug})
    for pid, what in here.protocol.workload(here.nodes):
        here.say(f"ask {pid} {type(what).__name__}" + (" value=A" if bug[0] == "d" else ""))
    told = asked(here, "search")
    assert told.kind == "answer" and told.what.bug


def test_a_silent_node_can_go_elsewhere() -> None:
    here = played("synchronous/om", "corrupt l1 silent")
    assert asked(here, "").kind == "valence"


def test_a_handler_that_raises_is_an_answer(tmp_path_protocol: str) -> None:
    here = session(tmp_path_protocol)
    here.say("ask p1 Go")
    told = asked(here, "search")
    assert told.kind == "answer", told
    assert "ZeroDivisionError" in told.what.head
    assert told.what.grounds[0] == "It comes of deliver m1, which can't be carried out."


@pytest.fixture
def tmp_path_protocol(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("own") / "dividing.py"
    file.write_text(DIVIDING, encoding="utf-8")
    return str(file)


DIVIDING = '''
"""Divides by nothing."""
from playground.protocol import Input, Message, Model, Role, always, upon

class Go(Input): pass
class Ping(Message): n: int

class Walker(Role):
    seen: int = 0

    @upon(Go)
    def go(self) -> None:
        """Send."""
        self.send(Ping(0), to="p2")

    @upon(Ping)
    def ping(self, src: str, n: int) -> None:
        """Divide."""
        self.seen = 1 // n

@always()
def fine(system) -> bool:
    """It is."""
    return True

def setup(): return [Walker("p1"), Walker("p2")]
def model(nodes): return Model()
def workload(nodes): return [("p1", Go())]
'''
