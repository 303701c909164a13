"""Whatever is pressed, the screen goes on; and the present is what its history says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.tui.actions import LECTURE, PLAY
from tests.tui.driver import DUEL, Driver, on_screen, playing

LEAVING = {"q", "ctrl+q", "m", "ctrl+s", "w", "ctrl+p"}
"""These end the session, write files, or open what is Textual's."""

MORE = ("up", "down", "left", "right", "tab", "shift+tab", "home", "end", "escape", "enter", "A",
        "1", "5", "comma", "equals_sign", "left_curly_bracket")  # fmt: skip

KEYS = sorted({k for a in (*PLAY, *LECTURE) for k in a.keys.split(",")} - LEAVING | set(MORE))

NAMES = (DUEL, "consensus/paxos", "synchronous/flood_set", "leases/lease_service")
SIZES = ((120, 40), (80, 24), (200, 60), (40, 12))


async def survives(d: Driver, keys: list[str]) -> None:
    await d.pilot.press(*keys)
    assert d.app.is_running and d.app._exception is None, keys
    state, history = d.session.state, d.session.history
    assert history.at(state.step) == state
    assert 0 <= state.step <= history.branch.tip


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(KEYS), min_size=25, max_size=25),
    st.sampled_from(NAMES),
    st.sampled_from(SIZES),
)
@on_screen
async def test_no_keys_end_the_screen(keys: list[str], name: str, size: tuple[int, int]) -> None:
    async with playing(name, size) as d:
        await survives(d, keys)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(KEYS), min_size=200, max_size=200),
    st.sampled_from(NAMES),
    st.sampled_from(SIZES),
)
@on_screen
async def test_ten_thousand_keys_do_not_end_the_screen(
    keys: list[str], name: str, size: tuple[int, int]
) -> None:
    async with playing(name, size) as d:
        await survives(d, keys)
