"""Recovery notices: "I was gone for a while, but now I'm back."

Promise  Accurate: nobody is said to have been down who was not.  Not complete: of a process that
         never returns nobody ever hears.
Model    Asynchronous: a message may take any time, and silence means nothing.  Links lose nothing;
         they may reorder and duplicate.  Nodes crash and come back with what they wrote to disk.
Why      A higher incarnation is a proof that there was a crash, and nothing else is.  Nothing is
         concluded from silence, so no slow message can mislead anybody; and so nothing is known of
         those that stay silent for good.  But one can't wait for ever: a system that has to go on
         needs a detector that may be wrong.
Roles    p1.. pn, all alike.  Whoever hears the notice first passes it on once, as its sender may
         have crashed before it had told everybody.
Cost     (n-1)^2 messages for each recovery, 1 delay; nothing as long as nobody crashes.
Source   The lecture A:241-242, A:252-254; Chandra and Toueg (1996) for completeness and accuracy.
"""

from itertools import permutations

from playground.protocol import Ask, Map, Message, Model, Nodes, Pid
from playground.protocol import detector, pids, stable, upon
from playground.protocol.detector import Detector, Recovered, Sign


# fmt: off
class BackAgain(Message, label="IAMBACK"): who: Pid; incarnation: int
# fmt: on


class Process(Detector):
    """Says when it comes back, and tells others that others came back."""

    others: tuple[Pid, ...]
    incarnation: int = stable(0)
    last: Map[Pid, Sign] = Map()  # the incarnation of each that was heard of

    def recover(self) -> None:
        """Count the restart, and tell everybody: it is all that they will ever know of it."""
        self.incarnation += 1
        self.send(BackAgain(self.pid, self.incarnation), to=self.others)

    @upon(BackAgain)
    def report(self, src: Pid, who: Pid, incarnation: int) -> None:
        """A new incarnation proves that there was a crash; pass the news on, once."""
        if who == self.pid or incarnation <= self.known(who):
            return
        self.last |= {who: (incarnation, 0)}
        self.output(Recovered(who))
        self.send(BackAgain(who, incarnation), to={*self.others} - {who, src})


def setup(n: int = 3) -> Nodes:
    """Processes p1.. pn."""
    if n < 1:
        raise ValueError("there must be a process")
    p = pids("p", n)
    return [Process(q, tuple(o for o in p if o != q)) for q in p]


def model(nodes: Nodes) -> Model:
    """Nothing is known of delays; anybody may crash, and come back."""
    return Model(timing="timed", links=("duplicating", "reordering"), crashes=len(nodes))


def workload(nodes: Nodes) -> list[Ask]:
    """Nothing has to be asked of a detector."""
    return []


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """What a stranger may say: that somebody was away."""
    pairs = permutations([node.pid for node in nodes], 2)
    return [(src, dst, BackAgain(src, 9)) for src, dst in pairs]


accuracy = detector.accuracy
completeness = detector.completeness
