"""Forms for what happens to nodes, links and time: crashes, timers, cuts, chance, and the past."""

from __future__ import annotations

import re

from playground.session.conditions import read
from playground.session.errors import BadInput
from playground.session.forms import Form, Values, choice, free, several, split
from playground.session.session import Session
from playground.session.view import spelled
from playground.values import text

SIDES = "two sides"
ONE_WAY = "one direction"


def fire(session: Session, values: Values) -> Form:
    """One of the timers that are set."""
    timers = sorted(session.world.timers, key=repr)
    if not timers:
        raise BadInput("no timer is set")
    lines = {}
    for pid, timer in timers:
        lines[f"{pid} {spelled(timer)}"] = pid
    own = [line for line, pid in lines.items() if pid == values.get("pid")]
    start = {"timer": own[0]} if own else {}
    field = choice("timer", "timer", list(lines), {**start, **values})
    return Form("fire a timer", (field,), lambda v: f"fire {v.get('timer', '')}")


def crash(session: Session, values: Values) -> Form:
    """A node that is up; at once, or in the middle of a step."""
    up = [p for p in session.world.rules.pids if p not in session.world.down]
    if not up:
        raise BadInput("all nodes are down already")
    pid = choice("pid", "node", up, values)
    wanted = "blank: at once; k: a step is cut short after its first k effects"
    after = free("after", "after", values.get("after", ""), wanted, _number_or_blank)

    def spell(v: Values) -> str:
        effects = v.get("after", "").strip()
        return f"crash {v.get('pid', '')}" + (f" after={effects}" if effects else "")

    return Form("crash a node", (pid, after), spell)


def recover(session: Session, values: Values) -> Form:
    down = sorted(session.world.down)
    if not down:
        raise BadInput("no node is down")
    pid = choice("pid", "node", down, values)
    disk = choice("disk", "disk", ["kept", "lost"], values)

    def spell(v: Values) -> str:
        return f"recover {v.get('pid', '')}" + (" amnesia" if v.get("disk") == "lost" else "")

    return Form("recover a node", (pid, disk), spell)


def corrupt(session: Session, values: Values) -> Form:
    """Hands the keys of a node to the user; it goes on as before, or follows a strategy."""
    pid = choice("pid", "node", session.world.rules.pids, values, steers=True)
    known = session.protocol.strategies(type(session.world.nodes[pid.value]))
    how = choice("strategy", "strategy", ["goes on", *known], values)

    def spell(v: Values) -> str:
        strategy = v.get("strategy", "")
        return f"corrupt {v.get('pid', '')}" + (f" {strategy}" if strategy in known else "")

    return Form("corrupt a node", (pid, how), spell)


def cut(session: Session, values: Values) -> Form:
    """Between one side and all others, or one directed link."""
    pids = session.world.rules.pids
    if len(pids) < 2:
        raise BadInput("one node alone can't be cut off")
    how = choice("how", "cut", [SIDES, ONE_WAY], values, steers=True)
    if how.value == ONE_WAY:
        src = choice("src", "from", pids, values)
        dst = choice("dst", "to", pids, {"dst": pids[-1], **values})

        def one_way(v: Values) -> str:
            if v.get("src") == v.get("dst"):
                raise BadInput("a node has no link to itself")
            return f"cut {v.get('src', '')}>{v.get('dst', '')}"

        return Form("cut links", (how, src, dst), one_way)
    side = several("side", "one side", pids, {"side": values.get("side", values.get("pid", ""))})

    def two_sides(v: Values) -> str:
        here = split(v.get("side", ""))
        there = [p for p in pids if p not in here]
        if not there:
            raise BadInput("somebody must be on the other side")
        return f"cut {{{','.join(here)}}} | {{{','.join(there)}}}"

    return Form("cut links", (how, side), two_sides)


def advance(session: Session, values: Values) -> Form:
    """Real time passes, by default until the next timer is due."""
    if session.world.time is None:
        raise BadInput(f"there is no time here: timing is {session.world.rules.model.timing}")
    by = session.world.time.next()
    field = free("by", "by", values.get("by", text(by or 1)), "10, 0.5 or 1/3", _amount)
    return Form("let time pass", (field,), lambda v: f"advance {v.get('by', '').strip()}")


