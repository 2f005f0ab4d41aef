"""What is no params object is refused at once, with a code and a place."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mpnb import params
from mpnb.errors import BookmarkValidationError


def code_of(error: pytest.ExceptionInfo[BookmarkValidationError]) -> str:
    (finding,) = error.value.errors
    return finding.code


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"sections": value}
    return value


TEXTS = {
    "nothing": ("", "PJ1_NOT_JSON"),
    "cut off": ('{"sections": {', "PJ1_NOT_JSON"),
    "two values": ("{} {}", "PJ1_NOT_JSON"),
    "single quotes": ("{'sections': {}}", "PJ1_NOT_JSON"),
    "not text": (b"\xff\xfe{}", "PJ1_NOT_JSON"),
    "very long number": (f'{{"a": {"9" * 5000}}}', "PJ1_NOT_JSON"),
    "key twice": ('{"sections": {}, "sections": {}}', "PJ2_DUPLICATE_KEY"),
    "inner key twice": ('{"a": [{"b": 1, "b": 1}]}', "PJ2_DUPLICATE_KEY"),
    "deep lists": ("[" * 1000 + "]" * 1000, "PJ3_TOO_DEEP"),
    "deep objects": ('{"a":' * 1000 + "1" + "}" * 1000, "PJ3_TOO_DEEP"),
    "deep and cut off": ("[" * 100_000, "PJ3_TOO_DEEP"),
    "NaN": ('{"a": NaN}', "PJ4_NOT_FINITE"),
    "too large": ('{"a": 1e999}', "PJ4_NOT_FINITE"),
    "text that never ends": ('"' + '\\"' * 500_000, "PJ1_NOT_JSON"),
    "texts that never end": ('{"a":"' * 200_000, "PJ3_TOO_DEEP"),
    "a list": ("[1]", "PJ5_NOT_AN_OBJECT"),
    "null": ("null", "PJ5_NOT_AN_OBJECT"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_parsed_strictly(name: str) -> None:
    text, code = TEXTS[name]
    started = time.perf_counter()
    with pytest.raises(BookmarkValidationError) as error:
        params.loads(text)
    assert code_of(error) == code
    assert time.perf_counter() - started < 1


def test_good_text_is_parsed() -> None:
    assert params.loads('{"a": [1, 1.5, true, null, "[{"]}') == {"a": [1, 1.5, True, None, "[{"]}
    assert params.loads(b'{"\xc3\xa4": 1}') == {"ä": 1}


VALUES: dict[str, tuple[Any, str]] = {
    "a list": ([], "PJ5_NOT_AN_OBJECT"),
    "text": ('{"sections": {}}', "PJ5_NOT_AN_OBJECT"),
    "None": (None, "PJ5_NOT_AN_OBJECT"),
    "deep": (nested(1000), "PJ3_TOO_DEEP"),
    "infinite": ({"sections": {"show": [float("inf")]}}, "PJ4_NOT_FINITE"),
    "a key that is no text": ({1: 2}, "PJ1_NOT_JSON"),
    "a value that is not JSON": ({"sections": {1, 2}}, "PJ1_NOT_JSON"),
    "empty": ({}, "PR1_NOT_A_BOOKMARK"),
    "something else": ({"event": "Signup"}, "PR1_NOT_A_BOOKMARK"),
    "sections that are a list": ({"sections": []}, "PR1_NOT_A_BOOKMARK"),
    "no metric": ({"sections": {}}, "PR3_UNREADABLE"),
    "an unknown metric": (
        {"sections": {"show": [{"behavior": {"type": "addiction"}}]}},
        "PR3_UNREADABLE",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_is_no_bookmark_is_refused(name: str) -> None:
    value, code = VALUES[name]
    with pytest.raises(BookmarkValidationError) as error:
        params.read(value)
    assert code_of(error) == code


@pytest.mark.parametrize("kind", ["launch-analysis", "", "Insights", "segmentation"])
def test_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(BookmarkValidationError) as error:
        params.read({"sections": {}}, kind)
    assert code_of(error) == "PR2_UNKNOWN_KIND"


@pytest.mark.parametrize("body", [{}, {"params": None}, {"params": [], "type": "insights"}, []])
def test_what_is_no_report_is_refused(body: Any) -> None:
    with pytest.raises(BookmarkValidationError) as error:
        params.read_report(body)
    assert code_of(error) == "PR1_NOT_A_BOOKMARK"


def test_report_of_unknown_type_is_refused() -> None:
    with pytest.raises(BookmarkValidationError) as error:
        params.read_report({"type": "launch-analysis", "params": {"sections": {}}})
    assert code_of(error) == "PR2_UNKNOWN_KIND"
