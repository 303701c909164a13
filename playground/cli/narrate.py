"""A run told in sentences, for people who read it line by line or have it read to them.

No sign carries a meaning of its own: what the notation prints as `-` or `{}` is a word here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from playground.cli.out import listed
from playground.protocol import Event as ProtocolEvent
from playground.session.events import Event
from playground.session.expectations import Expectation
from playground.session.state import Flight
from playground.values import text


def sentences(e: Event) -> list[str]:
    """What was done, and what came of it."""
    told = [_deed(e)]
    if note := _note(e):
        told.append(note)
    told += [f"{c.pid}: {c.field} was {_word(c.was)}, is now {_word(c.now)}." for c in e.changes]
    told += _sent(e.sent) if e.action not in _LAUNCHES else []
    told += [f"{pid} tells: {_what(what)}." for pid, what in e.told]
    told += [f"This is outside the model: {what}." for what in e.outside]
    told += [f"The property {name} is violated: {why}." for name, why in e.broken]
    return told


def _note(e: Event) -> str:
    if e.note:
        return "It is ignored." if e.note == "ignored" else f"{_capital(e.note)}."
    nothing = e.action == "deliver" and not (e.changes or e.sent or e.told)
    return "Nothing changes." if nothing else ""


_LAUNCHES = ("forge", "edit", "replay", "duplicate")


def _deed(e: Event) -> str:
    what = _what(e.what) if e.what else ""
    link = f"from {e.src} to {e.dst}"
    match e.action:
        case "deliver":
            return f"Message {e.id} arrives {link}: {what}."
        case "drop":
            return f"Message {e.id} {link} is lost: {what}."
        case "hold":
            return f"Message {e.id} {link} is held back: {what}."
        case "release":
            return f"Message {e.id} {link} is held back no longer: {what}."
        case "duplicate":
            return f"A copy {e.id} of the message {link} is under way: {what}."
        case "edit":
            return f"The message {link} is changed to {e.id}: {what}."
        case "forge":
            return f"Message {e.id} {link} is forged: {what}."
        case "replay":
            return f"An old message is sent again as {e.id} {link}: {what}."
        case "fire":
            return f"The timer of {e.pid} fires: {what}."
        case "ask":
            return f"{e.pid} is asked: {what}."
        case _:
            return _node_or_link(e)


def _node_or_link(e: Event) -> str:
    verb, _, rest = e.command.partition(" ")
    match verb:
        case "crash" if "after=" in rest:
            effects = rest.partition("after=")[2]
            times = f"{effects} effect{'' if effects == '1' else 's'}"
            if e.note:
                return f"{e.pid} crashes after {times} of that step."
            return f"{e.pid} will crash after {times} of its next step."
        case "crash":
            return f"{e.pid} crashes."
        case "recover":
            return f"{e.pid} recovers{', its disk is lost' if 'amnesia' in rest else ''}."
        case "cut":
            return f"The network is cut: {_links(rest, ' no longer reaches ')}."
        case "heal":
            return f"The network is healed{': ' * bool(rest)}{_links(rest, ' reaches ')}."
        case "corrupt":
            return f"{_corrupt(rest)}."
        case "tick":
            return "The round is over, and the next one begins."
        case "advance":
            return f"Time goes on by {rest}."
        case "clock":
            pid, _, how = rest.partition(" ")
            whose = "every node" if pid == "*" else pid
            return f"The clock of {whose} {listed([_set(part) for part in how.split()])}."
        case "suspect" | "trust":
            pid, who = rest.split()
            return f"You make {pid} {verb} {who}."
        case "leader":
            pid, who = rest.split()
            return f"You make {pid} follow {who}."
    return f"{_capital(e.command)}."


def _corrupt(rest: str) -> str:
    pid, _, strategy = rest.partition(" ")
    return f"{pid} is a traitor from now on" + (f", and follows {strategy}" if strategy else "")


def _set(how: str) -> str:
    """What happens to a clock, from `rate=0.5`, `offset=-5` or `strobe`."""
    what, _, amount = how.partition("=")
    if what == "rate":
        return f"goes at a rate of {amount} from now on"
    return f"is set by {amount}" if what == "offset" else "is set to the real time"


def _links(rest: str, reaches: str) -> str:
    if ">" in rest:
        return rest.replace(">", reaches)
    groups = [group.strip(" {}").split(",") for group in rest.split("|") if group]
    if len(groups) == 2:
        one, other = groups
        return f"{listed(one)} {'is' if len(one) == 1 else 'are'} cut off from {listed(other)}"
    return "; ".join(map(listed, groups))


def _sent(flights: Sequence[Flight]) -> list[str]:
    """One sentence for each message, however many it goes to."""
    groups: dict[tuple[str, ProtocolEvent], list[Flight]] = {}
    for f in flights:
        groups.setdefault((f.envelope.src, f.envelope.message), []).append(f)
    return [
        f"{src} sends {_ids(group)} to {listed([f.envelope.dst for f in group])}: {_what(message)}."
        for (src, message), group in groups.items()
    ]


def _ids(flights: Sequence[Flight]) -> str:
    names = [f.name for f in flights]
    return listed(names) if len(names) < 4 else f"{names[0]} to {names[-1]}"


def _what(event: ProtocolEvent) -> str:
    """ "Accept with n (1, p1) and value A"."""
    fields = [f"{n} {_word(text(getattr(event, n)))}" for n in event.names()]
    return type(event).__name__ + (f" with {listed(fields)}" if fields else "")


_WORDS = {"-": "nothing", "{}": "empty", "()": "empty", '""': "empty"}


def _word(value: str) -> str:
    """A value in words; a dash inside of it would be read as a sign."""
    if '"' not in value:
        value = re.sub(r"(?<=[ ({])-(?=[,)}])", "nothing", value)
    return _WORDS.get(value, value)


def expectation(e: Expectation) -> str:
    """What was expected; and what is the case, if it is not."""
    if e.what == "refused" and e.ok:
        return f"As expected, {e.expected} is refused: {e.got.removeprefix('refused: ')}."
    said = _expected(e)
    return f"As expected, {said}." if e.ok else f"Not as expected: {said} was due; it is {e.got}."


def _expected(e: Expectation) -> str:
    name, _, kind = e.what.partition(".")
    if name in ("in_flight", "messages"):
        done = "in flight" if name == "in_flight" else "sent"
        return f"{e.expected} {kind or 'messages'} {done}"
    if e.what == "refused":
        return f"a refusal of {e.expected}"
    if e.what == "detector":
        return f"a detector might say so that is {e.expected}"
    if e.what == "outside":
        return f"outside the model: {e.expected}"
    if e.expected in ("holds", "down", "up"):
        return f"{e.what} {'holds' if e.expected == 'holds' else f'is {e.expected}'}"
    return f"{e.what} is {_word(e.expected)}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
