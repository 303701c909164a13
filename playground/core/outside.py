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
    Forge,
    Recover,
    Replay,
    Tick,
)
from playground.core.network import Envelope
from playground.core.step import Step
from playground.core.world import World
from playground.protocol.model import Assumption
from playground.values import Record


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


def _loss(before: World, action: Action, after: Step) -> str | None:
    """How a message was lost; what a traitor sent it may as well not have sent."""
    if after.lost and not isinstance(action, Tick):
        return "loss across a cut of reliable links"
    if isinstance(action, Drop) and not (
        action.envelope.dst in before.down or action.envelope.src in before.corrupt
    ):
        return "drop on a reliable link"
    return None
