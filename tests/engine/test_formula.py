"""Formulas: what each function gives, and that whole arrays and single values agree."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from mpnb.engine.duckdb import (
    elements,
    evaluate,
    formula,
    functions,
    rows,
    sources,
    values,
    vectors,
)
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.breakdown import GroupBy
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertyInput
from mpnb.query.expression import FUNCTIONS, FormulaError
from mpnb.query.filter import Filter
from mpnb.query.formula import parse
from tests.engine.stores import event, profile, store_of, store_of_values

CLOCK = values.Clock(ZoneInfo("America/New_York"), datetime(2025, 2, 1, tzinfo=UTC))
INSTANT = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
INPUTS: dict[str, Any] = {
    "A": 7,
    "B": -2.5,
    "S": "Hello World",
    "T": True,
    "U": None,
    "L": [1, "x", None, 2.5, "X"],
    "O": {"k": 5, "list": [10, 20]},
    "D": INSTANT,
    "F": date(2024, 2, 29),
}

RESULTS: list[tuple[str, Any]] = [
    #
    ("S == 'hello world'", True),
    ("A == '7'", False),
    ("A != '7'", True),
    ("U == undefined", True),
    ("A == undefined", False),
    ("U != A", True),
    ("T == 1", False),
    ("[1, 'a'] == [1, 'A']", True),
    ("D == datetime('2025-01-02T03:04:05Z')", True),
    ("F == datetime('2024-02-29T05:00:00Z')", True),
    #
    ("'WORLD' in S", True),
    ("1 in S", None),
    ("'x' in L", True),
    ("3 in L", False),
    ("undefined in L", True),
    ("'a' in U", None),
    ("has_prefix(S, 'HELL')", True),
    ("has_suffix(S, 'x')", False),
    ("has_prefix(A, 'x')", None),
    #
    ("A + B", 4.5),
    ("S + '!'", "Hello World!"),
    ("S + A", None),
    ("A / 0", None),
    ("A % 0", None),
    ("-7 % 3", -1),
    ("7 % -3", 1),
    ("T * 2", None),
    ("-S", None),
    ("1e308 * 10", None),
    ("10 - 2 - 3", 5),
    ("1 < 2", True),
    ("'a' < 'b'", None),
    ("D < datetime('2025-01-03')", True),
    ("D < 5", None),
    #
    ("if(A > 5, 'y', 'n')", "y"),
    ("if(U > 5, 'y', 'n')", "n"),
    ("if(A, 'y', 'n')", "n"),
    ("if(false, 1)", None),
    ("ifs(A < 5, 1, A < 10, 2, true, 3)", 2),
    ("ifs(A < 5, 1)", None),
    ("if(true, 1, regex_match(S, '('))", 1),
    #
    ("let(x, A, y, x + 1, x * y)", 56),
    ("let(A, 1, A) + A", 8),
    #
    ("number(' 12 ')", 12),
    ("number(S)", None),
    ("string(A / 2)", "3.5"),
    ("string(U)", None),
    ("string(L)", '[1,"x",null,2.5,"X"]'),
    ("string(D)", "2025-01-01T22:04:05"),
    ("string(F)", "2024-02-29"),
    ("number(D)", 1735787045),
    ("boolean(U)", False),
    ("boolean('false')", False),
    ("boolean(L)", True),
    #
    ("defined(U)", False),
    ("defined('')", True),
    ("not U", True),
    ("not A", None),
    ("not(T)", False),
    ("U or T", True),
    ("A and T", False),
    ("T and not U", True),
    #
    ("min(A, B)", -2.5),
    ("max(A, B, 9)", 9),
    ("max(A, U)", None),
    ("floor(B)", -3),
    ("ceil(B)", -2),
    ("round(B)", -3),
    ("round(2.5)", 3),
    ("round(0.49999999999999994)", 0),
    ("floor(S)", None),
    #
    ("upper(S)", "HELLO WORLD"),
    ("lower(A)", None),
    ("len(S)", 11),
    ("len(L)", 5),
    ("len(O)", None),
    ("left(S, 4)", "Hell"),
    ("left(S, -1)", ""),
    ("right(S, 3)", "rld"),
    ("right(S, 99)", "Hello World"),
    ("mid(S, 7, 3)", "Wor"),
    ("mid(S, 99, 3)", ""),
    ("left(D, 10)", "2025-01-01"),
    ("left(A, 1)", None),
    ("split('a//b', '/')", ["a", "", "b"]),
    ("split('a//b', '/', 2)", ""),
    ("split('a//b', '/', 4)", None),
    ("split('ab', '/', 1)", "ab"),
    ("split('ab', '', 1)", None),
    #
    ("regex_match(S, '^h.*D$')", True),
    ("regex_match(S, '(?-i)^h')", False),
    ("regex_extract(S, 'w(.)r')", "Wor"),
    ("regex_extract(S, 'w(.)r', 1)", "o"),
    ("regex_extract(S, 'w(.)r', 2)", None),
    ("regex_extract(S, 'z')", None),
    ("regex_replace('aSbT', '(?-i)([a-z])([A-Z])', '$1 $2')", "a Sb T"),
    ("regex_replace('x1y2', '[0-9]', '<$0>$$')", "x<1>$y<2>$"),
    ("regex_match('5', '\\d')", True),
    #
    ("datedif(F, D, 'D')", 307),
    ("datedif(F, D, 'm')", 10),
    ("datedif(F, D, 'Y')", 0),
    ("datedif(D, F, 'D')", None),
    ("datedif(S, D, 'D')", None),
    ("datedif(datetime('2023-01-31'), datetime('2025-03-01'), 'YM')", 1),
    ("datedif(datetime('2023-01-31'), datetime('2025-03-01'), 'MD')", 1),
    ("datedif(datetime('2023-01-31'), datetime('2025-03-01'), 'YD')", 29),
    ("string(today())", "2025-01-31"),
    #
    ("sum(L)", 3.5),
    ("sum(A)", None),
    ("any(x, L, x == 'X')", True),
    ("all(x, L, defined(x))", False),
    ("filter(x, L, x > 1)", [2.5]),
    ("map(x, L, x * 2)", [2, None, None, 5, None]),
    ("map(x, A, x)", None),
    ("O['k']", 5),
    ("O['no']", None),
    ("O['list'][1]", 20),
    ("L[0]", 1),
    ("L[-1]", None),
    ("L[9]", None),
    ("L['x']", None),
    ("[A, B][0]", 7),
]


def value_of(text: str, inputs: Mapping[Any, Any] = INPUTS) -> Any:
    return evaluate.compiled(parse(text, list(inputs)), text, CLOCK)(dict(inputs))


@pytest.mark.parametrize(("text", "result"), RESULTS, ids=[text for text, _ in RESULTS])
def test_result(text: str, result: Any) -> None:
    found = value_of(text)
    assert found == result
    assert isinstance(found, bool) == isinstance(result, bool)


HOPELESS = [
    ("regex_match(S, '(a|aa)+$')", {"S": "a" * 60 + "b"}, "FORMULA_TIMEOUT"),
    ("regex_match(S, '(')", {"S": "a"}, "FORMULA_REGEX"),
    ("datedif(D, D, 'W')", {"D": INSTANT}, "FORMULA_ARGUMENTS"),
    ("let(a, S + S, b, a + a, c, b + b, d, c + c, d)", {"S": "x" * 2_000_000}, "FORMULA_TOO_LARGE"),
    (
        "sum(map(a, L, sum(map(b, L, sum(map(c, L, 1))))))",
        {"L": [1] * 1000},
        "FORMULA_TOO_MANY_STEPS",
    ),
    (
        "let(a, map(x, L, L), b, map(x, L, a), c, map(x, L, b), len(string(c)))",
        {"L": [1] * 200},
        "FORMULA_TOO_MANY_STEPS",
    ),
]


@pytest.mark.parametrize(("text", "inputs", "code"), HOPELESS, ids=[h[0] for h in HOPELESS])
def test_hopeless_formulas_end_in_an_error(text: str, inputs: dict[str, Any], code: str) -> None:
    with pytest.raises(FormulaError) as caught:
        value_of(text, inputs)
    assert caught.value.code == code


URLS = [
    ("https://www.google.co.uk/search?q=1", "google", "google.co.uk"),
    ("http://google.com:8080", "google", "google.com"),
    ("shop.example.com/cart", "example", "example.com"),
    ("HTTPS://User:secret@Sub.Example.ORG./x", "example", "example.org"),
    ("https://bücher.example.de", "example", "example.de"),
    ("https://co.uk/", None, None),
    ("http://127.0.0.1/x", None, None),
    ("http://[::1]/x", None, None),
    ("http://[broken", None, None),
    ("localhost", None, None),
    ("no address at all", None, None),
    ("", None, None),
]


@pytest.mark.parametrize(("address", "name", "full"), URLS, ids=[row[0] for row in URLS])
def test_domains_of_addresses(address: str, name: str | None, full: str | None) -> None:
    assert value_of("parse_url(S, 'domain')", {"S": address}) == name
    assert value_of("parse_url(S, 'full_domain')", {"S": address}) == full


def test_domains_of_what_is_no_text() -> None:
    assert value_of("parse_url(S, 'domain')", {"S": 5}) is None
    with pytest.raises(NotSupportedError, match="domain or full_domain"):
        value_of("parse_url(S, 'path')", {"S": "https://a.com"})


# --- arrays and single values agree -------------------------------------------------------------

LEAVES = ["A", "B", "0", "2", "5", "-1.5", "undefined", "true", "false", "'lo'", "'hi'"]


def random_formula(source: random.Random, depth: int) -> str:
    if depth == 0:
        return source.choice(LEAVES)

    def part() -> str:
        return random_formula(source, depth - 1)

    kind = source.randrange(12)
    if kind < 5:
        operator = source.choice(["+", "-", "*", "/", "%", "<", ">=", "==", "!=", "and", "or"])
        return f"({part()} {operator} {part()})"
    if kind < 7:
        return f"if({part()} {source.choice(['<', '==', '>='])} {part()}, {part()}, {part()})"
    if kind == 7:
        return f"ifs({part()}, {part()}, {part()} > {part()}, {part()})"
    if kind == 8:
        return f"{source.choice(['floor', 'ceil', 'round', 'defined', 'not', 'number'])}({part()})"
    if kind == 9:
        return f"{source.choice(['min', 'max'])}({part()}, {part()})"
    if kind == 10:
        return f"let(x, {part()}, x == {part()})"
    return f"(-{part()})"


@pytest.mark.parametrize("seed", range(300))
def test_arrays_give_what_single_values_give(seed: int) -> None:
    text = random_formula(random.Random(seed), 3)
    tree = parse(text, ["A", "B"])
    numbers = [np.nan, -2.0, -1.5, 0.0, 0.5, 2.0, 2.5, 5.0]
    pairs = [(a, b) for a in numbers for b in numbers]
    columns: dict[Any, vectors.Vector] = {
        name: vectors.Numeric(np.array([pair[i] for pair in pairs])) for i, name in enumerate("AB")
    }
    try:
        found = vectors.evaluate(tree, columns, len(pairs))
    except vectors.NotVectors:
        return
    code = evaluate.compiled(tree, text, CLOCK)
    for i, pair in enumerate(pairs):
        native = [None if np.isnan(value) else value for value in pair]
        expected = code(dict(zip("AB", native, strict=True)))
        assert repr(_at(found, i)) == repr(_plain(expected)), (text, pair)


def _plain(value: Any) -> Any:
    return float(value) + 0.0 if isinstance(value, float) else value


def _at(vector: vectors.Vector, index: int) -> Any:
    if not vector.known[index]:
        return None
    if isinstance(vector, vectors.Coded):
        return vector.values[vector.array[index]]
    item = vector.array[index].item()
    return item + 0.0 if isinstance(vector, vectors.Numeric) else item


EXTREMES: dict[str, Any] = {
    "A": 10**400,
    "B": 1e308,
    "C": date.max,
    "D": date.min,
    "E": datetime.max.replace(tzinfo=UTC),
    "F": datetime.min.replace(tzinfo=UTC),
    "G": [[1], {"k": None}, "x", 10**400],
    "H": {"k": [date.max]},
    "I": "(",
}


def any_formula(pick: random.Random, depth: int) -> str:
    """Calls and operators on arguments of any type."""
    if depth == 0:
        return pick.choice([*EXTREMES, "-1", "0", "'MD'", "'k'", "undefined", "true"])

    def part() -> str:
        return any_formula(pick, depth - 1)

    kind = pick.randrange(10)
    if kind < 3:
        return f"({part()} {pick.choice(list(functions.OPERATORS))} {part()})"
    if kind == 3:
        return f"{part()}[{part()}]"
    if kind == 4:
        return f"{pick.choice(['any', 'all', 'map', 'filter'])}(x, {part()}, {part()})"
    name = pick.choice([name for name in FUNCTIONS if name in functions.FUNCTIONS])
    count = pick.randint(FUNCTIONS[name].least, FUNCTIONS[name].most or 3)
    return f"{name}({', '.join(part() for _ in range(count))})"


@pytest.mark.parametrize("seed", range(20))
def test_any_formula_gives_a_value_or_a_coded_error(seed: int) -> None:
    pick = random.Random(seed)
    for _ in range(100):
        text = any_formula(pick, pick.randint(1, 4))
        try:
            values.label(value_of(text, EXTREMES), CLOCK.zone)
        except (FormulaError, NotSupportedError):
            continue


# --- over columns -------------------------------------------------------------------------------


def segments(store: Any, spec: Any, kind: Any = "string") -> list[str]:
    found = rows.labels(store, GroupBy(spec, kind))
    assert found.exploded is None
    return [found.labels[code] for code in found.codes]


def test_a_formula_over_mixed_columns() -> None:
    store = store_of(
        [
            event("A", "u1", p="x", q=1),
            event("A", "u2", p="y", q="2"),
            event("A", "u3", q=3),
            event("A", "", p="x", q=4),
        ],
        [profile("u1", plan="pro"), profile("u2", plan="free")],
    )
    spec = InlineCustomProperty(
        "if(defined(A), A + '/' + string(B) + '/' + C, C)",
        {
            "A": PropertyInput("p"),
            "B": PropertyInput("q", "number"),
            "C": PropertyInput("plan", resource_type="user"),
        },
        "string",
    )
    assert segments(store, spec) == ["x/1/pro", "y/2/free", "(not set)", "(not set)"]


def test_a_formula_of_profiles_alone_works_per_user() -> None:
    store = store_of([event("A", "u1")], [profile("u1", plan="pro"), profile("u2", plan="free")])
    spec = InlineCustomProperty(
        "upper(A)", {"A": PropertyInput("plan", resource_type="user")}, "string"
    )
    users = rows.user_mask(store, [Filter.equals(spec, "FREE")])
    assert users is not None
    assert users.tolist() == [False, True]
    mask = rows.mask(store, [Filter.equals(spec, "pro")])
    assert mask is not None
    assert mask.tolist() == [True]


def test_a_formula_of_event_properties_is_no_profile_property() -> None:
    store = store_of([event("A", "u1", p="x")], [profile("u1")])
    with pytest.raises(NotSupportedError):
        rows.user_mask(
            store, [Filter.equals(InlineCustomProperty("A", {"A": PropertyInput("p")}), "x")]
        )


def test_declared_dates_are_cast_and_other_inputs_are_not() -> None:
    store = store_of_values(["2025-01-02", 1735787045, "x"], timezone="America/New_York")
    spec = InlineCustomProperty("string(A)", {"A": PropertyInput("p", "datetime")}, "string")
    assert segments(store, spec) == ["2025-01-02", "2025-01-01T22:04:05", "(not set)"]
    plain = InlineCustomProperty("A * 2", {"A": PropertyInput("p", "number")}, "number")
    assert rows.numbers(store, plain).pairs()[1].tolist() == [2 * 1735787045]


def test_saved_formulas_are_known_by_id() -> None:
    row = {"id": 4, "formula": "A + 1", "inputs": {"A": {"name": "p"}}, "type": "number"}
    store = store_of([event("A", "u", p=1)], custom_properties=[row])
    assert segments(store, CustomPropertyRef(4), "number") == ["2"]
    with pytest.raises(QueryError, match=r"custom property 5.*known: 4"):
        rows.numbers(store, CustomPropertyRef(5))


def test_selectors_over_profiles() -> None:
    store = store_of([], [profile("u1", age=20), profile("u2", age="40"), profile("u3", age=41)])
    assert formula.selected(store, 'properties["age"] > 30', people=True).tolist() == [
        False,
        False,
        True,
    ]
    assert formula.selected(store, 'number(user["age"]) > 30', people=True).sum() == 2
    with pytest.raises(NotSupportedError):
        formula.selected(store, 'event["$time"] > 3', people=True)
    with pytest.raises(QueryError, match="behaviors"):
        formula.selected(store, 'behaviors["b"] > 3', people=True)


def test_many_distinct_inputs_are_taken_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [float(i % 90) for i in range(300)]
    spec = InlineCustomProperty("string(A) + '!'", {"A": PropertyInput("p", "number")}, "string")
    whole = segments(store_of_values(numbers), spec)
    monkeypatch.setattr(formula, "BLOCK", 64)
    assert segments(store_of_values(numbers), spec) == whole
    within = np.arange(300) % 7 == 0
    some = rows.labels(store_of_values(numbers), GroupBy(spec), within)
    found = [some.labels[code] for code in some.codes]
    assert [found[i] for i in np.flatnonzero(within)] == [whole[i] for i in range(0, 300, 7)]


def test_no_rows_are_no_values() -> None:
    store = store_of([])
    spec = InlineCustomProperty("A + 1", {"A": PropertyInput("p", "number")}, "number")
    assert len(rows.numbers(store, spec).values) == 0
    assert len(sources.spread(store, formula.source(store, "1", {})).array) == 0


LONG = {
    "a sum": ("+".join(["A"] * 8_000), 8_000),
    "products": ("+".join(["A*A"] * 4_000), 4_000),
    "choices": (" + ".join(f"if(A > {i}, 1, 0)" for i in range(800)), 1),
    "names": ("let(" + "".join(f"x{i}, A + {i}, " for i in range(900)) + "x7)", 8),
}


@pytest.mark.parametrize(("text", "at_one"), LONG.values(), ids=LONG)
@pytest.mark.parametrize("other", [2.5, "text"], ids=["numbers", "mixed"])
def test_a_long_formula_costs_what_its_distinct_values_cost(
    text: str, at_one: float, other: float | str
) -> None:
    store = store_of_values([1.0, None, other] * 5_000)
    spec = InlineCustomProperty(text, {"A": PropertyInput("p", "number")}, "number")
    start = time.process_time()
    found = rows.numbers(store, spec).values
    assert time.process_time() - start < 5
    assert found[0] == at_one
    code = evaluate.compiled(parse(text, ["A"]), text, CLOCK)
    expected = [code({"A": value}) for value in (1.0, None, other)]
    numbers = [value if type(value) is float else np.nan for value in expected]
    assert np.array_equal(found[:3], numbers, equal_nan=True)


def test_a_very_long_formula_over_very_many_values_is_refused_at_once() -> None:
    store = store_of_values([f"text {i}" for i in range(4_000)])
    text = " + ".join(["upper(A)"] * 1_500)
    with pytest.raises(FormulaError) as caught:
        formula.source(store, text, {"A": (sources.event_property(store, "p"), "string")})
    assert caught.value.code == "FORMULA_TOO_MUCH_WORK"


@pytest.mark.parametrize("text", ["A" + "[0]" * 5_000, "(" * 16_000, "-" * 16_000 + "A"])
def test_what_is_nested_too_deep_says_so(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text, ["A"])
    assert caught.value.code == "FORMULA_TOO_DEEP"


def test_lists_with_too_many_elements_together_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = InlineCustomProperty("[A, A, 1]", {"A": PropertyInput("p", "number")})
    assert rows.labels(store_of_values([1.0] * 4), GroupBy(spec)).exploded is not None
    monkeypatch.setattr(elements, "MAX_ELEMENTS", 11)
    with pytest.raises(NotSupportedError, match="12 elements"):
        rows.labels(store_of_values([1.0] * 4), GroupBy(spec))
