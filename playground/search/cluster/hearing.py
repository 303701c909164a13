"""What workers have found out about nodes and goals, put together."""

from __future__ import annotations

import pickle
from collections.abc import Iterable

from playground.protocol import Property
from playground.search.behaviour import Behaviour
from playground.search.cluster.desk import News
from playground.search.coverage import MANY


class Hearing:
    """reached: goals that were true somewhere."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.reached: set[str] = set()
        self._unseen: dict[str, frozenset[str]] = {}
        self._questions: list[bytes] = []

    def hear(self, news: News | None) -> None:
        if news is None:
            return
        self._unseen[news.desk] = news.unseen
        self.reached |= news.reached
        if news.questions:
            self._questions.append(news.questions)

    def unseen(self, properties: Iterable[Property]) -> tuple[str, ...]:
        """The properties that saw nothing anywhere."""
        everywhere = self._unseen.values()
        return tuple(p.name for p in properties if all(p.name in unseen for unseen in everywhere))

    def settle(self) -> None:
        """Lets `behaviour` know what was put to nodes on workers; when that is too much for whoever
        wants to know more, to know that is enough."""
        for pickled in self._questions:
            questions, effective = pickle.loads(pickled)
            self.behaviour.effective |= effective
            for question in questions:
                if self.behaviour.calls > MANY:
                    break
                self.behaviour.hear(*question)
        self._questions.clear()
