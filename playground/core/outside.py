"""Which assumptions of the model an action leaves."""

from __future__ import annotations

from playground.core.actions import (
    Action,
    Ask,
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
from playground.core.world import Sight, World
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
        case Duplicate(envelope) | Replay(envelope) if "duplicating" not in model.links:
            if envelope.src not in before.corrupt:
                what = type(action).__name__.lower()
                found.append(Breach("no duplication", f"{what} on a link that does not duplicate"))
        case Deliver(envelope) if not before.network.is_next(envelope):
            found.append(Breach("fifo", "reordering on a FIFO link"))
        case Forge(Envelope(src, _, message)) | Edit(Envelope(src), message):
            if src not in before.corrupt and model.auth in ("none", "channel"):
                done = "forged" if isinstance(action, Forge) else "edited"
                found.append(Breach("auth", f"{done} {type(message).__name__}"))
        case Ask(pid, asked) if asked.leaves is not None:
            found.append(Breach(asked.leaves, f"{type(asked).__name__} at {pid}"))
        case Tick():
            if late := sum(_is_late(before, e) for e in before.network):
                found.append(Breach("synchrony", f"{_count(late, 'message')} late for the round"))
        case Elapse() | Fire() | SetClock():
            found += _untimely(before, action, after.world)
        case Recover(pid, amnesia):
            if amnesia:
                found.append(Breach("stable memory", f"amnesia of {pid}"))
            if not model.recovery:
                found.append(Breach("crash-stop", f"recovery of {pid} in a crash-stop model"))
    return found + _too_many(before, after.world)


def _too_many(before: World, after: World) -> list[Breach]:
    """More faulty nodes than the theory can bear.  Who is down beyond the crash bound counts as a
    traitor, who might have kept silent as well."""
    model = before.rules.model
    liars, silent = _traitors(after)
    if not sum(_traitors(before)) < liars + silent > model.byzantine:
        return []
    if not liars and not model.byzantine:
        return [Breach("crash bound", f"{_count(len(after.down), 'crash')} > {model.crashes}")]
    faults = [_count(liars, "traitor")] * bool(liars) + [_count(silent, "crash")] * bool(silent)
    return [Breach("byzantine bound", f"{' and '.join(faults)} > {model.byzantine}")]


def _traitors(world: World) -> tuple[int, int]:
    """Those that are corrupt, and those that count as such since they are down."""
    down = len(world.down - world.corrupt)
    return len(world.corrupt), max(0, down - world.rules.model.crashes)


def _count(number: int, what: str) -> str:
    plural = "es" if what.endswith("sh") else "s"
    return f"1 {what}" if number == 1 else f"{number} {what}{plural}"


def _is_late(world: World, envelope: Envelope) -> bool:
    """At the end of a round; a traitor may as well have sent it in the next one."""
    return envelope.dst not in world.down and envelope.src not in world.corrupt


def unsent(world: Sight, envelope: Envelope) -> bool:
    """In rounds, what a node that is down was about to send: the crash came in the middle of the
    round, and any of these messages may have gone out or not."""
    return world.rules.model.timing == "rounds" and envelope.src in world.down


def _untimely(before: World, action: Action, after: World) -> list[Breach]:
    """What breaks the bounds on delays and clocks, where there are any."""
    match action:
        case Elapse() if before.rules.model.delay is not None:
            return [Breach("synchrony", what) for what in _late(before, after)]
        case Fire(pid, timer) if before.time and not before.time.is_due(pid, timer):
            return [Breach("drift", f"{type(timer.bare).__name__} of {pid} went off early")]
        case SetClock(pid, rate):
            found = []
            if rate is not None and abs(rate - 1) > before.rules.model.drift:
                found.append(Breach("drift", f"clock of {pid} at rate {text(rate)}"))
            if jump := after.local_time(pid) - before.local_time(pid):
                found.append(Breach("drift", f"clock of {pid} set by {text(jump)}"))
            return found
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
    if after.lost and not isinstance(action, Tick | Elapse):
        return "loss across a cut of reliable links"
    match action:
        case Drop(e) if not (e.dst in before.down or e.src in before.corrupt or unsent(before, e)):
            return "drop on a reliable link"
    return None
