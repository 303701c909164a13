"""The problem of a register: what is asked, what is told, and what must be true of it.

A register holds one value, None at first, and clients write and read it.  A store holds many of
them, each under a key.  Each client does one thing at a time: if it is asked for another one, it
gives up what it has begun, and nobody knows whether that took effect; so it is when it crashes.

The properties judge the history of the operations alone, as the clients saw it, so they hold or
break alike for every protocol that solves the problem.  From the weakest to the strongest: safe,
regular, atomic.  A causal store is none of these; it promises less of time, and more of several
keys together: the four guarantees of a session, and more.  What is sequential is fifo and causal;
but of these two neither is the other, as fifo wants one order of all writes for each client.

Source  Lamport, On interprocess communication (1986); Herlihy and Wing, Linearizability (1990);
        Ahamad et al., Causal memory (1995).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from playground.histories import causality, history, orders, registers
from playground.histories.history import History, Judgement
from playground.histories.objects import Register
from playground.protocol.events import Decision, Event, Input, Pid
from playground.protocol.observations import trace
from playground.protocol.properties import Clash, System, Verdict, always, eventually
from playground.protocol.roles import Role

Value = str
Key = str


class Write(Input):
    """Let the register hold this from now on."""

    value: Value


class Read(Input):
    """What does the register hold?"""


class Put(Write):
    """Write, to the register under this key."""

    key: Key


class Get(Read):
    """Read, from the register under this key."""

    key: Key


class Written(Decision):
    """The write is done."""

    value: Value


class Returned(Decision):
    """What was read; None if nothing has been written."""

    value: Value | None


operations = trace(Write, Read, Written, Returned)
"""What clients asked, and what they were answered, in order."""


PATIENCE = 5_000
"""So many configurations are tried to refute an order; what takes more counts as not refuted."""


@always(sees=[operations])
def safe(system: System) -> Verdict:
    """A read that overlaps no write returns what was written last."""
    return _judged(registers.safe, system)


@always(sees=[operations])
def regular(system: System) -> Verdict:
    """A read returns what was written last before it, or what a write that overlaps it writes."""
    return _judged(registers.regular, system)


@always(sees=[operations])
def atomic(system: System) -> Verdict:
    """Each operation seems to take effect at one moment between its call and its answer."""
    return _judged(registers.atomic, system)


@always(sees=[operations])
def causal(system: System) -> Verdict:
    """Nobody reads what is older than something that it knows, from others or of itself."""
    return _judged(causality.causal, system)


@always(sees=[operations])
def sequential(system: System) -> Verdict:
    """One order of all operations explains all answers, and keeps that of each client."""
    return _judged(lambda told: orders.sequential(told, Register(), most=PATIENCE), system)


@always(sees=[operations])
def fifo(system: System) -> Verdict:
    """Nobody sees the writes of a client in another order than that of the client."""
    return _judged(lambda told: orders.fifo(told, Register(), most=PATIENCE), system)


@always(sees=[operations])
def read_your_writes(system: System) -> Verdict:
    """Who has written reads that, or something newer."""
    return _judged(causality.read_your_writes, system)


@always(sees=[operations])
def monotonic_reads(system: System) -> Verdict:
    """Who has read something reads that again, or something newer."""
    return _judged(causality.monotonic_reads, system)


@always(sees=[operations])
def monotonic_writes(system: System) -> Verdict:
    """Who sees a write also sees what its writer had written before."""
    return _judged(causality.monotonic_writes, system)


@always(sees=[operations])
def writes_follow_reads(system: System) -> Verdict:
    """Who sees a write also sees what its writer had read before."""
    return _judged(causality.writes_follow_reads, system)


@eventually(sees=[operations], lasting=False)
def answered(system: System) -> Verdict:
    """Every client that is up has an answer to what it asked last."""
    return not waiting(system)


def waiting(system: System) -> list[Pid]:
    """The clients that are up and have no answer to what they asked last."""
    last = dict(system.told(operations))
    return [client.pid for client in system.up(Role) if isinstance(last.get(client.pid), Input)]


def history_of(told: Iterable[tuple[Pid, Event]]) -> History:
    """The operations of a trace, as intervals.  What was given up is of unknown outcome."""
    recorder = history.Recorder()
    busy: set[Pid] = set()
    for pid, event in told:
        if isinstance(event, Input):
            if pid in busy:
                recorder.info(pid)
            busy.add(pid)
            _call(recorder, pid, event)
        elif pid in busy:  # an answer that nobody waits for answers nothing
            busy.remove(pid)
            recorder.ok(pid, event.value if isinstance(event, Returned) else history.UNKNOWN)
    return recorder.history()


def _call(recorder: history.Recorder, pid: Pid, asked: Event) -> None:
    key = asked.key if isinstance(asked, Put | Get) else None
    if isinstance(asked, Write):
        recorder.invoke(pid, "write", asked.value, key)
    else:
        recorder.invoke(pid, "read", None, key)


def _judged(judge: Callable[[History], Judgement], system: System) -> Verdict:
    judgement = judge(history_of(system.told(operations)))
    return judgement.holds is not False or Clash(judgement.clash)
