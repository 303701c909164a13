"""Two-phase commit: the sites of a transaction all commit it, or all abort it.

Promise  Atomic commit with veto.  "Log locally, commit globally" (A:289).
         AC.S1-S2 agreement: no two sites decide differently, and nobody changes its mind
         AC.S3    one "no" must abort: commit only if every participant has voted "yes"
         AC.S4-S5 in between, a prepared participant keeps its locks, and does not abort on its own
         AC.S6    the commit point is one record in the log of the coordinator
How      Phase 1: the coordinator (transaction manager, TM) asks the participants (resource
         managers, RM) to prepare.  Each logs what it would need to do either way, and votes.
         Phase 2: if all voted "yes" the coordinator logs COMMIT, else it aborts; then it tells
         them, until they acknowledge.
Blocking A prepared participant knows neither outcome.  If the coordinator is down it can only ask
         again, and wait, its locks held.  With cooperative=true the participants also ask each
         other, which helps unless all of them are prepared.  So liveness needs the coordinator to
         come back, and a participant whom nobody asks any more to give up (LocalAbort).
Options  presume: what a coordinator without a record of a transaction answers, and so what it need
         not log and have acknowledged.  "nothing" logs all; "abort" saves the records and acks of
         an abort; "commit" saves the acks of a commit, for a record before it asks anybody.
         A ReadOnly participant leaves after phase 1.  An operator may overrule all (Heuristic).
Forms    ask c Begin: the coordinator asks everybody, 3N messages and 3 delays, then N acks.
         ask p1 Begin (Lamport and Gray): p1 prepares, and its own Prepared message starts the
         coordinator: 3N-1 messages, 4 delays.  With colocated=true the coordinator is on p1's node:
         3N-3 messages, 3 delays.  Ask each one PrepareNow: 2N messages, 2 delays.
         N+1 disk writes are on the way to the decision, and one more unless presume=abort.
Model    Asynchronous; links may lose, duplicate and reorder; any number of crashes and recoveries;
         what is on disk stays there.
Source   Gray, "Notes on Data Base Operating Systems", 1978; Mohan, Lindsay and Obermarck, 1986
         (presumptions, read-only votes); Bernstein, Hadzilacos and Goodman, 1987, chapter 7
         (cooperative termination); Gray and Lamport, 2006 (counts).  The lecture's A:275-358.
"""

from typing import Literal

from playground.protocol import Ask, Clash, Map, Message, Model, Nodes, Pid, System, Timer
from playground.protocol import Verdict, always, commit, pids, stable, upon
from playground.protocol.commit import Ballot, Begin, Decided, Granted, Heuristic, LocalAbort, Lock
from playground.protocol.commit import Outcome, PrepareNow, ReadOnly, Refuse, Voted

Presume = Literal["nothing", "abort", "commit"]
Phase = Literal["idle", "waiting", "committed", "aborted", "forgotten"]
State = Literal["working", "prepared", "committed", "aborted", "readonly"]
Record = Literal["BEGIN", "COLLECT", "COMMIT", "ABORT", "END", "PREPARED", "COMMITTED", "ABORTED"]
Log = tuple[Record, ...]


# fmt: off
class Request(Message, label="REQ"):       pass  # the first participant is prepared: begin
class Prepare(Message, label="PREPARE"):   pass
class Vote(Message, label="VOTE"):         vote: Ballot
class Decision(Message, label="DECISION"): outcome: Outcome
class Ack(Message, label="ACK"):           pass
class Inquire(Message, label="INQUIRE"):   pass
class Status(Message, label="STATUS"):     state: Literal["uncertain"]
class VoteTimeout(Timer):                  pass
class DecisionTimeout(Timer):              pass
class Resend(Timer):                       pass
# fmt: on

OPENING: dict[Presume, Log] = {"nothing": ("BEGIN",), "abort": (), "commit": ("COLLECT",)}
"""What the coordinator logs before it asks anybody."""

