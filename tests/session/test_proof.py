"""A question may name the step that shows its answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.session.errors import BadInput
from playground.session.playback import Playback
from playground.session.scenario import parse

ASKED = """
title = "Asked"
protocol = "consensus/paxos"
[[step]]
do = ["ask p1 Propose value=A", "deliver Prepare p1>a1,a2", "deliver Promise *>p1", "crash p1"]
[step.ask]
question = "Who?"
choices = ["a1", "a2"]
answer = "a2"
proof = "{}"
"""


def asked(proof: str) -> Playback:
    playback = Playback(parse(ASKED.format(proof), Path("asked.toml")))
    playback.next()
    return playback


@pytest.mark.parametrize(
    ("proof", "step"),
    [
        ("deliver Prepare p1>a1", 2),
        ("deliver Prepare p1>*", 3),
        ("deliver Prepare p1>* n=(1,p1)", 3),
        ("deliver Promise a1>p1", 4),
        ("deliver m4", 4),
        ("ask p1 Propose value=A", 1),
        ("crash p1", 6),
    ],
)
def test_the_last_step_that_did_it_is_meant(proof: str, step: int) -> None:
    assert asked(proof).proof(1) == step


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        ("deliver Prepare p1>a3", "no step up to here did"),
        ("drop Prepare p1>a1", "no step up to here did"),
        ("deliver Prepare p1>a9", "unknown node"),
        ("deliwer Prepare", "deliver"),
    ],
)
def test_a_proof_that_there_is_not_is_an_error_with_its_place(proof: str, why: str) -> None:
    with pytest.raises(BadInput) as error:
        asked(proof)
    assert why in str(error.value) and str(error.value).startswith("asked.toml:10:")
