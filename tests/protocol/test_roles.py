"""Facts about roles: what an author is told at once, before anything runs."""

from __future__ import annotations

import pickle

import pytest

from playground.protocol import Input, Message, Pid, Role, upon


class Go(Input):
    """Begin."""


class Hello(Message):
    text: str


class Counter(Role):
    seen: int = 0


def test_a_handler_must_not_take_the_place_of_what_every_role_has() -> None:
    with pytest.raises(
        TypeError, match=r"Walker\.start needs another name: every Role has a start"
    ):

        class Walker(Role):
            @upon(Go)
            def start(self) -> None:
                """It would run at the start of the system as well."""


def test_a_field_must_not_take_the_place_of_what_every_role_has() -> None:
    with pytest.raises(TypeError, match=r"Walker\.output needs another name"):

        class Walker(Role):
            output: int = 0  # type: ignore[assignment]


def test_what_every_role_has_may_be_overridden() -> None:
    class Walker(Role):
        awake: bool = False

        def start(self) -> None:
            self.awake = True

    assert "start" in vars(Walker)


def test_a_handler_takes_the_sender_and_the_fields_of_its_message() -> None:
    with pytest.raises(TypeError, match=r"Walker\.greet must take \(self, src, text\)"):

        class Walker(Role):
            @upon(Hello)  # type: ignore[arg-type]
            def greet(self, text: str) -> None:
                """The sender is missing."""


def test_a_message_has_one_handler() -> None:
    with pytest.raises(TypeError, match="Walker handles Hello twice"):

        class Walker(Role):
            @upon(Hello)
            def greet(self, src: Pid, text: str) -> None:
                """Once."""

            @upon(Hello)
            def wave(self, src: Pid, text: str) -> None:
                """Twice."""


def test_a_pickled_node_has_no_hash_of_another_process() -> None:
    node = Counter("p1", 3)
    cached = hash(node)
    again = pickle.loads(pickle.dumps(node))
    assert again == node and hash(again) == cached
    assert "_hash" not in again.__dict__
    with pytest.raises(AttributeError, match="only change inside its own handlers"):
        again.seen = 4
