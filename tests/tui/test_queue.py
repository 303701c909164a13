"""The queue: filtered as one types, folded, and several messages at once."""

from __future__ import annotations

from playground.tui.form_screen import FieldRow
from playground.tui.widgets.picks import Picks
from playground.tui.widgets.queue import Queue
from tests.tui.driver import Driver, on_screen, playing


def shown(d: Driver) -> list[str]:
    queue = d.play.query_one(Queue)
    return [queue.state.flights[key].name for key in queue.keys]


async def both(d: Driver) -> None:
    """Three Accept messages of p1 and three Prepare messages of p2 are in flight."""
    await d.press("space", "space", "space")
    assert shown(d) == ["m7", "m8", "m9", "m10", "m11", "m12"]


@on_screen
async def test_the_queue_is_filtered_as_one_types_and_esc_shows_all() -> None:
    async with playing() as d:
        await both(d)
        await d.press("slash")
        await d.type("prepare >a2")
        assert shown(d) == ["m11"]
        assert "/prepare >a2 · 1 of 1 shown of 6" in d.text()
        await d.press("enter", "enter")  # keeps the filter; delivers
        assert d.log()[-1] == "deliver m11" and shown(d) == []
        assert "Nothing that fits is in flight" in d.text()
        await d.press("escape")
        assert shown(d) == ["m7", "m8", "m9", "m10", "m12", "m13"]


@on_screen
async def test_a_filter_that_is_given_up_leaves_nothing_behind() -> None:
    async with playing() as d:
        await both(d)
        await d.press("slash")
        await d.type("prepare")
        await d.press("escape")
        assert len(shown(d)) == 6 and d.app.focused is d.play.query_one(Queue)


@on_screen
async def test_of_each_kind_only_the_oldest_is_shown_with_a_count() -> None:
    async with playing() as d:
        await both(d)
        await d.press("G")
        assert shown(d) == ["m7", "m10"] and "×3" in d.text()
        await d.press("x")
        assert d.log()[-1] == "drop m7" and shown(d) == ["m8", "m10"] and "×2" in d.text()
        await d.press("G")
        assert len(shown(d)) == 5


@on_screen
async def test_what_is_marked_is_dropped_together_and_comes_back_together() -> None:
    async with playing() as d:
        await both(d)
        await d.press("asterisk", "down", "asterisk")  # m7 and m9
        assert "2 marked" in d.text()
        there = d.step
        await d.press("x")
        assert d.log()[-2:] == ["drop m7", "drop m9"]
        assert shown(d) == ["m8", "m10", "m11", "m12"] and "marked" not in d.text()
        await d.press("U")
        assert d.step == there


@on_screen
async def test_all_that_fit_are_marked_and_held_by_two_keys() -> None:
    async with playing() as d:
        await both(d)
        await d.press("slash")
        await d.type("accept")
        await d.press("enter", "A", "h")
        assert d.log()[-3:] == ["hold m7", "hold m8", "hold m9"]
        await d.press("A", "A", "A", "enter")  # marked, unmarked, marked
        assert "it is held" in d.notices() and "(and 2 more)" in d.notices()


@on_screen
async def test_messages_steps_and_nodes_are_copied_as_they_can_be_typed() -> None:
    async with playing() as d:
        await both(d)
        await d.press("Y")
        assert d.app.clipboard == "Accept p1>a1 n=(1,p1) value=A"
        await d.press("3", "Y")
        assert d.app.clipboard == "ask p2 Propose value=B"
        await d.press("1", "Y")
        assert "p1.phase = accept" in d.app.clipboard.splitlines()


@on_screen
async def test_a_forger_tells_each_receiver_something_else_by_one_form() -> None:
    async with playing() as d:
        await both(d)
        await d.press("f")
        differs = next(r for r in d.app.screen.query(FieldRow) if r.field.key == "differs").entry
        assert isinstance(differs, Picks)
        differs.focus()
        await d.press("v")  # its letter: value
        assert "value > a1" in d.text() and "value > a3" in d.text()
        await d.press("enter")
        assert [line.split()[0] for line in d.log()[-3:]] == ["forge"] * 3
        there = d.step
        await d.press("U")
        assert d.step < there - 1


@on_screen
async def test_a_field_offers_what_was_said_lately_and_what_was_typed_before() -> None:
    async with playing() as d:
        await d.press("space", "space", "f", "tab", "tab", "tab")  # to n of an Accept like m7
        await d.press("pageup")
        assert "n=(1, p2)" in d.text()  # as the Prepares of p2 in flight
        await d.type("(7, p2)")
        await d.press("enter")
        assert d.log()[-1] == "forge Accept p1>a1 n=(7, p2) value=A"
        await d.press("f", "tab", "tab", "tab", "pageup")
        assert "n=(7, p2)" in d.text()


@on_screen
async def test_to_tell_everybody_something_else_fits_on_a_small_screen() -> None:
    async with playing(size=(80, 24)) as d:
        await d.press("space", "space", "2", "f", *["tab"] * 5, "right")
        text = d.text()
        assert all(f":forge Accept p1>a{n} value=A" in text for n in (1, 2, 3))
        assert "esc cancel" in text
