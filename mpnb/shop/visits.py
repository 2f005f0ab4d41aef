"""When people come: one row per visit, with its start and what the visitor does in it.

Enters: the people. Leaves: arrays of one length, sorted by person and time. A visit is not a
stored thing; only its events are (see `events`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpnb.shop.noise import Flags, Floats, Ints, between, pick, uniform
from mpnb.shop.people import DAYS, WEEKDAY, People, weekday

MOST_VISITS = 40

HOURS = [2, 1, 1, 1, 1, 2, 3, 5, 6, 6, 6, 6, 7, 7, 6, 6, 6, 7, 9, 11, 12, 11, 8, 4]
"""How the visits of a day spread over its hours."""

VERSIONS = ["3.0.0", "3.1.0", "3.2.0", "3.2.1"]
VERSION_DAYS = [0, 59, 130, 144]
"""Day on which each version of the app came out; 3.2.0 had a payment bug on Android."""


@dataclass(frozen=True)
class Visits:
    """One row per visit."""

    person: Ints
    first: Flags
    """Whether the person signs up in this visit."""
    day: Ints
    second: Ints
    """Start of the visit, seconds after midnight UTC."""
    version: Ints
    searches: Ints
    views: Ints
    carts: Ints
    """Items put into the cart."""
    checkout: Flags
    purchase: Flags
    support: Flags
    cancel: Flags


def _calendar(people: People) -> tuple[Ints, Ints, Ints]:
    """(person, number of the visit, day) of every visit inside the half-year.

    The gaps between visits grow with each visit, which gives retention curves their bend.
    """
    person = np.repeat(np.arange(len(people.joined)), MOST_VISITS)
    number = np.tile(np.arange(MOST_VISITS), len(people.joined))
    index = person * MOST_VISITS + number
    keen = people.keenness[person]
    gap = np.ceil(-np.log1p(-uniform("gap", index)) * (1.6 + 0.55 * number) / keen)
    gap[number == 0] = 0
    gap[(number == 1) & (uniform("next day", index) < 0.3)] = 1
    since = np.cumsum(gap.reshape(-1, MOST_VISITS), axis=1).reshape(-1).astype(np.int64)
    day = people.joined[person] + since
    stays = uniform("comes back", index) < np.clip(0.80 + 0.07 * keen, 0, 0.95)
    stays[number == 0] = True
    alive = np.minimum.accumulate(stays.reshape(-1, MOST_VISITS), axis=1).reshape(-1)
    quiet = uniform("quiet day", index) > WEEKDAY[weekday(day)] / WEEKDAY.max()
    quiet[number == 0] = False
    keep = alive & (day >= 0) & (day < DAYS) & ~quiet
    return person[keep], number[keep], day[keep]


def _goes_on(stream: str, index: Ints, probability: Floats) -> Flags:
    return uniform(stream, index) < np.clip(probability, 0, 0.97)


def _geometric(stream: str, index: Ints, again: Floats | float, most: int) -> Ints:
    """How often something is repeated when each time leads to another with chance `again`."""
    u = 1 - uniform(stream, index)
    return np.minimum(np.floor(np.log(u) / np.log(again)), most).astype(np.int64)


def visits(people: People) -> Visits:
    """Make every visit."""
    person, number, day = _calendar(people)
    index = person * MOST_VISITS + number
    platform, keen = people.platform[person], people.keenness[person]
    version = np.searchsorted(VERSION_DAYS, day, side="right").astype(np.int64) - 1
    buyer = keen * np.array([1.0, 1.18, 0.88])[platform]
    views = _geometric("views", index, 0.68, 9)
    carts = np.where(views > 0, _geometric("carts", index, np.clip(0.24 * buyer, 0.05, 0.6), 4), 0)
    carts = np.minimum(carts, views)
    checkout = (carts > 0) & _goes_on("checkout", index, 0.52 + 0.1 * buyer)
    usual = 0.66 + 0.1 * buyer - 0.05 * (people.country[person] == 3)
    paid: Floats = np.where((platform == 2) & (version == 2), 0.31, usual)
    purchase = checkout & _goes_on("purchase", index, paid)
    trouble: Floats = np.where(checkout & ~purchase, 0.112, 0.012)
    subscriber = people.plan[person] > 0
    return Visits(
        person=person,
        first=(number == 0) & (people.joined[person] >= 0),
        day=day,
        second=pick("hour", index, [float(h) for h in HOURS]) * 3600
        + between("second", index, 0, 3599),
        version=version,
        searches=_geometric("searches", index, 0.4, 5),
        views=views,
        carts=carts,
        checkout=checkout,
        purchase=purchase,
        support=_goes_on("support", index, trouble),
        cancel=subscriber & (number > 1) & _goes_on("cancel", index, np.full(len(index), 0.018)),
    )
