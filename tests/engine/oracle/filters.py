"""Filters of section 5: one value, one filter, true or false.

`holds` tests one value; `Filters` tests rows, users and attempts with the sources of values they have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tests.engine.oracle import expressions
from tests.engine.oracle.calendar import LENGTHS
from tests.engine.oracle.data import Row, World
from tests.engine.oracle.values import day, instant, number, same, text, truth
from tests.engine.oracle.words import Part, many, read

Source = Callable[[str], Any]
TIMES: dict[str, Callable[[float, float], bool]] = {
    "is at least": lambda n, wanted: n >= wanted,
    "is at most": lambda n, wanted: n <= wanted,
    "is greater than": lambda n, wanted: n > wanted,
    "is less than": lambda n, wanted: n < wanted,
    "is equal to": lambda n, wanted: n == wanted,
}
NEGATIVE = {"not_equals": "equals", "not_contains": "contains"}


def holds(here: World, given: Part, value: Any, key: str = "") -> bool:
    """One property filter over one value."""
    operator = key or given.kind.removeprefix("Filter.")
    if operator in NEGATIVE:
        return not holds(here, given, value, NEGATIVE[operator])
    if operator == "is_set":
        return value is not None
    if operator == "is_not_set":
        return value is None
    if operator == "list_contains":
        return _list_contains(here, given, value)
    test = _test(operator)
    if isinstance(value, list):
        return any(item is not None and test(here, given, item) for item in value)
    return value is not None and test(here, given, value)


def _test(operator: str) -> Callable[[World, Part, Any], bool]:
    if operator in ("is_true", "is_false"):
        return lambda here, given, value: truth(value) == (operator == "is_true")
    if operator in TEXTS:
        return lambda here, given, value: _text(here, given, value, TEXTS[operator])
    if operator in NUMBERS:
        return lambda here, given, value: _number(given, value, NUMBERS[operator])
    if operator in DAYS:
        return lambda here, given, value: _day(here, given, value, DAYS[operator])
    return lambda here, given, value: _relative(here, given, value, operator)


TEXTS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda value, wanted: value == wanted,
    "contains": lambda value, wanted: wanted in value,
    "starts_with": lambda value, wanted: value.startswith(wanted),
    "ends_with": lambda value, wanted: value.endswith(wanted),
}
NUMBERS: dict[str, Callable[[float, Part], bool]] = {
    "greater_than": lambda n, given: n > given["value"],
    "less_than": lambda n, given: n < given["value"],
    "at_least": lambda n, given: n >= given["value"],
    "at_most": lambda n, given: n <= given["value"],
    "between": lambda n, given: given["low"] <= n <= given["high"],
    "not_between": lambda n, given: not given["low"] <= n <= given["high"],
}
DAYS: dict[str, Callable[[date, Part], bool]] = {
    "on": lambda d, given: d == _iso(given["value"]),
    "not_on": lambda d, given: d != _iso(given["value"]),
    "before": lambda d, given: d < _iso(given["value"]),
    "since": lambda d, given: d >= _iso(given["value"]),
    "date_between": lambda d, given: _iso(given["low"]) <= d <= _iso(given["high"]),
    "date_not_between": lambda d, given: not _iso(given["low"]) <= d <= _iso(given["high"]),
}


def _iso(given: str) -> date:
    return date.fromisoformat(given)


def _text(here: World, given: Part, value: Any, test: Callable[[str, str], bool]) -> bool:
    for wanted in many(given["value"]):
        if isinstance(wanted, str):
            found = text(value, here.zone)
            if found is not None and test(found.lower(), wanted.lower()):
                return True
        elif same(value, wanted):
            return True
    return False


def _number(given: Part, value: Any, test: Callable[[float, Part], bool]) -> bool:
    found = number(value)
    return found is not None and test(found, given)


def _day(here: World, given: Part, value: Any, test: Callable[[date, Part], bool]) -> bool:
    found = day(value, here.zone)
    return found is not None and test(found, given)


def _relative(here: World, given: Part, value: Any, operator: str) -> bool:
    found = instant(value, here.zone)
    if found is None:
        return False
    at = here.calendar.start(found) if isinstance(found, date) else found
    length = given["value"] * LENGTHS[given["unit"]]
    if operator == "in_the_next":
        return bool(here.now < at <= here.now + length)
    inside = here.now - length <= at <= here.now
    return inside if operator == "in_the_last" else not inside


def _list_contains(here: World, given: Part, value: Any) -> bool:
    inner = [*given["parts"]]
    wanted = {k: v for k, v in given["equals"].items() if k not in ("quantifier", "resource_type")}
    inner += [Part("Filter.equals", {"property": k, "value": v}) for k, v in wanted.items()]
    if not isinstance(value, list) or not value:
        return False

    def fits(item: Any) -> bool:
        return isinstance(item, dict) and all(
            holds(here, f, _key(item, f["property"])) for f in inner
        )

    return (all if given["equals"].get("quantifier") == "all" else any)(map(fits, value))


def _key(item: dict[str, Any], name: Any) -> Any:
    """A key of an item, or a formula over its keys."""
    if isinstance(name, str):
        return item.get(name)
    given = {letter: item.get(one["name"]) for letter, one in name["inputs"].items()}
    return expressions.evaluate(name["formula"], given)


def resource(given: Mapping[str, Any]) -> str:
    """events or people."""
    found = given.get("resource_type") or (given.get("equals") or {}).get("resource_type")
    return found or "events"


class Filters:
    """Filters over rows and users of one world; memberships are computed once."""

    def __init__(self, here: World) -> None:
        self.here = here
        self._members: dict[int, tuple[Any, set[str]]] = {}

    def members(self, given: Any) -> set[str]:
        """C-7: a cohort's members, as of now."""
        from tests.engine.oracle.cohorts import members  # cohorts test properties with filters

        if id(given) not in self._members:
            self._members[id(given)] = (given, members(self, given, self.here.now))
        return self._members[id(given)][1]

    def user(self, user: str | None, given: Part) -> bool:
        """A filter that looks at the user only."""
        if given.kind in ("Filter.in_cohort", "Filter.not_in_cohort"):
            inside = user is not None and user in self.members(given["cohort"])
            return inside == (given.kind == "Filter.in_cohort")
        return holds(self.here, given, self.here.profile(user, given["property"]))

    def of_user(self, given: Part) -> bool:
        return given.kind.endswith("in_cohort") or resource(given) == "people"

    def row(self, row: Row, given: Part, owner: str | None = None) -> bool:
        if self.of_user(given):
            owners: list[str | None] = [owner] if owner is not None else [*row.users] or [None]
            return any(self.user(one, given) for one in owners)
        return holds(self.here, given, self.value(row, given["property"]))

    def value(self, row: Row, name: Any) -> Any:
        """An event's property, or a custom one (X-1)."""
        if isinstance(name, str):
            return row.get(name)
        if name.kind != "InlineCustomProperty":
            raise NotImplementedError(name.kind)
        user = row.users[0] if row.users else None
        given = {letter: self._input(row, user, one) for letter, one in name["inputs"].items()}
        return expressions.evaluate(name["formula"], given)

    def _input(self, row: Row, user: str | None, given: Any) -> Any:
        if given.type == "datetime":
            raise NotImplementedError("a date-time as an input")
        if given.resource_type == "user":
            return self.here.profile(user, given["name"])
        return row.get(given["name"])

    def joined(self, row: Row, filters: Any, combinator: Any, owner: str | None = None) -> bool:
        """F-11: a part's own filters."""
        found = many(filters)
        if not found:
            return True
        how = any if combinator == "any" else all
        return how(self.row(row, one, owner) for one in found)

    def event(self, row: Row, name: Any) -> bool:
        """D-15, D-16: whether a row is of an event."""
        if isinstance(name, list | tuple):
            return any(self.event(row, one) for one in name)
        if isinstance(name, Part):
            name = f"$custom_event:{name['id']}"
        if name in ("$all_events", "$any_event"):
            return not row.virtual
        if name.startswith("$custom_event:"):
            return not row.virtual and self._custom(row, name.partition(":")[2])
        return bool(row.name == name)

    def _custom(self, row: Row, ident: str) -> bool:
        for saved in self.here.saved.get("custom_events", ()):
            if str(saved["id"]) == ident:
                return any(
                    row.name == one["event"]
                    and all(self.row(row, read(f)) for f in one.get("filters", ()))
                    for one in saved["alternatives"]
                )
        raise KeyError(ident)
