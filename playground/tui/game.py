"""What is on the table: a session, the script that it follows, and the journal that it writes."""

from __future__ import annotations

from pathlib import Path

from playground.session import catalog, journal, scenario, scenarios
from playground.session import commands as c
from playground.session.errors import BadInput
from playground.session.expectations import Expectation
from playground.session.journal import Journal
from playground.session.playback import Playback, Played
from playground.session.session import Session

CONTINUED = ", continued"
"""Ends the title of what is saved."""


class Game:
    """One session on the screen.  Errors are BadInput, and change nothing."""

    def __init__(
        self, session: Session, playback: Playback | None, log: Journal, title: str = ""
    ) -> None:
        self.session = session
        self.playback = playback
        self.journal = log
        self._title = title

    @classmethod
    def open(cls, name: str) -> Game:
        """A scenario, or a protocol with its workload asked.  Raises BadInput."""
        from playground.session.simulate import workload

        if scenarios.exists(name):
            playback = Playback(scenario.load(scenarios.find(name)))
            return cls(playback.session, playback, Journal.begin(playback.session, playback))
        session = Session(catalog.load(name))
        game = cls(session, None, Journal.begin(session, None))
        for line in workload(session):
            session.say(line)
        return game

    @classmethod
    def resume(cls, path: Path) -> Game:
        """What an earlier session left.  Raises BadInput."""
        resumed = journal.resume(path)
        game = cls(resumed.session, resumed.playback, Journal.go_on(path, resumed))
        game.journal.problem = game.journal.problem or resumed.problem
        return game

    @classmethod
    def of_lane(cls, title: str, session: Session) -> Game:
        """A lane of a comparison, to be played on by itself."""
        past = [event.command for event in session.past()]
        return cls(session, None, Journal.begin(session, None, past=past), title)

    @property
    def title(self) -> str:
        if self._title:
            return self._title
        if self.playback:
            return self.playback.scenario.title
        return self.session.protocol.title.partition(":")[0]

    @property
    def scripted(self) -> bool:
        """Is there a step of the script that was not done yet?"""
        return self.playback is not None and self.playback.done < self.playback.total

    def next(self) -> Played:
        """The next step of the script."""
        if self.playback is None:
            raise BadInput("there is no script; s takes a step of the schedule")
        played = self.playback.next()
        self.journal.script(played.number)
        return played

    def end(self) -> list[Expectation]:
        """What the scenario says of its end, if that is where we are."""
        if self.playback is None or self.scripted:
            return []
        return self.playback.end()

    def save(self, path: Path) -> Path:
        """Writes a scenario that replays to the present moment."""
        from playground.session.save import save

        path = path.expanduser()
        if path.suffix != ".toml":
            path = path.with_name(f"{path.name}.toml")
        lesson = self.playback.scenario.lesson if self.playback else self.session.protocol.title
        told = self.playback.told if self.playback else []
        title = self.title.removesuffix(CONTINUED)
        save(self.session, path, f"{title}{CONTINUED}", lesson, told)
        return path

    def undo_to(self, step: int) -> None:
        """Back to this step."""
        back = self.session.state.step - step
        if back > 0:
            self.session.do(c.Undo(back))

    def close(self) -> None:
        self.journal.close()
