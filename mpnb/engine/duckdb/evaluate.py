"""Formulas on single values: a tree becomes a Python function of its inputs.

`compiled` takes a tree and gives a function from inputs to a value. The surprise: each value has a
budget of steps, so that loops within loops over long lists end in an error instead of a hang.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Sequence
from functools import reduce
from operator import itemgetter
from typing import Any, Final

from mpnb.engine.duckdb import functions
from mpnb.engine.duckdb.functions import Failure
from mpnb.engine.duckdb.values import Clock
from mpnb.query.expression import (
    Call,
    Constant,
    Each,
    Element,
    Expression,
    FormulaError,
    Items,
    Let,
    Name,
    Negation,
    Operation,
    Property,
)

Inputs = dict[Hashable, Any]
"""Values by name (a letter), or by (space, key) for ``properties["key"]``."""

Code = Callable[[Inputs], Any]

MAX_STEPS: Final = 1_000_000
"""How many list elements a formula may look at for one row."""

MAX_SECONDS: Final = 60.0
"""How long a formula may work on all values together."""


def compiled(tree: Expression, text: str, clock: Clock) -> Code:
    """A function that evaluates a tree; it raises `FormulaError` where the tree cannot go on."""
    return _Compiler(text, clock).whole(tree)


class _Compiler:
    def __init__(self, text: str, clock: Clock) -> None:
        self.text = text
        self.clock = clock
        self.steps = 0
        self.until = time.monotonic() + MAX_SECONDS

    def whole(self, tree: Expression) -> Code:
        code = self.code(tree)

        def run(inputs: Inputs) -> Any:
            self.steps = 0
            if time.monotonic() > self.until:
                message = f"The formula took longer than {MAX_SECONDS:g} s on these values."
                raise FormulaError("FORMULA_TIMEOUT", message, self.text, 0)
            return code(inputs)

        return run

    def spend(self, steps: int, at: int) -> None:
        self.steps += steps
        if self.steps > MAX_STEPS:
            message = f"The formula needs more than {MAX_STEPS:,} steps for one row."
            raise FormulaError("FORMULA_TOO_MANY_STEPS", message, self.text, at)

    def code(self, node: Expression) -> Code:
        match node:
            case Constant():
                value = node.value
                return lambda inputs: value
            case Name():
                name = node.name
                return lambda inputs: inputs[name]
            case Property():
                place = (node.space, node.key)
                return lambda inputs: inputs[place]
            case Items():
                return self.items(node)
            case Negation():
                operand = self.code(node.operand)
                change = functions.minus if node.operator == "-" else functions.negated
                return lambda inputs: change(operand(inputs))
            case Operation():
                return self.operation(node)
            case Element():
                base, key = self.code(node.base), self.code(node.key)
                return lambda inputs: functions.element(base(inputs), key(inputs))
            case Let():
                return self.let(node)
            case Each():
                return self.each(node)
            case Call():
                return self.choice(node) if node.function in ("if", "ifs") else self.call(node)

    def items(self, node: Items) -> Code:
        if all(isinstance(item, Constant) for item in node.items):
            fixed = [item.value for item in node.items if isinstance(item, Constant)]
            return lambda inputs: fixed  # no function changes a list that it is given
        parts = [self.code(item) for item in node.items]
        return lambda inputs: [part(inputs) for part in parts]

    def operation(self, node: Operation) -> Code:
        if set(node.operators) == {"+"}:
            return self.located(self.sum(node.operands), node.at)
        first, *others = [self.code(operand) for operand in node.operands]
        if node.operators[0] in ("and", "or"):
            return self.logic(node.operators[0] == "and", [first, *others])
        steps = [(functions.OPERATORS[op], c) for op, c in zip(node.operators, others, strict=True)]
        clock = self.clock

        def run(inputs: Inputs) -> Any:
            value = first(inputs)
            for operator, operand in steps:
                value = operator(clock, value, operand(inputs))
            return value

        return self.located(run, node.at)

    def sum(self, operands: Sequence[Expression]) -> Code:
        """A chain of `+`; texts are joined once, as adding them one by one copies them all."""
        gather = self.gather(operands)

        def run(inputs: Inputs) -> Any:
            parts = gather(inputs)
            kinds = set(map(type, parts))
            if kinds == {str}:
                return functions.joined(parts)
            if not kinds <= {int, float}:
                return None  # one that fits neither leaves the whole undefined
            total = reduce(float.__add__, map(float, parts))
            return total if math.isfinite(total) else None

        return run

    def gather(self, operands: Sequence[Expression]) -> Callable[[Inputs], Sequence[Any]]:
        """All values of a chain; names alone are looked up at once."""
        names = [node.name for node in operands if isinstance(node, Name)]
        if len(names) == len(operands):
            return itemgetter(*names)
        parts = [self.code(operand) for operand in operands]
        return lambda inputs: [part(inputs) for part in parts]

    def logic(self, every: bool, parts: list[Code]) -> Code:
        """`and`, `or`: whatever is not true counts as false (X-8)."""
        if every:
            return lambda inputs: all(part(inputs) is True for part in parts)
        return lambda inputs: any(part(inputs) is True for part in parts)

    def choice(self, node: Call) -> Code:
        """`if` and `ifs`; branches not taken are not evaluated (X-5)."""
        parts = [self.code(argument) for argument in node.arguments]
        otherwise = parts.pop() if len(parts) % 2 else None
        branches = list(zip(parts[::2], parts[1::2], strict=True))

        def run(inputs: Inputs) -> Any:
            for condition, result in branches:
                if condition(inputs) is True:
                    return result(inputs)
            return None if otherwise is None else otherwise(inputs)

        return run

    def call(self, node: Call) -> Code:
        function, clock = functions.FUNCTIONS[node.function], self.clock
        parts = [self.code(argument) for argument in node.arguments]
        makes_text = node.function == "string"

        def run(inputs: Inputs) -> Any:
            arguments = [part(inputs) for part in parts]
            if makes_text and isinstance(arguments[0], list):
                self.spend(_size(arguments[0]), node.at)
            return function(clock, *arguments)

        return self.located(run, node.at)

    def located(self, run: Code, at: int) -> Code:
        """The same code, whose failures name the place in the formula.

        What goes beyond the numbers or the calendar is undefined, like any failed operation.
        """

        def guarded(inputs: Inputs) -> Any:
            try:
                return run(inputs)
            except Failure as failure:
                raise FormulaError(failure.code, failure.message, self.text, at) from None
            except OverflowError:
                return None

        return guarded

    def let(self, node: Let) -> Code:
        bindings = [(name, self.code(value)) for name, value in node.bindings]
        body = self.code(node.body)

        def run(inputs: Inputs) -> Any:
            scope = dict(inputs)
            for name, value in bindings:
                scope[name] = value(scope)
            return body(scope)

        return run

    def each(self, node: Each) -> Code:
        source, body, name = self.code(node.source), self.code(node.body), node.name
        collect = _EACH[node.function]

        def run(inputs: Inputs) -> Any:
            items = source(inputs)
            if not isinstance(items, list):
                return None
            self.spend(len(items), node.at)
            scope = dict(inputs)

            def apply(item: Any) -> Any:
                scope[name] = item
                return body(scope)

            found = collect(items, apply)
            if isinstance(found, list):
                self.spend(_size(found), node.at)
            return found

        return run


def _size(value: Any) -> int:
    """How many values are in a list, those in lists in it included; stops beyond the budget."""
    count, stack = 0, [value]
    while stack and count <= MAX_STEPS:
        inner = stack.pop()
        count += len(inner)
        stack.extend(item for item in inner if isinstance(item, list))
    return count


_EACH: Final[dict[str, Callable[[list[Any], Callable[[Any], Any]], Any]]] = {
    "any": lambda items, apply: any(apply(item) is True for item in items),
    "all": lambda items, apply: all(apply(item) is True for item in items),
    "filter": lambda items, apply: [item for item in items if apply(item) is True],
    "map": lambda items, apply: [apply(item) for item in items],
}
