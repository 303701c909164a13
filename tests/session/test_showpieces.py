"""What protocols find worth seeing really comes about, from nothing asked, and is there then."""

from __future__ import annotations

import pytest

from playground.protocol.showpieces import Showpiece
from playground.session.aims import pursue, read
from playground.session.catalog import load, names
from playground.session.session import Session

PIECES = [
    pytest.param(name, piece, id=f"{name}-{piece.name}")
    for name in names()
    for piece in load(name).showpieces.values()
]


@pytest.mark.parametrize(("name", "piece"), PIECES)
def test_a_showpiece_comes_about_within_its_model(name: str, piece: Showpiece) -> None:
    session = Session(load(name))
    found = pursue(session, read(session, f"show {piece.name}"))
    assert found.result.violation is not None, found.result
    for line in found.trace:
        session.say(line)
    assert piece.check(session.world)
    assert not session.outside()
    assert piece.doc
