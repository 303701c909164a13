"""Facts about maps, records, and how values print."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.values import Map, Record, replace, text

KEYS = st.one_of(
    st.text(max_size=3),
    st.integers(-9, 9),
    st.tuples(st.integers(0, 9), st.text(max_size=2)),
    st.frozensets(st.text(max_size=2), max_size=3),
    st.none(),
)
ITEMS = st.lists(st.tuples(KEYS, st.integers(0, 3)), max_size=6, unique_by=lambda item: item[0])


class Point(Record):
    x: int
    y: int = 0


class Pixel(Record):
    x: int
    y: int = 0


# ---- maps


@given(ITEMS, st.randoms())
def test_equal_maps_behave_equally_whatever_their_history(items: list[Any], random: Any) -> None:
    one = Map(items)
    shuffled = random.sample(items, len(items))
    two: Map[Any, int] = Map()
    for key, value in shuffled:
        two |= {key: 9}
        two |= {key: value}
    assert one == two and hash(one) == hash(two)
    assert list(one) == list(two) and list(one.values()) == list(two.values())
    assert text(one) == text(two)


@given(ITEMS)
def test_a_map_holds_what_a_dict_of_the_same_items_holds(items: list[Any]) -> None:
    assert dict(Map(items)) == dict(items)
    assert len(Map(items)) == len(items)
    assert all(Map(items)[key] == value and key in Map(items) for key, value in items)


@given(ITEMS, ITEMS)
def test_a_union_takes_the_values_of_the_right_side(left: list[Any], right: list[Any]) -> None:
    assert Map(left) | dict(right) == Map({**dict(left), **dict(right)})


@given(ITEMS, KEYS)
def test_without_a_key_the_others_stay(items: list[Any], key: Any) -> None:
    rest = Map(items).without(key)
    assert key not in rest
    assert rest | {k: v for k, v in items if k == key} == Map(items)


def test_keys_come_in_their_order() -> None:
    assert list(Map({"b": 1, "a": 2}) | {"c": 3, "aa": 4}) == ["a", "aa", "b", "c"]
    ballots = Map({(10, "p1"): 1, (2, "p2"): 2})
    assert list(ballots) == [(2, "p2"), (10, "p1")]


def test_a_union_rebinds_and_changes_no_map() -> None:
    m = before = Map({"a": 1})
    m |= {"a": 2}
    assert (m, before) == (Map({"a": 2}), Map({"a": 1}))


CHANGES: list[Callable[[Any], object]] = [
    lambda m: m.__setitem__("a", 2),
    lambda m: m.__delitem__("a"),
    lambda m: m.clear(),
    lambda m: m.pop("a"),
    lambda m: m.popitem(),
    lambda m: m.setdefault("b", 2),
    lambda m: m.update({"a": 2}),
]


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_can_change_a_map(change: Callable[[Any], object]) -> None:
    m = Map({"a": 1})
    with pytest.raises(TypeError, match="a Map cannot change"):
        change(m)
    assert m == Map({"a": 1})


@given(ITEMS)
def test_a_copied_and_a_pickled_map_are_the_same_map(items: list[Any]) -> None:
    m = Map(items)
    for again in (copy.copy(m), copy.deepcopy(m), pickle.loads(pickle.dumps(m))):
        assert type(again) is Map and again == m and list(again) == list(m)


def test_sets_as_keys_have_an_order_though_they_can_not_be_compared() -> None:
    a, b = frozenset({"a"}), frozenset({"b"})
    assert list(Map({a: 1, b: 2})) == list(Map({b: 2, a: 1})) == [a, b]
    pairs = Map({(1, b): 1, (1, a): 2})
    assert list(pairs) == [(1, a), (1, b)]


def test_the_order_of_keys_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from playground.values import Map, text\n"
        "sets = {frozenset({w, w * 2}) for w in 'abcdef'}\n"
        "print(text(Map({**dict.fromkeys(sets, 1), 'x': 2, 3: 4})))\n"
        "print(text(frozenset({'p10', 'p2', 'a'})))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(printed) == 1


# ---- records


def test_records_are_compared_by_type_and_fields() -> None:
    assert Point(1, 2) == Point(1, 2) and hash(Point(1, 2)) == hash(Point(1, 2))
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Pixel(1, 2)  # type: ignore[comparison-overlap]


def test_a_record_can_not_change() -> None:
    point: Any = Point(1)
    with pytest.raises(AttributeError):
        point.x = 2
    with pytest.raises(AttributeError):
        point.z = 2


def test_replace_makes_another_record() -> None:
    point = Point(1, 2)
    assert replace(point, y=3) == Point(1, 3) and point == Point(1, 2)


# ---- how values print


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, "-"),
        (True, "true"),
        (-3, "-3"),
        ("A", "A"),
        ("p1", "p1"),
        ("true", '"true"'),
        ("12", '"12"'),
        ("two words", '"two words"'),
        ("", '""'),
        ("a\x1b[2J", '"a\\u001b[2J"'),
        ((1, "p1"), "(1, p1)"),
        ((1,), "(1,)"),
        ((), "()"),
        (frozenset({"a10", "a2"}), "{a2, a10}"),
        (Map({"a1": (1, "X"), "a2": None}), "{a1: (1, X), a2: -}"),
        (Fraction(5, 2), "2.5"),
        (Fraction(10, 3), "10/3"),
        (Fraction(4), "4"),
    ],
)
def test_values_print_in_the_notation(value: object, printed: str) -> None:
    assert text(value) == printed
