"""Consensus from Omega: whoever leads calls Synod, again and again, until a decision comes back.

Promise  Consensus, in two halves that know nothing of each other.  Synod sees to safety: only what
         somebody proposed is decided, and no two processes decide differently, whatever Omega says.
         Omega sees to progress: in the end one leader, who is up, calls alone, and who calls alone
         decides.
Model    That of the two layers: Synod is asynchronous, Omega may need time, or you as the oracle.
         For a decision links lose nothing, a majority stays up, Omega comes to rest on somebody who
         is up, and that one has a value: let everybody propose.  Safety needs none of this.
Why      FLP forbids to promise a decision, and Synod does not: its processes may abort each other
         for ever.  All that is missing is that one of them is left alone for long enough, which is
         what Omega promises.  So FLP does not go away: Omega can't be built unless delays are
         bounded, at least in the end.
How      `while not decided: if self = leader(): ofcons.propose(v)`.  In place of a busy loop each
         process looks again when it is told a value, when Omega names a leader, and, after a wait,
         when a call has come back with abort.  A call that is under way is never disturbed.
Roles    p1.. pn, each a stack: this loop, over `omega` and `ofcons`.  `omega` is any detector that
         elects a leader: detectors/scripted (you say who leads) or detectors/omega (heartbeats).
Cost     As Synod, (n-1)(n+5) messages, 4 delays until the leader knows and one more until all do,
         and what Omega costs.  One more disk write for each value that is proposed.
Source   The lecture's loop, B:202-262; Chandra, Hadzilacos and Toueg, "The Weakest Failure Detector
         for Solving Consensus" (1996).
"""

from playground.protocol import Ask, Clash, Instant, Layers, Message, Model, Nodes, Pid, Role
from playground.protocol import System, Timer, Verdict, between, layer, showpiece, stable, upon
from playground.protocol import consensus, detector
from playground.protocol.consensus import Decided, Propose, Value
from playground.protocol.detector import Appoint, Detector, Leader
from playground.protocol.roles import stack
from protocols.consensus import synod_ofcons as synod


# fmt: off
class Retry(Timer, label="retry"): pass
# fmt: on


class Process(Role):
    """Calls ofcons as long as it leads, one call at a time, until there is a decision."""

    backoff: Instant
    omega: Role = layer()
    ofcons: Role = layer()
    mine: Value | None = stable(None)
    leader: Pid | None = None
    calling: bool = False
    decided: Value | None = None  # after a crash ofcons knows it again

    @upon(Propose)
    def propose(self, value: Value) -> None:
        """Keep the value: Omega may elect us at any time, also after a crash."""
        if self.decided is not None:
            self.output(Decided(self.decided))
            return
        self.mine = value
        self.look()

    @upon(Leader)
    def follow(self, who: Pid) -> None:
        """Omega has changed its mind; if it is our turn now, begin."""
        self.leader = who
        self.look()

    @upon(Retry)
    def look(self) -> None:
        """Once round the loop (B:250-252): call ofcons if we lead and have something to say."""
        over = self.calling or self.decided is not None
        if over or self.leader != self.pid or self.mine is None:
            return
        self.calling = True
        self.cancel_timer(Retry())
        self.request("ofcons", Propose(self.mine))

    @upon(synod.Aborted)
    def aborted(self, ballot: synod.Ballot) -> None:
        """The call has come back with abort.  Wait, and look again who leads."""
        self.calling = False
        self.set_timer(Retry(), after=self.backoff)

    @upon(Decided)
    def decide(self, value: Value) -> None:
        """The call has come back with a decision, or somebody else's has.  It need not be ours."""
        self.calling = False
        self.cancel_timer(Retry())
        if self.decided is None:
            self.decided = value
            self.output(Decided(value))


def setup(
    n: int = 3,
    omega: Layers = Layers("detectors/scripted"),
    backoff: Instant = Instant(0),
    skip_first_read: bool = False,
    idempotent_read: bool = False,
    jump: bool = False,
) -> Nodes:
    """Processes p1 to pn over a detector and the hardened Synod.  `backoff` is how long a leader
    waits after an abort, where there is time; the last three are Synod's own options."""
    below = synod.setup(n, "hardened", skip_first_read, idempotent_read, jump)
    for ofcons in below:
        oracle = omega.get(ofcons.pid)
        if not isinstance(oracle, Detector) or "leader" not in oracle.variables():
            raise ValueError(f"{omega.protocol} elects no leader of p1 to p{n}")
    return [Process(ofcons.pid, backoff, omega[ofcons.pid], ofcons) for ofcons in below]


def model(nodes: Nodes) -> Model:
    """B:167-172, and who crashed may come back.  What its layers assume comes on top."""
    return Model(links=("duplicating", "reordering"), crashes=(len(nodes) - 1) // 2)


def workload(nodes: Nodes) -> list[Ask]:
    """Everybody proposes (B:247), and if Omega has to be told whom to elect, it is p1."""
    proposals: list[Ask] = [(node.pid, Propose(f"v{i}")) for i, node in enumerate(nodes, start=1)]
    told = [node.pid for node in nodes if any(Appoint in p.handlers for _, p in stack(node))]
    return proposals + [(pid, Appoint("p1")) for pid in told]


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """What a stranger may say to the Synod below."""
    return synod.forgeries([node.ofcons for node in nodes if isinstance(node, Process)])


validity = synod.validity
agreement = synod.agreement
irrevocable = synod.irrevocable
one_value_per_ballot = synod.one_value_per_ballot
ballots_never_fall = synod.ballots_never_fall
chosen_stays = synod.chosen_stays
chosen = synod.chosen
leadership = detector.leadership
decided = consensus.termination(Process)


@showpiece(
    ("p1", Propose("v1")), ("p2", Propose("v2")), ("p1", Appoint("p1")), ("p2", Appoint("p2"))
)
def two_leaders(system: System) -> Verdict:
    """Two processes trust themselves at once, and both call ofcons: Omega is late."""
    return sum(process.calling for process in system.up(Process)) > 1


@between()
def leaders_call(before: System, after: System) -> Verdict:
    """Only who is the leader by its own Omega opens a ballot."""
    leaders = {process.pid: process.leader for process in after.up(Process)}
    for pid in opened(before, after):
        if leaders[pid] != pid:
            return Clash(f"{pid} opens a ballot and follows {leaders[pid]}")
    return True


@between()
def one_call_at_a_time(before: System, after: System) -> Verdict:
    """Nobody opens a ballot while its last one is under way."""
    busy = {ofcons.pid: ofcons.ballot for ofcons in before.up(synod.Process) if is_open(ofcons)}
    for pid in opened(before, after):
        if pid in busy:
            return Clash(f"{pid} opens a ballot, and its ballot {busy[pid]} has not returned")
    return True


def opened(before: System, after: System) -> list[Pid]:
    """Those that opened a ballot in this step."""
    old = {ofcons.pid: ofcons.ballot for ofcons in before.all(synod.Process)}
    return [o.pid for o in after.up(synod.Process) if is_open(o) and o.ballot > old[o.pid]]


def is_open(ofcons: synod.Process) -> bool:
    return ofcons.phase != "idle"
