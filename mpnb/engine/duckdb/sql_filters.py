"""Filters as SQL over the views `events` and `users`: what people see, and what tests compare with.

Filters enter, a sqlglot condition leaves whose literals sqlglot escapes. The surprise: an operator
means different SQL for different columns, because a cast that the semantics make is written out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlglot import exp

from mpnb.engine.duckdb import predicates, sources
from mpnb.engine.duckdb.operands import Span, Texts
from mpnb.engine.duckdb.predicates import Condition
from mpnb.engine.duckdb.values import MS_FROM, number_text, shortest_number
from mpnb.errors import NotSupportedError
from mpnb.query.filter import Filter

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Kind = Literal["number", "text", "boolean", "time", "nothing"]
_NUMBER_PATTERN: Final = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"


@dataclass(frozen=True)
class _Column:
    """A column of a view and what its values are."""

    kind: Kind
    sql: exp.Expr


def where(store: Store, filters: Sequence[Filter], combinator: str = "all") -> exp.Expr:
    """The condition on rows of the view `events` that the filters make.

    Args:
        store: says which columns there are and what type they have.
        filters: conditions on event and profile properties.
        combinator: "all" of them or "any" one.

    Raises:
        NotSupportedError: a filter has no short form in SQL (cohorts, formulas, list properties).
    """
    parts = [_one(store, filter_) for filter_ in filters]
    if not parts:
        return exp.true()
    return exp.and_(*parts) if combinator == "all" else exp.or_(*parts)


def where_users(store: Store, filters: Sequence[Filter]) -> exp.Expr:
    """The condition on the view `users` that filters make which all read the profile."""
    parts = []
    for filter_ in filters:
        name, wanted = _asked(store, filter_)
        parts.append(_condition(_profile_column(store, name), wanted))
    return exp.and_(*parts) if parts else exp.true()


def count(
    store: Store, event: str | None, filters: Sequence[Filter], combinator: str = "all"
) -> exp.Select:
    """A statement that counts the rows of an event (None: of all) that pass the filters."""
    condition = where(store, filters, combinator)
    if event is not None:
        code = store.event_code(event)
        named = exp.false() if code is None else exp.column("e").eq(code)
        condition = exp.and_(named, condition)
    return exp.select(exp.Count(this=exp.Star())).from_("events").where(condition)


def _asked(store: Store, filter_: Filter) -> tuple[str, Condition]:
    """The property that a filter names, and its condition."""
    if not isinstance(filter_._property, str) or filter_._property == "$cohorts":
        raise NotSupportedError("A custom property or a cohort has no short form in SQL.")
    return filter_._property, predicates.condition(filter_, sources.clock(store))


def _one(store: Store, filter_: Filter) -> exp.Expr:
    name, wanted = _asked(store, filter_)
    if filter_._resource_type != "people":
        return _condition(_event_column(store, name), wanted)
    column = _profile_column(store, name)
    passing = exp.select("u").from_("users").where(_condition(column, wanted))
    inside = exp.column("u").isin(query=passing)
    # Rows without a user pass whatever an undefined value passes.
    known = exp.LT(this=exp.column("u"), expression=exp.Literal.number(store.n_users))
    return exp.and_(known, inside) if not wanted.holds(None) else exp.or_(exp.not_(known), inside)


def _event_column(store: Store, name: str) -> _Column:
    if name in sources.TIME_NAMES:
        return _Column("time", exp.column("t"))
    return _typed(store.column(name), store.sql_names.get(name), name)


def _profile_column(store: Store, name: str) -> _Column:
    return _typed(store.profile_column(name), store.sql_profile_names.get(name), name)


def _typed(column: Any, sql_name: str | None, name: str) -> _Column:
    if column is None:
        return _Column("nothing", exp.null())
    kinds = {float} if column.kind == "number" else {type(v) for v in column.values[1:]}
    for types, kind in _TYPES:
        if kinds <= types and sql_name is not None:
            return _Column(kind, exp.column(sql_name, quoted=True))
    raise NotSupportedError(
        f"Property {name!r} has no short form in SQL: its values are of several types or lists."
    )


_TYPES: Final[tuple[tuple[frozenset[type], Kind], ...]] = (
    (frozenset({str}), "text"),
    (frozenset({bool}), "boolean"),
    (frozenset({int, float}), "number"),
)


def _condition(column: _Column, wanted: Condition) -> exp.Expr:
    if wanted.positive is not None:
        positive = _condition(column, wanted.positive)
        return exp.not_(exp.Coalesce(this=exp.paren(positive), expressions=[exp.false()]))
    make = _ROWS.get(wanted.key[0])
    if make is None:
        raise NotSupportedError(f"{wanted.key[0]!r} has no short form in SQL.")
    return make(column, wanted.operand)


# --- values as another type ---------------------------------------------------------------------


def _text(column: _Column) -> exp.Expr:
    if column.kind in ("text", "nothing"):
        return exp.func("lower", column.sql)
    if column.kind == "boolean":
        return exp.cast(column.sql, "VARCHAR")
    raise NotSupportedError(
        "Text operators on numbers and times have no short form in SQL; the engine writes numbers "
        "in their shortest decimal form."
    )


def _number(column: _Column) -> exp.Expr:
    if column.kind == "text":
        known = exp.func("regexp_full_match", column.sql, exp.Literal.string(_NUMBER_PATTERN))
        cast = exp.TryCast(this=exp.func("trim", column.sql), to=exp.DataType.build("DOUBLE"))
        return exp.Case().when(known, cast)
    if column.kind == "time":
        return exp.Div(this=column.sql, expression=exp.Literal.number("1000.0"))
    return column.sql if column.kind == "number" else exp.cast(column.sql, "DOUBLE")


def _ms(column: _Column) -> exp.Expr:
    """The instant in milliseconds; only of times and numbers, text has too many forms."""
    if column.kind == "time":
        return column.sql
    if column.kind == "nothing":
        return exp.null()
    if column.kind != "number":
        raise NotSupportedError("Dates in text have no short form in SQL.")
    large = exp.GT(this=exp.Abs(this=column.sql), expression=_literal(MS_FROM))
    seconds = exp.Mul(this=column.sql, expression=exp.Literal.number(1000))
    return exp.Case().when(large, column.sql).else_(seconds)


def _literal(number: float) -> exp.Expr:
    text = number_text(abs(number))
    plain = len(text) <= _PLAIN_DIGITS  # a longer one is no number that SQL keeps exactly
    literal: exp.Expr = exp.Literal.number(text) if plain else exp.Literal.string(text)
    literal = literal if plain else exp.cast(literal, "DOUBLE")
    return exp.Neg(this=literal) if number < 0 else literal


_PLAIN_DIGITS: Final = 15


# --- operators ----------------------------------------------------------------------------------


def _equals(column: _Column, wanted: Texts) -> exp.Expr:
    if column.kind == "number":
        alike = set(wanted.numbers)
        for text in wanted.texts:
            number = shortest_number(text)
            if number is not None:
                alike.add(number)
        return _any_of(column.sql, [_literal(number) for number in sorted(alike)])
    found = _any_of(_text(column), [exp.Literal.string(text) for text in sorted(wanted.texts)])
    if column.kind == "boolean" and wanted.booleans:
        natives = [exp.true() if each else exp.false() for each in sorted(wanted.booleans)]
        return exp.or_(found, _any_of(column.sql, natives))
    return found


def _any_of(value: exp.Expr, items: Sequence[exp.Expr]) -> exp.Expr:
    return exp.In(this=value, expressions=list(items)) if items else exp.false()


def _of_text(function: str) -> Callable[[_Column, str], exp.Expr]:
    return lambda column, text: exp.func(function, _text(column), exp.Literal.string(text))


def _compared(kind: type[exp.Binary]) -> Callable[[_Column, float], exp.Expr]:
    return lambda column, bound: kind(this=_number(column), expression=_literal(bound))


def _between(column: _Column, bounds: tuple[float, float]) -> exp.Expr:
    low, high = map(_literal, bounds)
    return exp.Between(this=_number(column), low=low, high=high)


def _outside(column: _Column, bounds: tuple[float, float]) -> exp.Expr:
    return exp.not_(_between(column, bounds))


def _is_set(column: _Column, _: None) -> exp.Expr:
    return exp.not_(exp.Is(this=column.sql, expression=exp.null()))


def _is_true(column: _Column, _: None) -> exp.Expr:
    if column.kind == "text":
        return exp.not_(_is_false(column, None))
    return exp.not_(_number(column).eq(0)) if column.kind == "number" else _is_set_and(column, True)


def _is_false(column: _Column, _: None) -> exp.Expr:
    if column.kind == "text":
        return _any_of(_text(column), [exp.Literal.string(""), exp.Literal.string("false")])
    return _number(column).eq(0) if column.kind == "number" else _is_set_and(column, False)


def _is_set_and(column: _Column, wanted: bool) -> exp.Expr:
    if column.kind == "time":
        return exp.true() if wanted else exp.false()
    return column.sql.eq(exp.true() if wanted else exp.false())


def _in_span(column: _Column, span: Span) -> exp.Expr:
    ms = _ms(column)
    parts: list[exp.Expr] = []
    if span.start != float("-inf"):
        after = exp.GT if span.after_start else exp.GTE
        parts.append(after(this=ms, expression=_literal(span.start)))
    if span.end != float("inf"):
        before = exp.LTE if span.until_end else exp.LT
        parts.append(before(this=ms.copy(), expression=_literal(span.end)))
    inside = exp.and_(*parts)
    return inside if span.inside else exp.not_(exp.paren(inside))


_ROWS: Final[Mapping[str, Callable[[_Column, Any], exp.Expr]]] = {
    "equals": _equals,
    "contains": _of_text("contains"),
    "starts with": _of_text("starts_with"),
    "ends with": _of_text("suffix"),
    "is greater than": _compared(exp.GT),
    "is less than": _compared(exp.LT),
    "is at least": _compared(exp.GTE),
    "is at most": _compared(exp.LTE),
    "is between": _between,
    "not between": _outside,
    "is set": _is_set,
    "true": _is_true,
    "false": _is_false,
    **dict.fromkeys(
        (
            "was on",
            "was not on",
            "was before",
            "was since",
            "was between",
            "was not between",
            "was in the",
            "was not in the",
            "was in the next",
        ),
        _in_span,
    ),
}
"""The positive operators; a negation is written as one."""
