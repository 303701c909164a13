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
from playground.core.step import Step, undeliverable
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
    model, time = before.rules.model, before.time
    match action:
        case Elapse() if model.delay is not None and after.time:
            arriving = [e.at for e in after.network if undeliverable(after, e) is None]
            late = [at for at in arriving if at is not None and after.time.now - at > model.delay]
            if late:
                messages = "1 message" if len(late) == 1 else f"{len(late)} messages"
                return [Breach("synchrony", f"{messages} late, by a bound of {text(model.delay)}")]
        case Fire(pid, timer) if time and not time.is_due(pid, timer):
            return [Breach("drift", f"{type(timer).__name__} of {pid} went off early")]
        case SetClock(pid, rate) if rate is not None and abs(rate - 1) > model.drift:
            return [Breach("drift", f"clock of {pid} at rate {text(rate)}")]
        case SetClock(pid, _, offset) if offset:
            return [Breach("drift", f"clock of {pid} set by {text(offset)}")]
    return []


def _loss(before: World, action: Action, after: Step) -> str | None:
    """How a message was lost; what a traitor sent it may as well not have sent."""
    if after.lost and not isinstance(action, Tick):
        return "loss across a cut of reliable links"
    if isinstance(action, Drop) and not (
        action.envelope.dst in before.down or action.envelope.src in before.corrupt
    ):
        return "drop on a reliable link"
    return None
