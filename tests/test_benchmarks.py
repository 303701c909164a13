"""Facts about the benchmarks: they compare like with like, and say what they find."""

from __future__ import annotations

from benchmarks import floor, measure, startup
from benchmarks.measure import GOSSIP, Figure
from playground.session.catalog import load
from playground.session.schedule import Fair
from playground.session.session import Session


def test_the_floor_runs_the_same_system_as_the_session() -> None:
    session = Session(load(str(GOSSIP)), {"each": 1})
    bare = floor.Floor(session.nodes, floor.fifo())
    session.run(Fair(), 1000)
    bare.run(1000)
    for pid, node in session.world.nodes.items():
        twin = bare.nodes[pid][0]
        assert {name: getattr(twin, name) for name in twin.names()} == vars(node)


def test_the_gossip_keeps_as_many_messages_in_flight_as_it_is_told() -> None:
    for in_flight in (10, 1000, 2000):
        session = measure.gossip(in_flight)
        session.run(measure.schedule("random"), 300)
        assert len(session.state.flights) == in_flight
        assert session.state.broken == ()


def test_a_figure_says_whether_its_target_is_met() -> None:
    slow = Figure("step", "9 us", "3 us", value=3.1, target=3.0)
    assert not slow.met and "MISSED" in str(slow)
    rate = Figure("rate", "9 k/s", "30 k/s", value=30, target=20, unit="%", at_least=True)
    assert rate.met and "met" in str(rate)


def test_the_bare_programs_have_commands_to_show() -> None:
    assert startup.COMMAND.format(i=3).count("def command3") == 1
    compile(startup.HELP + startup.COMMAND.format(i=3), "bare.py", "exec")
    compile(startup.LIST.format(root="."), "bare.py", "exec")