REMEMBERED: dict[Presume, tuple[Outcome, ...]] = {
    "nothing": ("commit", "abort"),
    "abort": ("commit",),
    "commit": ("abort",),
}
"""The outcomes that it remembers until all have acknowledged them."""

PRESUMED: dict[Presume, Outcome] = {"nothing": "abort", "abort": "abort", "commit": "commit"}
"""What it answers when it remembers nothing."""

ENDED: dict[Outcome, State] = {"commit": "committed", "abort": "aborted"}
BALLOT: dict[State, Ballot] = {"prepared": "yes", "readonly": "readonly", "aborted": "no"}


class Coordinator(commit.TransactionManager):
    """The transaction manager (TM)."""

    participants: tuple[Pid, ...]
    presume: Presume
    log: Log = stable(())
    phase: Phase = "idle"
    votes: Map[Pid, Ballot] = Map()
    acks: frozenset[Pid] = frozenset()

    @upon(Begin)
    def begin(self) -> None:
        """Phase 1: ask everybody to prepare who has not voted yet."""
        self.open()
        if self.phase == "waiting":
            self.send(Prepare(), to=set(self.participants) - set(self.votes))

    @upon(Request)
    def begin_with(self, src: Pid) -> None:
        """Lamport and Gray: the Prepared message of the first participant is the request."""
        self.collect(src, "yes")
        self.begin()

    @upon(Vote)
    def collect(self, src: Pid, vote: Ballot) -> None:
        """One "no" aborts.  The last of all "yes" commits."""
        self.open()
        if self.phase != "waiting":
            return
        self.votes |= {src: vote}
        if vote == "no":
            self.decide("abort")
        elif set(self.votes) >= set(self.participants):
            self.decide("commit")

    @upon(VoteTimeout)
    def give_up(self) -> None:
        """A missing vote is a "no"."""
        if self.phase == "waiting":
            self.decide("abort")

    @upon(Inquire)
    def answer(self, src: Pid) -> None:
        """While it waits for votes, it does not know.  What it has no record of it presumes; if it
        was never asked to begin, it makes sure by aborting."""
        if self.phase == "idle":
            self.decide("abort")
        elif self.phase != "waiting":
            self.send(Decision(self.outcome()), to=src)

    @upon(Ack)
    def acknowledge(self, src: Pid) -> None:
        """END: all know, nobody will ask any more."""
        if self.phase in ("committed", "aborted"):
            self.acks |= {src}
            if self.acks >= self.concerned():
                self.log += ("END",)
                self.forget()

    @upon(Resend)
    def resend(self) -> None:
        if self.phase in ("committed", "aborted"):
            self.send(Decision(self.outcome()), to=self.concerned() - self.acks)
            self.set_timer(Resend())

    def recover(self) -> None:
        """Carry out again what was decided; abort what was begun, or what is unknown.  The latter
        is not begun again: its number tells that it is older than this life of the coordinator."""
        self.phase = "forgotten"
        if "END" not in self.log:
            if "COMMIT" in self.log:
                self.announce("commit")
            elif "ABORT" in self.log:
                self.announce("abort")
            elif "BEGIN" in self.log or "COLLECT" in self.log:
                self.decide("abort")
            else:
                self.output(Decided("abort"))

    def open(self) -> None:
        """It hears of the transaction for the first time."""
        if self.phase == "idle":
            self.log += OPENING[self.presume]
            self.phase = "waiting"
            self.set_timer(VoteTimeout())

    def decide(self, outcome: Outcome) -> None:
        """The commit point is the record of COMMIT: it is on disk before anybody hears of it."""
        if outcome == "commit":
            self.log += ("COMMIT",)
        elif self.presume != "abort":
            self.log += ("ABORT",)
        self.announce(outcome)

    def announce(self, outcome: Outcome) -> None:
        """Phase 2: tell everybody but those that voted "no" or only read, and remember it until
        they all know, unless they would be told the same by presumption."""
        self.phase = "committed" if outcome == "commit" else "aborted"
        self.cancel_timer(VoteTimeout())
        self.output(Decided(outcome))
        self.send(Decision(outcome), to=self.concerned())
        if outcome in REMEMBERED[self.presume] and self.concerned():
            self.set_timer(Resend())
        else:
            self.forget()

    def forget(self) -> None:
        """Nothing is left but what is presumed."""
        self.phase = "forgotten"
        self.cancel_timer(Resend())
        self.votes = Map()
        self.acks = frozenset()

    def outcome(self) -> Outcome:
        """What it tells who asks: what it remembers, else what it presumes."""
        if self.phase == "forgotten":
            return PRESUMED[self.presume]
        return "commit" if self.phase == "committed" else "abort"

    def concerned(self) -> set[Pid]:
        return {p for p in self.participants if self.votes.get(p, "yes") == "yes"}


