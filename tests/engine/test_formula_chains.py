"""Long chains of `+`: the same as adding two by two, and quick."""

from __future__ import annotations

import math
import time
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpnb.engine.duckdb import evaluate
from mpnb.query.expression import FormulaError
from mpnb.query.formula import parse
from tests.engine.test_formula import CLOCK

VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**60), 2**60),
    st.text("ab", max_size=3),
    st.sampled_from([None, True, False, 1e308, -1e308, [1], {"a": 1}]),
)


def added(left: Any, right: Any) -> Any:
    """Two numbers or two strings; anything else, and what no number holds, is undefined (X-4)."""
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if type(left) not in (int, float) or type(right) not in (int, float):
        return None
    total = float(left) + float(right)
    return total if math.isfinite(total) else None


@settings(max_examples=200, deadline=None)
@given(st.lists(VALUES, min_size=2, max_size=6), st.booleans())
def test_a_chain_is_the_same_as_two_by_two(values: list[Any], nested: bool) -> None:
    letters = "ABCDEF"[: len(values)]
    text = "+".join(f"if(true, {letter}, 0)" if nested else letter for letter in letters)
    code = evaluate.compiled(parse(text, list(letters)), text, CLOCK)
    found = code(dict(zip(letters, values, strict=True)))
    wanted = reduce(added, values)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize("value", ["text", 2.5, 7, None, True])
def test_the_longest_chain_is_quick(value: Any) -> None:
    text = "+".join("A" * 8_000)
    code = evaluate.compiled(parse(text, ["A"]), text, CLOCK)
    started = time.process_time()
    for _ in range(100):
        found = code({"A": value})
    assert time.process_time() - started < 0.3
    assert found == (value * 8_000 if type(value) in (str, float, int) else None)


def test_texts_beyond_all_measure_are_refused_at_their_place() -> None:
    text = "upper(A) + " + "+".join("A" * 40)
    code = evaluate.compiled(parse(text, ["A"]), text, CLOCK)
    with pytest.raises(FormulaError) as caught:
        code({"A": "x" * 500_000})
    assert caught.value.code == "FORMULA_TOO_LARGE"
