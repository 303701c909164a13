"""Echo: a server sends back what it is asked, however many messages get lost.

Promise  The client gets an answer to its question, and it is the question itself.
Model    Asynchronous.  Messages are lost, duplicated and reordered, but never corrupted or forged.
         Nodes don't crash.
Why      The client asks again till it hears something, and the server answers as often as asked.
Cost     2 messages and 2 delays, without failures.
Source   Replace it by the paper that yours comes from.
"""

from playground.protocol import (
    Ask,
    Decision,
    Input,
    Message,
    Model,
    Nodes,
    Pid,
    Role,
    System,
    Timer,
    Verdict,
    always,
    eventually,
    inputs,
    outputs,
    pids,
    upon,
)


class Wonder(Input):
    """Somebody wants to know."""

    text: str


class Question(Message):
    text: str


class Answer(Message):
    text: str


class Again(Timer):
    """No answer yet."""


class Answered(Decision):
    text: str


class Client(Role):
    server: Pid
    question: str | None = None
    answer: str | None = None

    @upon(Wonder)
    def ask(self, text: str) -> None:
        """One question at a time."""
        if self.question is not None:
            return
        self.question = text
        self.set_timer(Again())
        self.send(Question(text), to=self.server)

    @upon(Again)
    def ask_again(self) -> None:
        """The question may be lost, or the answer."""
        if self.question is None or self.answer is not None:
            return
        self.set_timer(Again())
        self.send(Question(self.question), to=self.server)

    @upon(Answer)
    def learn(self, src: Pid, text: str) -> None:
        """The first answer counts; the others are copies, or answers to a repeated question."""
        if self.answer is not None:
            return
        self.answer = text
        self.cancel_timer(Again())
        self.output(Answered(text))


class Server(Role):
    @upon(Question)
    def reply(self, src: Pid, text: str) -> None:
        """It remembers nothing, so it answers each copy of a question."""
        self.send(Answer(text), to=src)


def setup(clients: int = 1) -> Nodes:
    """Clients c1, c2, ... and a server s."""
    if clients < 1:
        raise ValueError("somebody has to ask")
    return [*(Client(pid, "s") for pid in pids("c", clients)), Server("s")]


def model(nodes: Nodes) -> Model:
    return Model(links=("lossy", "duplicating", "reordering"))


def workload(nodes: Nodes) -> list[Ask]:
    """What is asked if nobody says otherwise."""
    return [(node.pid, Wonder(f"hello {node.pid}")) for node in nodes if isinstance(node, Client)]


questions = inputs(Wonder)
answers = outputs(Answered)


@always(sees=[questions, answers])
def right(system: System) -> Verdict:
    """Nobody gets an answer to what it has not asked."""
    asked = {(pid, wonder.text) for pid, wonder in system.seen(questions)}
    return all((pid, answered.text) in asked for pid, answered in system.seen(answers))


@eventually(sees=[questions, answers])
def answered(system: System) -> Verdict:
    """Whoever has asked has got an answer."""
    asked = {pid for pid, _ in system.seen(questions)}
    return bool(asked) and asked <= {pid for pid, _ in system.seen(answers)}
