"""The expression language: what parses to what, and what is refused where."""

from __future__ import annotations

import pickle

import pytest

from mpnb.query.expression import (
    FUNCTIONS,
    MAX_LENGTH,
    Call,
    Constant,
    Each,
    Element,
    FormulaError,
    Items,
    Let,
    Name,
    Negation,
    Operation,
    Property,
    walk,
)
from mpnb.query.formula import parse

A, B, C = Name("A"), Name("B"), Name("C")


def number(value: float) -> Constant:
    return Constant(float(value))


TREES = {
    "A": A,
    "1.5e2": number(150),
    ".5": number(0.5),
    '"a\\"b\\\\c\\nd\\s"': Constant('a"b\\c\nd\\s'),
    "'it''": None,
    "TRUE": Constant(True),
    "Undefined": Constant(None),
    "A + B - C": Operation((A, B, C), ("+", "-")),
    "A + B * C": Operation((A, Operation((B, C), ("*",))), ("+",)),
    "(A + B) * C": Operation((Operation((A, B), ("+",)), C), ("*",)),
    "A * -B": Operation((A, Negation("-", B)), ("*",)),
    "-A[0]": Negation("-", Element(A, number(0))),
    "A or B and C": Operation((A, Operation((B, C), ("and",))), ("or",)),
    "not A == B": Negation("not", Operation((A, B), ("==",))),
    "not(A) == B": Operation((Call("not", (A,)), B), ("==",)),
    "NOT not A": Negation("not", Negation("not", A)),
    "A IN [1, B]": Operation((A, Items((number(1), B))), ("in",)),
    "A < B + C": Operation((A, Operation((B, C), ("+",))), ("<",)),
    "If(A, B)": Call("if", (A, B)),
    "let(x, A, y, x, y)": Let((("x", A), ("y", Name("x"))), Name("y")),
    "let(A, B, A)": Let((("A", B),), A),
    "map(x, A, x)": Each("map", "x", A, Name("x")),
    'A["k"][B]': Element(Element(A, Constant("k")), B),
    "A // the rest": A,
    "// first\n  A": A,
    "today()": Call("today", ()),
    "[]": Items(()),
}


@pytest.mark.parametrize(("text", "tree"), [(k, v) for k, v in TREES.items() if v is not None])
def test_parses(text: str, tree: object) -> None:
    assert parse(text, ["A", "B", "C"]) == tree


def test_selectors_read_properties_by_name() -> None:
    tree = parse('properties["a b"] == 1 and not "x" in user["p"] or event["$time"] < now')
    found = {(node.space, node.key) for node in walk(tree) if isinstance(node, Property)}
    assert found == {("properties", "a b"), ("user", "p"), ("event", "$time")}
    assert any(isinstance(node, Call) and node.function == "now" for node in walk(tree))


REFUSED = [
    ("", "FORMULA_EMPTY", 0),
    ("  // only a comment", "FORMULA_EMPTY", 19),
    ("A +", "FORMULA_SYNTAX", 3),
    ("A B", "FORMULA_SYNTAX", 2),
    ("(A", "FORMULA_SYNTAX", 2),
    ("A = B", "FORMULA_SYNTAX", 2),
    ("A && B", "FORMULA_SYNTAX", 2),
    ("1 + not A", "FORMULA_SYNTAX", 4),
    ("A ; B", "FORMULA_CHARACTER", 2),
    ('left("abc, 1)', "FORMULA_OPEN_TEXT", 5),
    ("A + D", "FORMULA_NAME", 4),
    ("lef(A, 1)", "FORMULA_FUNCTION", 0),
    ("left(A)", "FORMULA_ARGUMENTS", 0),
    ("ifs(A, 1, B)", "FORMULA_ARGUMENTS", 0),
    ("let(A)", "FORMULA_ARGUMENTS", 0),
    ("let(x, 1) + x", "FORMULA_SYNTAX", 8),
    ("map(1, A, 1)", "FORMULA_ARGUMENTS", 4),
    ("let(x, 1, x) + x", "FORMULA_NAME", 15),
    ("1e999", "FORMULA_NUMBER", 0),
    ('properties["p"]', "FORMULA_NAME", 0),
    ("(" * 1000 + "A" + ")" * 1000, "FORMULA_TOO_DEEP", 100),
    ("-" * 1000 + "A", "FORMULA_TOO_DEEP", 100),
    ("if(A, " * 500, "FORMULA_TOO_DEEP", 597),
    ("A+" * MAX_LENGTH, "FORMULA_TOO_LONG", MAX_LENGTH),
]


@pytest.mark.parametrize(("text", "code", "position"), REFUSED, ids=[r[0][:20] for r in REFUSED])
def test_refuses_with_a_code_and_a_place(text: str, code: str, position: int) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text, ["A", "B", "C"])
    assert (caught.value.code, caught.value.position) == (code, position)
    assert caught.value.details["position"] == position


def test_message_points_at_the_character() -> None:
    with pytest.raises(FormulaError) as caught:
        parse("if(A,\n  lenn(A), 1)", ["A"])
    message, line, caret = str(caught.value).split("\n")
    assert "lenn" in message
    assert "len()" in message
    assert line[caret.index("^")] == "l"
    assert isinstance(caught.value, ValueError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_long_chains_are_not_deep() -> None:
    tree = parse(" or ".join(f'properties["p"] == "{i}"' for i in range(700)))
    assert isinstance(tree, Operation)
    assert len(tree.operands) == 700


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_usage_is_an_example_that_has_the_function(name: str) -> None:
    assert FUNCTIONS[name].usage.startswith(f"{name}(")
