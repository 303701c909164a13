"""Values as JSON knows them."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.protocol import Map
from playground.protocol.consensus import Propose
from playground.session.native import native


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        ((1, "p1"), [1, "p1"]),
        (frozenset({"a10", "a2"}), ["a10", "a2"]),
        (frozenset({3, 1}), [1, 3]),
        (frozenset({None, 1, "a"}), [1, None, "a"]),
        (Map([(("p1", 2), None)]), {"(p1, 2)": None}),
        (Map({1: frozenset({"a"})}), {"1": ["a"]}),
        (Propose("A"), {"kind": "Propose", "value": "A"}),
        ((Fraction(2), Fraction(1, 2)), [2, 0.5]),
    ],
)
def test_a_value_is_the_nearest_that_json_has(value: Any, expected: Any) -> None:
    assert native(value) == expected


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.frozensets(inner, max_size=3)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3).map(Map)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_whatever_a_node_holds_is_json_and_always_the_same(value: Any) -> None:
    assert json.loads(json.dumps(native(value))) == native(value)
