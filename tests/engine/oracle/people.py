"""Section 10: which profiles, in which order, and aggregates over them."""

from __future__ import annotations

import math
from typing import Any

from tests.engine.oracle.cohorts import members
from tests.engine.oracle.data import World
from tests.engine.oracle.filters import Filters
from tests.engine.oracle.values import numeric, quantile
from tests.engine.oracle.words import Part, many


class People:
    """One question about profiles."""

    def __init__(self, here: World, asked: Part) -> None:
        self.here, self.asked, self.filters = here, asked, Filters(here)
        as_of = asked.as_of
        self.asof = here.now if as_of is None else as_of * 1000

    def ids(self) -> list[str]:
        """Who is meant, in the order of their ids."""
        found = set(self.here.profiles)
        if self.asked.cohort is not None:
            inside = members(self.filters, self.asked["cohort"], self.asof)
            found = inside if self.asked.include_all_users else found & inside
        chosen = [user for user in found if self.passes(user)]
        wanted = many(self.asked.distinct_id) or self.asked.distinct_ids
        if wanted is not None:
            chosen = [user for user in chosen if user in wanted]
        if self.asked.search:
            chosen = [user for user in chosen if self.mentions(user, self.asked["search"].lower())]
        return sorted(chosen)

    def passes(self, user: str) -> bool:
        return all(self.fits(user, one) for one in many(self.asked.where))

    def fits(self, user: str, given: Part) -> bool:
        if given.kind == "Filter.in_cohort":  # U-10: its windows count back from as_of
            return user in members(self.filters, given["cohort"], self.asof)
        return self.filters.user(user, given)

    def mentions(self, user: str, text: str) -> bool:
        values = [user, *self.here.profiles.get(user, {}).values()]
        return any(isinstance(value, str) and text in value.lower() for value in values)

    def sorted(self) -> list[str]:
        """U-3."""
        ids, by = self.ids(), self.asked.sort_by
        if by is None:
            return ids
        down = self.asked.get("sort_order", "descending") == "descending"
        held = {user: self.here.profile(user, by) for user in ids}
        missing = [user for user in ids if held[user] is None]
        numbers = [user for user in ids if _is_number(held[user])]
        texts = [user for user in ids if isinstance(held[user], str)]
        numbers.sort(key=lambda user: held[user], reverse=down)  # stable: ties stay by id
        texts.sort(key=lambda user: held[user], reverse=down)
        return [*(texts + numbers if down else numbers + texts), *missing]

    def aggregate(self, users: list[str]) -> Any:
        """U-5."""
        how = self.asked.get("aggregate", "count")
        if how == "count":
            return len(users)
        held = [self.here.profile(user, self.asked["aggregate_property"]) for user in users]
        values = [n for value in held for n in numeric(value)]
        if how == "extremes":
            return {"min": min(values, default=None), "max": max(values, default=None)}
        if how == "percentile":
            percent = self.asked["percentile"]
            return {"percentile": percent, "result": quantile(values, percent)}
        n = len(values)
        mean = math.fsum(values) / n if n else None
        return {
            "count": n,
            "mean": mean,
            "var": math.fsum((v - mean) ** 2 for v in values) / n if mean is not None else None,
            "sum_of_squares": math.fsum(v * v for v in values),
        }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def unsortable(people: People) -> bool:
    """Whether values are of types that no rule puts in order."""
    held = [people.here.profile(user, people.asked.sort_by or "") for user in people.ids()]
    return any(v is not None and not isinstance(v, str) and not _is_number(v) for v in held)
