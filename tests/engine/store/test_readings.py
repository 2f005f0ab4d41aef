"""The compiled reading of lines and the one in Python must agree on every line."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpnb.engine.duckdb.arrays import MemoryArrays
from mpnb.engine.duckdb.load.assemble import assemble
from mpnb.engine.duckdb.load.lines import read_lines
from mpnb.engine.duckdb.load.profiles import Profiles
from mpnb.engine.duckdb.settings import Settings
from mpnb.engine.duckdb.store import Store

Answer = tuple[list[tuple[Any, ...]], list[tuple[int, str]]]


def read(data: bytes, *, compiled: bool) -> Answer:
    """All rows with the types of their values, and the bad lines."""
    found = read_lines(data, 0, 0, compiled=compiled)
    store = Store(assemble(found.blocks, Profiles(), ZoneInfo("UTC"), Settings(), MemoryArrays()))
    rows = []
    for i in range(store.n_rows):
        row = store.event_json(i)
        typed = sorted((name, repr(value)) for name, value in row["properties"].items())
        rows.append((row["event"], int(store.time[i]), typed))
    return rows, sorted(found.bad)


def same(*lines: str | bytes) -> Answer:
    data = b"".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    expected = read(data, compiled=False)
    assert read(data, compiled=True) == expected
    return expected


def of(properties: str) -> str:
    return '{"event":"e","properties":{"time":1,"distinct_id":"u",' + properties + "}}\n"


VALUES = [
    '"text"', '""', '"\\u00e9\\ud83d\\ude00\\n\\"\\\\\\/\\b\\f\\r\\t"', '"\\ud800"', '"\\u00zz"', '"\\x"', '"a\tb"',
    '"é😀"', "0", "-0", "5", "5.0", "5e0", "5E+2", "1e-7", "1.50", "0.1", "0.1000000000000000055", "-12.25", "01",
    "1.", ".5", "+1", "-", "1e", "1e999", "9007199254740993", "12345678901234567890123", "1e22", "10000000000000000",
    "1e16", "true", "false", "null", "True", "tru", "nul", "NaN", "Infinity", "[]", "{}", "[1, 2.0, \"a\"]",
    '{"b": 1, "a": [null, {"c": "}"}]}', "[1,]", "[1 2]", "{1: 2}", "[1}", "[[[]]", '["\\"]"]', '{"a":1,"a":2}', "", " ",
    "'x'", "[" * 2000 + "]" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_values(value: str) -> None:
    same(of('"k":1'), of(f'"k":{value}'), of(f'"k": {value} ,"l":2'), of('"k":"x"'))


LINES = [
    "", " \n", "\r\n", "{}\n", "[]\n", "5\n", "null\n", '{"event":"e"}\n', '{"properties":{"time":1}}\n',
    '{"properties":{"time":1},"event":"e"}\n', ' { "event" : "e" , "properties" : { "time" : 1 } } \r\n',
    '{"event":"e","properties":{"time":1}}', '{"event":"e","properties":{"time":1}}x\n',
    '{"event":"e","properties":{"time":1},"more":[1,{"a":2}]}\n', '{"event":"e","event":"f","properties":{"time":1}}\n',
    '{"event":5,"properties":{"time":1}}\n', '{"event":null,"properties":{"time":1}}\n',
    '{"event":"\\u0065","properties":{"time":1}}\n', '{"event":"e","properties":[]}\n', '{"event":"e","properties":{}}\n',
    '{"event":"e","properties":{"time":"1"}}\n', '{"event":"e","properties":{"time":null}}\n',
    '{"event":"e","properties":{"time":1.5,"time":2}}\n', '{"event":"e","properties":{"t\\u0069me":7}}\n',
    '{"event":"e","properties":{"time":1,"k":1,"k":1}}\n', '{"event":"e","properties":{"time":1,"event":"inner"}}\n',
    '{"event":"e","properties":{"time":1,"properties":{"time":2}}}\n', '{"event":"e","properties":{"time":1,"":1}}\n',
    '{"event":"e","properties":{"time":1,"distinct_id":5}}\n', '{"event":"e","properties":{"time":1,"distinct_id":""}}\n',
    '{"event":"e","properties":{"time":1,"distinct_id":null,"$distinct_id":"x"}}\n',
    '{"event":"e","properties":{"time":1,"$distinct_id":"x"}}\n', '{"event":"e","properties":{"time":1,}}\n',
    '{"event":"e","properties":{"time":1}},\n', '{"event":"e" "properties":{"time":1}}\n', '{"event":"e","properties":{"time":1}\n',
    '{"event":"e","properties":{"time":1e3}}\n', '{"event":"e","properties":{"time":-5}}\n',
    '{"event":"e","properties":{"time":1735725600.9999}}\n', '{"event":"e","properties":{"time":1735725600123.7}}\n',
    '{"event":"e","properties":{"time":253402300799}}\n', '{"event":"e","properties":{"time":253402300799000}}\n',
    '{"event":"e","properties":{"time":99999999999999999999}}\n', '{"event":"e","properties":{"time":9999999999.9996}}\n',
    '\ufeff{"event":"e","properties":{"time":1}}\n', '{"event":"e","propertie2":{"time":1}}\n', "{\n", '{"event\n', '"\n',
]  # fmt: skip


@pytest.mark.parametrize("text", LINES)
def test_lines(text: str) -> None:
    ended = text if text.endswith("\n") else text + "\n"
    same(of('"k":1'), ended, of('"k":2'), ended)


def test_text_that_is_no_utf8() -> None:
    _, bad = same(of('"k":1'), b'{"event":"e","properties":{"time":1,"k":"\xff"}}\n', of('"k":2'))
    assert bad == [(1, "not valid UTF-8")]


def test_values_that_hardly_repeat_and_values_that_do() -> None:
    rng = np.random.default_rng(7)
    lines = []
    for i in range(9000):
        text = f'"id":"{rng.integers(2**62):x}","few":"v{rng.integers(5)}","n":{rng.integers(10**9)},"m":{rng.random()}'
        if i % 97 == 0:
            text += ',"n2":"x","rare":1.25'
        if i == 8000:
            text = text.replace('"n":', '"n":"text","was":')
        lines.append(of(text))
    rows, bad = same(*lines)
    assert (len(rows), bad) == (9000, [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
ROW = st.fixed_dictionaries(
    {
        "event": st.text(),
        "properties": st.dictionaries(st.text(), JSON, max_size=4).map(lambda p: {**p, "time": 5}),
    }
)


@given(st.lists(ROW, max_size=5), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_rows(rows: list[dict[str, Any]], ascii_only: bool) -> None:
    lines = [json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows]
    found, bad = same(*[line.encode("utf-8", "replace") for line in lines])
    assert (len(found), bad) == (len(rows), [])


@given(st.text(alphabet='{}[]",:\\ eventpropertiestim1.0-', max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text(text: str) -> None:
    same(of('"k":1'), text + "\n", of(text))