class Participant(commit.ResourceManager):
    """A resource manager (RM).  Its log says what it may do: alone as long as nothing is in it."""

    coordinator: Pid
    participants: tuple[Pid, ...]
    presume: Presume
    cooperative: bool
    log: Log = stable(())
    state: State = "working"
    vote: Ballot = "yes"
    locked: bool = False
    queue: tuple[str, ...] = ()

    @upon(Begin)
    def ask_to_begin(self) -> None:
        """The first participant prepares, and its Prepared message starts the coordinator."""
        if self.may_prepare_unasked():
            self.cast(first=True)

    @upon(PrepareNow)
    def prepare_now(self) -> None:
        """The request to prepare is but a suggestion (A:353)."""
        if self.may_prepare_unasked():
            self.cast()

    @upon(Prepare)
    def prepare(self, src: Pid) -> None:
        """Phase 1.  Asked again, it says the same again."""
        if self.state == "committed":
            self.send(Ack(), to=self.coordinator)
        else:
            self.cast()

    @upon(Decision)
    def obey(self, src: Pid, outcome: Outcome) -> None:
        """Phase 2.  Who has logged nothing has only read, and agrees with everything."""
        if self.state == "working" and outcome == "commit":  # without its vote: nobody may say so
            return
        if self.state in ("working", "prepared"):
            self.carry_out(outcome)
        agrees = self.state == ENDED[outcome] or not self.log
        if agrees and outcome in REMEMBERED[self.presume]:
            self.send(Ack(), to=self.coordinator)

    @upon(DecisionTimeout)
    def inquire(self) -> None:
        """Prepared, it is uncertain, and can only ask."""
        if self.state == "prepared":
            others = set(self.participants) - {self.pid} if self.cooperative else set()
            self.send(Inquire(), to={self.coordinator} | others)
            self.set_timer(DecisionTimeout())

    @upon(Inquire)
    def testify(self, src: Pid) -> None:
        """Cooperative termination: who has not voted makes sure that it never will, by aborting.
        A decision that is not in its log it can't vouch for."""
        if self.state == "working":
            self.carry_out("abort")
        if "COMMITTED" in self.log:
            self.send(Decision("commit"), to=src)
        elif "ABORTED" in self.log:
            self.send(Decision("abort"), to=src)
        else:
            self.send(Status("uncertain"), to=src)

    @upon(Refuse)
    def refuse(self) -> None:
        """It will vote "no"."""
        if self.state == "working":
            self.vote = "no"

    @upon(ReadOnly)
    def read_only(self) -> None:
        if self.state == "working":
            self.vote = "readonly"

    @upon(LocalAbort)
    def abort(self) -> None:
        if self.state == "working":
            self.carry_out("abort")

    @upon(Heuristic)
    def overrule(self, outcome: Outcome) -> None:
        """The operator frees the locks by hand, and hopes."""
        if self.state == "prepared":
            self.carry_out(outcome)

    @upon(Lock)
    def lock(self, tx: str) -> None:
        if self.locked:
            self.queue += (tx,)
        else:
            self.output(Granted(tx))

    def recover(self) -> None:
        """Prepared, it takes its locks again and asks.  With nothing in its log it has not voted
        "yes", and now it votes to abort (A:340)."""
        if "COMMITTED" in self.log:
            self.finish("commit")
        elif "ABORTED" in self.log:
            self.finish("abort")
        elif "PREPARED" in self.log:
            self.state = "prepared"
            self.locked = True
            self.inquire()
        else:
            self.finish("abort")
            self.cast()

    def cast(self, first: bool = False) -> None:
        """Vote.  It has validated and logged before anybody hears of it."""
        if self.state == "working":
            self.validate()
        choice = BALLOT[self.state]
        self.output(Voted(choice))
        self.send(Request() if first and choice == "yes" else Vote(choice), to=self.coordinator)

    def validate(self) -> None:
        """Prepared means: able to commit, and able to abort, whatever crashes from here on."""
        if self.vote == "yes":
            self.log += ("PREPARED",)
            self.state = "prepared"
            self.locked = True
            self.set_timer(DecisionTimeout())
        elif self.vote == "no":
            self.carry_out("abort")
        else:
            self.state = "readonly"

    def may_prepare_unasked(self) -> bool:
        """Not under presumed commit: COLLECT must be on the coordinator's disk before."""
        return self.state == "working" and self.presume != "commit"

    def carry_out(self, outcome: Outcome) -> None:
        self.log += ("COMMITTED",) if outcome == "commit" else ("ABORTED",)
        self.finish(outcome)

    def finish(self, outcome: Outcome) -> None:
        """Its share is done or undone, and others may see it: the locks go to who waits."""
        self.state = ENDED[outcome]
        self.cancel_timer(DecisionTimeout())
        self.output(Decided(outcome))
        self.locked = False
        for tx in self.queue:
            self.output(Granted(tx))
        self.queue = ()


