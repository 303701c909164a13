"""`finish` makes the user's oracle tell the truth."""

from __future__ import annotations

import pytest

from tests.helpers import played


def leaders(*lines: str) -> list[str | None]:
    run = played("detectors/scripted", *lines, "finish")
    return [vars(run.world.nodes[pid])["leader"] for pid in ("p1", "p2", "p3")]


def test_a_leader_that_all_follow_stays_if_it_is_up() -> None:
    assert leaders("leader * p3") == ["p3", "p3", "p3"]


@pytest.mark.parametrize("lines", [[], ["leader p1 p2"], ["leader * p2", "leader p3 p3"]])
def test_else_the_first_who_is_up_leads(lines: list[str]) -> None:
    assert leaders(*lines) == ["p1", "p1", "p1"]


def test_nobody_who_is_down_leads() -> None:
    assert leaders("leader * p1", "crash p1") == [None, "p2", "p2"]


def test_where_all_are_down_nobody_can_be_told_anything() -> None:
    assert leaders("leader * p1", "crash p1", "crash p2", "crash p3") == [None, None, None]


def test_who_is_down_is_suspected_and_who_is_up_is_not() -> None:
    run = played("detectors/scripted", "suspect p2 p3", "crash p1", "finish")
    assert vars(run.world.nodes["p2"])["suspected"] == {"p1"}


def test_the_layers_of_a_stack_are_told_as_well() -> None:
    run = played("consensus/omega_consensus", "ask p2 Propose value=B", "crash p1", "finish")
    assert run.verdicts()["leadership"] == "reached"
    assert vars(run.world.nodes["p2"])["decided"] == "B"
