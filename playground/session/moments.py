"""The tree of moments for people: its branches, its bookmarks, and what changed between two."""

from __future__ import annotations

from collections.abc import Iterator

from playground.session.branch import Branch
from playground.session.cells import Line, line, visible
from playground.session.history import History
from playground.session.session import Session
from playground.session.state import State
from playground.session.view import rows, say

SHOWN = 12
"""How many messages are told one by one."""


def branches(history: History) -> list[tuple[Line, str]]:
    """A line for each branch, with the place that `goto` takes to get to its end."""
    longest = max(branch.tip for branch in history.branches) or 1
    found = []
    for branch in history.branches:
        here = history.branch.owner(history.step) is branch or history.branch is branch
        drawn = _drawn(branch, longest)
        about = f"steps {branch.fork + 1} to {branch.tip}" if branch.codes else "no steps yet"
        of = f", from step {branch.fork} of branch {branch.parent.number}" if branch.parent else ""
        mark = "▸" if history.branch is branch else " "
        cells = line(
            (f"{mark} branch {branch.number:<3}", "now" if history.branch is branch else "strong"),
            (drawn, "arrow" if here else "dim"),
            (f"  {about}{of}", "dim"),
            (f": {visible(branch.given or branch.begun)}" if branch.parent else "", "code"),
        )
        found.append((cells, f"b{branch.number}"))
    return found


def _drawn(branch: Branch, longest: int, columns: int = 24) -> str:
    """Where it begins and ends, on a scale."""
    begin, end = (round(step * columns / longest) for step in (branch.fork, branch.tip))
    return (" " * begin + ("└" if branch.parent else "") + "─" * (end - begin)).ljust(columns + 1)


def state_at(history: History, branch: Branch, step: int) -> State:
    """The state of a moment of any branch; here and now stay as they are."""
    if history.branch.tip >= step and history.branch.owner(step) is branch.owner(step):
        return history.at(step)
    here = history.branch, history.step
    state = history.go(step, branch)
    history.go(here[1], here[0])
    return state


def changed(session: Session, where: str, there: str = "") -> list[Line]:
    """What is different in the second of two moments, by default the present, as `goto` knows
    them.  Raises BadInput if one of them is none."""
    history = session.history
    before = state_at(history, *session.moment(where))
    after = state_at(history, *session.moment(there)) if there else session.state
    return list(changes(before, after))


def changes(before: State, after: State) -> Iterator[Line]:
    """What is different in the second of two moments, wherever they are."""
    for pid in after.world.rules.pids:
        told = list(_of_node(before, after, pid))
        if told:
            yield line((pid, "name"))
            yield from told
    for title, there, other in (
        ("no longer in flight", before, after),
        ("in flight now", after, before),
    ):
        known = {(f.name, f.envelope) for f in other.in_flight()}  # another line has another m7
        own = [f for f in there.in_flight() if (f.name, f.envelope) not in known]
        if own:
            yield line((f"{title}: {len(own)}", "strong"))
        for flight in own[:SHOWN]:
            e = flight.envelope
            yield line(f"  {flight.name} {visible(say(e.message))} ", (f"{e.src}>{e.dst}", "dim"))
    yield from _verdicts(before, after)


def _verdicts(before: State, after: State) -> Iterator[Line]:
    was, now = ({b.property: b for b in state.broken} for state in (before, after))
    for name in [n for n in now if n not in was]:
        told = f"✗ {name} violated at step {now[name].step}: {visible(now[name].why)}"
        yield line((told, "bad"))
    for name in [n for n in was if n not in now]:
        yield line((f"✓ {name} is not violated here", "good"))
    for name in sorted(set(after.goals) - set(before.goals)):
        yield line((f"✓ {name} reached at step {after.goals[name]}", "good"))
    for name in sorted(set(before.goals) - set(after.goals)):
        yield line((f"… {name} is not reached here", "warn"))


def _of_node(before: State, after: State, pid: str) -> Iterator[Line]:
    was, now = pid in before.world.down, pid in after.world.down
    if was != now:
        yield line("  ", ("✖ down" if now else "▲ up again", "bad" if now else "good"))
    for row in rows(after.world.nodes[pid], before.world.nodes[pid]):
        if row.was is not None:
            value = (visible(row.now), "now")
            yield line(f"  {row.name} ", (visible(row.was), "old"), " → ", value)
    timers = [{timer for p, timer in s.world.timers if p == pid} for s in (before, after)]
    for timer in sorted(timers[1] - timers[0], key=repr):
        yield line("  ", ("◷ ", "warn"), f"{visible(say(timer))} is set")
    for timer in sorted(timers[0] - timers[1], key=repr):
        yield line("  ", ("◷ ", "dim"), f"{visible(say(timer))} is not set any more")
    decided, told = before.decisions.get(pid), after.decisions.get(pid)
    if told is not None and (decided is None or decided.output != told.output):
        yield line("  ", (f"★ {visible(say(told.output))} at step {told.step}", "good"))
    elif decided is not None and told is None:
        yield line("  ", ("★ has not decided here", "warn"))
