"""Which assumptions of the model an action leaves."""

from __future__ import annotations

from playground.core.actions import (
    Action,
    Ask,
    Corrupt,
    Deliver,
    Drop,
    Duplicate,
    Edit,
    Elapse,
    Fire,
    Forge,
    Recover,
    Replay,
    SetClock,
    Tick,
)
from playground.core.network import Envelope
from playground.core.step import Step
from playground.core.world import World
from playground.protocol.model import Assumption
from playground.values import Record, text


class Breach(Record):
    """An assumption that was left, and how: "drop on a reliable link"."""

    assumption: Assumption
    what: str


def breaches(before: World, action: Action, after: Step) -> list[Breach]:
    """What `action` did that the theory rules out; [] while it stays inside its model."""
    model = before.rules.model
    found: list[Breach] = []
    if (lost := _loss(before, action, after)) and "lossy" not in model.links:
        found.append(Breach("reliable links", lost))
    match action:
        case Duplicate() | Replay() if "duplicating" not in model.links:
            what = type(action).__name__.lower()
            found.append(Breach("no duplication", f"{what} on a link that does not duplicate"))
        case Deliver(envelope) if model.fifo and envelope not in before.network.heads():
            found.append(Breach("fifo", "reordering on a FIFO link"))
        case Forge(Envelope(src, _, message)) | Edit(Envelope(src), message):
            if src not in before.corrupt and model.auth in ("none", "channel"):
                done = "forged" if isinstance(action, Forge) else "edited"
                found.append(Breach("auth", f"{done} {type(message).__name__}"))
        case Corrupt():
            if len(before.corrupt) < (traitors := len(after.world.corrupt)) > model.byzantine:
                liars = "1 traitor" if traitors == 1 else f"{traitors} traitors"
                found.append(Breach("byzantine bound", f"{liars} > {model.byzantine}"))
        case Ask(pid, asked) if asked.leaves is not None:
            found.append(Breach(asked.leaves, f"{type(asked).__name__} at {pid}"))
        case Tick():
            late = sum(e.dst not in before.down for e in before.network)
            if late:
                messages = "1 message" if late == 1 else f"{late} messages"
                found.append(Breach("synchrony", f"{messages} late for the round"))
        case Elapse() | Fire() | SetClock():
            found += _untimely(before, action, after.world)
        case Recover(pid, amnesia):
            if amnesia:
                found.append(Breach("stable memory", f"amnesia of {pid}"))
            if not model.recovery:
                found.append(Breach("crash-stop", f"recovery of {pid} in a crash-stop model"))
    down = len(after.world.down)
    if len(before.down) < down > model.crashes:
        crashes = "1 crash" if down == 1 else f"{down} crashes"
        found.append(Breach("crash bound", f"{crashes} > {model.crashes}"))
    return found


def _untimely(before: World, action: Action, after: World) -> list[Breach]:
    """What breaks the bounds on delays and clocks, where there are any."""
    match action:
        case Elapse() if before.rules.model.delay is not None:
            return [Breach("synchrony", what) for what in _late(before, after)]
        case Fire(pid, timer) if before.time and not before.time.is_due(pid, timer):
            return [Breach("drift", f"{type(timer.bare).__name__} of {pid} went off early")]
        case SetClock(pid, rate) if rate is not None and abs(rate - 1) > before.rules.model.drift:
            return [Breach("drift", f"clock of {pid} at rate {text(rate)}")]
        case SetClock(pid) if jump := after.local_time(pid) - before.local_time(pid):
            return [Breach("drift", f"clock of {pid} set by {text(jump)}")]
    return []


def _late(before: World, after: World) -> list[str]:
    """What became late as time passed: messages, also those that wait at a cut, and timers; where
    delays are bounded, a node takes no time to do what is due."""
    delay, now, then = before.rules.model.delay, before.time, after.time
    assert delay is not None and now is not None and then is not None
    honest = [e for e in before.network if e.dst not in before.down and e.src not in before.corrupt]
    due_by = [e.at + delay for e in honest if e.at is not None]
    late = []
    if any(now.now <= by < then.now for by in due_by):
        late.append(f"a message takes more than {text(delay)}")
    for pid, timer in sorted(now.due, key=repr):
        due = now.when((pid, timer))
        if due is not None and now.now <= due < then.now:
            late.append(f"{type(timer.bare).__name__} of {pid} is late")
    return late


def _loss(before: World, action: Action, after: Step) -> str | None:
    """How a message was lost; what a traitor sent it may as well not have sent."""
    if after.lost and not isinstance(action, Tick):
        return "loss across a cut of reliable links"
    if isinstance(action, Drop) and not (
        action.envelope.dst in before.down or action.envelope.src in before.corrupt
    ):
        return "drop on a reliable link"
    return None
