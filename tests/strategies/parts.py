"""Names, values, properties, filters, cohorts and breakdowns of generated questions."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from mpnb.query.breakdown import CohortBreakdown, GroupBy
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertyInput
from mpnb.query.filter import Filter
from mpnb.query.frequency import FrequencyBreakdown, FrequencyFilter
from mpnb.query.step import (
    HoldingConstant,
)

Args = dict[str, Any]
STRANGE = (
    "Signup",
    "View Item",
    "$email",
    "it's",
    'say "hi"',
    "back\\slash",
    "50% off",
    "<img onerror=x>",
    "Ünïcode 日本語",
    "emoji 🎉",
    "# no comment",
    "a -> b, c",
    "{{value}}",
    "where",
    "and or not",
    "A",
    "1st",
    "x.y[0]",
    "None",
)

names = st.one_of(
    st.sampled_from(STRANGE),
    st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=8),
)
texts = names | st.sampled_from(("US", "premium", "two words", " padded "))
ids = st.integers(1, 99_999)
whole = st.integers(-1_000, 1_000)
numbers = whole | st.floats(-1e6, 1e6).map(lambda x: round(x, 3) + 0.0)
days = st.dates(date(2019, 1, 1), date(2024, 12, 31)).map(str)
day_pairs = st.tuples(days, days).map(sorted)
number_pairs = st.tuples(numbers, numbers).map(sorted)
whose = st.sampled_from(("events", "people"))


def keywords(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Args]:
    """Any of the keyword arguments, each there or not."""
    return st.fixed_dictionaries({}, optional=optional)


def plain(part: Any) -> Any:
    """The name alone of a part that says no more, as a behavior read from params holds it."""
    name = part.property if isinstance(part, HoldingConstant) else part.event
    return name if part == type(part)(name) else part


def many(part: st.SearchStrategy[Any], least: int = 1, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(part, min_size=least, max_size=most)


# --- properties ---------------------------------------------------------------------------------

INPUT_TYPES = ("string", "number", "boolean", "datetime", "list")
FORMULAS = {
    "A": "A",
    "LOWER(A)": "A",
    "A * B": "AB",
    'IF(A > 10, "late", "early")': "A",
    "(A + B) / C": "ABC",
}
inputs = st.builds(
    PropertyInput, names, st.sampled_from(INPUT_TYPES), st.sampled_from(("event", "user"))
)


@st.composite
def inline_properties(draw: Any, kinds: tuple[Any, ...] = (None, "string", "number")) -> Any:
    formula = draw(st.sampled_from(sorted(FORMULAS)))
    given = {letter: draw(inputs) for letter in FORMULAS[formula]}
    return InlineCustomProperty(formula, given, draw(st.sampled_from(kinds)), draw(whose))


custom_refs = st.builds(CustomPropertyRef, ids)


# --- filters ------------------------------------------------------------------------------------

UNITS = ("hour", "day", "week", "month")
values = st.one_of(texts, many(texts, 1, 3))
relative = st.tuples(st.integers(1, 90), st.sampled_from(UNITS))

TEXT = ("contains", "not_contains", "starts_with", "ends_with")
COMPARE = ("greater_than", "less_than", "at_least", "at_most")
DATES = ("on", "not_on", "before", "since")
RELATIVE = ("in_the_last", "not_in_the_last", "in_the_next")

FILTER_FORMS: dict[str, tuple[str, st.SearchStrategy[tuple[Any, ...]]]] = {
    **{name: ("string", st.tuples(values)) for name in ("equals", "not_equals")},
    **{name: ("string", st.tuples(texts)) for name in TEXT},
    **{name: ("number", st.tuples(numbers)) for name in COMPARE},
    **{name: ("number", number_pairs.map(tuple)) for name in ("between", "not_between")},
    **{name: ("string", st.just(())) for name in ("is_set", "is_not_set")},
    **{name: ("boolean", st.just(())) for name in ("is_true", "is_false")},
    **{name: ("datetime", st.tuples(days)) for name in DATES},
    **{name: ("datetime", day_pairs.map(tuple)) for name in ("date_between", "date_not_between")},
    **dict.fromkeys(RELATIVE, ("datetime", relative)),
}
"""Factory → the type of property that it asks of, and its arguments after the property."""


@st.composite
def simple_filters(
    draw: Any, forms: tuple[str, ...] = tuple(FILTER_FORMS), custom: bool = True
) -> Filter:
    """A filter on one property; ``custom`` allows saved and computed properties."""
    form = draw(st.sampled_from(forms))
    kind, arguments = FILTER_FORMS[form]
    property = names
    if custom:
        property = names | custom_refs | inline_properties((None, kind))
    prop = draw(property)
    extra = {} if isinstance(prop, InlineCustomProperty) else draw(keywords(resource_type=whose))
    made: Filter = getattr(Filter, form)(prop, *draw(arguments), **extra)
    return made


plain_filters = simple_filters(custom=False)
COHORT_FORMS = (
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    "greater_than",
    "less_than",
    "between",
    "is_set",
    "is_not_set",
)
"""Filters that a cohort can ask of an event."""
cohort_event_filters = simple_filters(COHORT_FORMS, custom=False)


@st.composite
def list_filters(draw: Any) -> Filter:
    inner = draw(many(simple_filters(custom=False), 1, 2))
    how = draw(keywords(quantifier=st.sampled_from(("any", "all")), resource_type=whose))
    return Filter.list_contains(draw(names), *inner, **how)


@st.composite
def criteria(draw: Any) -> CohortCriteria:
    form = draw(st.sampled_from(("did", "did_not", "has", "set", "not_set", "in", "not_in")))
    if form in ("did", "did_not"):
        window = draw(
            st.one_of(
                keywords_of(within_days=st.integers(1, 90)),
                keywords_of(within_weeks=st.integers(1, 12)),
                keywords_of(within_months=st.integers(1, 12)),
                day_pairs.map(lambda pair: {"from_date": pair[0], "to_date": pair[1]}),
            )
        )
        if form == "did_not":
            return CohortCriteria.did_not_do_event(draw(names), **window)
        often = draw(st.sampled_from(("at_least", "at_most", "exactly")))
        more = draw(keywords(where=cohort_event_filters | many(cohort_event_filters)))
        if draw(st.booleans()):
            aggregations = ("total", "unique", "average", "min", "max", "median")
            more["aggregation"] = draw(st.sampled_from(aggregations))
            more["aggregation_property"] = draw(names)
        return CohortCriteria.did_event(
            draw(names), **{often: draw(st.integers(0, 20))}, **window, **more
        )
    if form == "has":
        value = draw(texts | whole)
        operators = (
            "equals",
            "not_equals",
            "contains",
            "not_contains",
            "greater_than",
            "less_than",
        )
        kinds = ("string", "number", "boolean", "datetime", "list")
        how = keywords(operator=st.sampled_from(operators), property_type=st.sampled_from(kinds))
        return CohortCriteria.has_property(draw(names), value, **draw(how))
    if form in ("set", "not_set"):
        make = CohortCriteria.property_is_set
        return (make if form == "set" else CohortCriteria.property_is_not_set)(draw(names))
    make_in = CohortCriteria.in_cohort if form == "in" else CohortCriteria.not_in_cohort
    return make_in(draw(ids))


def keywords_of(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[Args]:
    """All of the keyword arguments."""
    return st.fixed_dictionaries(given)


def _joined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[CohortDefinition]:
    some = many(parts, 1, 2)
    return st.builds(lambda p: CohortDefinition.all_of(*p), some) | st.builds(
        lambda p: CohortDefinition.any_of(*p), some
    )


definitions = _joined(criteria()) | _joined(criteria() | _joined(criteria()))
cohorts = ids | definitions
cohort_filters = st.builds(
    lambda made, cohort, name: (Filter.in_cohort if made else Filter.not_in_cohort)(cohort, name),
    st.booleans(),
    cohorts,
    st.none() | names,
)
filters = simple_filters() | list_filters() | cohort_filters


@st.composite
def frequency_filters(draw: Any) -> FrequencyFilter:
    operators = ("is at least", "is at most", "is greater than", "is less than", "is equal to")
    more = draw(keywords(operator=st.sampled_from(operators), label=names))
    if draw(st.booleans()):
        more["date_range_value"] = draw(st.integers(1, 90))
        more["date_range_unit"] = draw(st.sampled_from(("day", "week", "month")))
    if draw(st.booleans()):
        more["event_filters"] = draw(many(plain_filters))
    return FrequencyFilter(draw(names), draw(st.integers(0, 20)), **more)


# --- breakdowns ---------------------------------------------------------------------------------


@st.composite
def group_bys(draw: Any) -> GroupBy:
    if draw(st.booleans()):
        kind = draw(st.sampled_from(("string", "number", "boolean", "datetime")))
        return GroupBy.list_item(draw(names), draw(names), sub_type=kind, resource_type=draw(whose))
    kind = draw(st.sampled_from(("string", "number", "boolean", "datetime")))
    prop = draw(names | custom_refs | inline_properties((kind,)))
    resource = "events" if isinstance(prop, InlineCustomProperty) else draw(whose)
    if kind == "number" and draw(st.booleans()):
        low = draw(st.integers(0, 100))
        size = draw(st.integers(1, 50))
        high = low + draw(st.integers(1, 500))
        return GroupBy(prop, kind, size, low, high, resource_type=resource)
    return GroupBy(prop, kind, resource_type=resource)


cohort_breakdowns = st.builds(CohortBreakdown, cohorts, name=names, include_negated=st.booleans())
frequency_breakdowns = st.builds(
    lambda event, size, low, more, label: FrequencyBreakdown(event, size, low, low + more, label),
    names,
    st.integers(1, 5),
    st.integers(0, 5),
    st.integers(1, 20),
    st.none() | names,
)
breakdowns = names | group_bys() | cohort_breakdowns
any_breakdowns = breakdowns | frequency_breakdowns