def clock(session: Session, values: Values) -> Form:
    """A clock that goes wrong, or right again."""
    if session.world.time is None:
        raise BadInput(f"there are no clocks here: timing is {session.world.rules.model.timing}")
    pid = choice("pid", "node", ["*", *session.world.rules.pids], values)
    how = choice("how", "its", ["rate", "offset", "strobe"], values, steers=True)
    amount = free("by", "is", values.get("by", "0.5"), "2, 0.5 or 1/3", _amount)

    def spell(v: Values) -> str:
        change = v.get("how", "")
        change = change if change == "strobe" else f"{change}={v.get('by', '').strip()}"
        return f"clock {v.get('pid', '')} {change}"

    fields = (pid, how) if how.value == "strobe" else (pid, how, amount)
    return Form("set a clock", fields, spell)


def heal(session: Session, values: Values) -> Form:
    cuts = sorted(session.world.cuts)
    if not cuts:
        raise BadInput("no link is cut")
    field = choice("link", "link", ["all", *(f"{src}>{dst}" for src, dst in cuts)], values)

    def spell(v: Values) -> str:
        return "heal" if v.get("link") == "all" else f"heal {v.get('link', '')}"

    return Form("heal links", (field,), spell)


def random(session: Session, values: Values) -> Form:
    """Steps of chance from a seed that is shown, so that they can be had again."""
    seed = free("seed", "seed", values.get("seed", "1"), "a whole number", _number)
    steps = free("steps", "steps", values.get("steps", "20"), "how many", _number)
    return Form(
        "random steps",
        (seed, steps),
        lambda v: f"seed {v.get('seed', '').strip()} random {v.get('steps', '').strip()}",
    )


def until(session: Session, values: Values) -> Form:
    """Fair steps until something is so."""
    kinds = [type(f.envelope.message).__name__ for f in session.state.in_flight()]
    first = f"no {kinds[0]} in flight" if kinds else f"{session.world.rules.pids[0]} decided"
    wanted = "p1.phase == done, Promise in flight, agreement violated"

    def check(condition: str) -> None:
        read(session, condition)

    field = free("condition", "until", values.get("condition", first), wanted, check)
    return Form("run until", (field,), lambda v: f"until {v.get('condition', '').strip()}")


def bookmark(session: Session, values: Values) -> Form:
    name = values.get("name", f"step{session.state.step}")
    field = free("name", "name", name, "a word", _word)
    return Form("bookmark this moment", (field,), lambda v: f"bookmark {v.get('name', '').strip()}")


def goto(session: Session, values: Values) -> Form:
    """A step of this line, or a bookmark."""
    history = session.history
    marks = ", ".join(history.bookmarks)
    wanted = f"a step, 0 to {history.branch.tip}" + (f", or a bookmark: {marks}" if marks else "")
    wanted += ", or b1.7: a branch and a step" if len(history.branches) > 1 else ""

    def check(where: str) -> None:
        session.moment(where.strip())

    field = free("where", "go to", values.get("where", "0"), wanted, check)
    return Form("go to a moment", (field,), lambda v: f"goto {v.get('where', '').strip()}")


def changed(session: Session, values: Values) -> Form:
    """Two moments, to be told what is different in the second."""
    wanted = "a step, a bookmark, b2 or b2.7"

    def check(where: str) -> None:
        session.moment(where.strip())

    since = free("since", "since", values.get("since", "0"), wanted, check)
    now = str(session.history.step)
    until = free("until", "until", values.get("until", now), wanted, check)

    def spell(v: Values) -> str:
        return f"changed {v.get('since', '').strip()} {v.get('until', '').strip()}"

    return Form("what is different", (since, until), spell)


def _amount(value: str) -> None:
    if not re.fullmatch(r"-?\d+(\.\d+)?(/[1-9]\d*)?", value.strip()):
        raise BadInput(f"{value!r} is no number, such as 10, 0.5 or 1/3")


def _number(value: str) -> None:
    if not re.fullmatch(r"\d{1,9}", value.strip()):
        raise BadInput(f"{value!r} is no whole number")


def _number_or_blank(value: str) -> None:
    if value.strip():
        _number(value)


def _word(value: str) -> None:
    if not re.fullmatch(r"[\w.-]+", value.strip()):
        raise BadInput("a name is letters, digits, - and .")