class Site(Coordinator, Participant):
    """The coordinator on the node of a participant, with one log for both.  What they tell each
    other is local, and whoever inquires is answered by the coordinator."""

    def recover(self) -> None:
        Coordinator.recover(self)
        Participant.recover(self)


def setup(
    participants: int = 3,
    presume: Presume = "nothing",
    cooperative: bool = False,
    colocated: bool = False,
) -> Nodes:
    """c and p1, p2, ...; colocated: the coordinator is on the node of p1."""
    if participants < 1:
        raise ValueError("a transaction needs a participant")
    p = pids("p", participants)
    if colocated:
        site = Site(p[0], p[0], p, presume, cooperative)
        return [site] + [Participant(i, p[0], p, presume, cooperative) for i in p[1:]]
    coordinator = Coordinator("c", p, presume)
    return [coordinator] + [Participant(i, "c", p, presume, cooperative) for i in p]


def model(nodes: Nodes) -> Model:
    return Model(links=("lossy", "duplicating", "reordering"), crashes=len(nodes))


def workload(nodes: Nodes) -> list[Ask]:
    return [(node.pid, Begin()) for node in nodes if isinstance(node, Coordinator)]


agreement = commit.agreement
irrevocable = commit.irrevocable
unanimity = commit.unanimity
isolation = commit.isolation
no_unilateral_abort = commit.no_unilateral_abort
in_doubt = commit.in_doubt
half_told = commit.half_told


@always("AC.S6", sees=[commit.decisions])
def commit_point(system: System) -> Verdict:
    """Whoever has committed, the coordinator had logged COMMIT before."""
    logged = any("COMMIT" in c.log for c in system.all(Coordinator))
    commits = [p for p, d in system.seen(commit.decisions) if d.outcome == "commit"]
    if commits and not logged:
        return Clash(f"{min(commits)} committed, and the coordinator has logged no COMMIT")
    return True


decided = commit.decided
