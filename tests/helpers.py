"""What several tests share: real sessions and scenarios, no stand-ins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playground.protocol import Map
from playground.session.catalog import load
from playground.session.playback import Playback
from playground.session.scenario import parse
from playground.session.session import Session

ROOT = Path(__file__).parent.parent


def session(protocol: str = "consensus/paxos", setup: Mapping[str, Any] = Map()) -> Session:
    return Session(load(protocol), setup)


def played(protocol: str, *lines: str, setup: Mapping[str, Any] = Map()) -> Session:
    """A session in which these lines have been carried out."""
    result = session(protocol, setup)
    for line in lines:
        result.say(line)
    return result


def playback(source: str) -> Playback:
    """A scenario that is written in a test."""
    return Playback(parse(source, Path("lesson.toml")))
